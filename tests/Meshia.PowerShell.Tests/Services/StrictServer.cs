using System.ComponentModel;
using System.Diagnostics;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Meshia.PowerShell.Tests;

/// <summary>A server of OpenSSL, which tells a client why it ends the handshake.</summary>
internal sealed class StrictServer : IDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();

    public StrictServer(PrivateAuthority authority, string path)
    {
        using var certificate = authority.Issue("localhost");
        using var key = certificate.GetECDsaPrivateKey()!;
        File.WriteAllText(path, $"{certificate.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}\n");
        File.WriteAllText(path + ".ca", authority.Pem);
        var port = Ports.Free();
        Address = $"https://localhost:{port}/api/v1";
        try
        {
            _process = Process.Start(new ProcessStartInfo("openssl", ["s_server", "-accept", $"127.0.0.1:{port}", "-cert", path, "-key", path, "-CAfile", path + ".ca", "-Verify", "1", "-verify_return_error", "-www"])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
        }
        catch (Win32Exception)
        {
            Assert.Skip("There is no openssl here.");
            throw;
        }

        _process.OutputDataReceived += (_, line) => Append(line.Data);
        _process.ErrorDataReceived += (_, line) => Append(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        while (!Text.Contains("ACCEPT", StringComparison.Ordinal))
            Thread.Sleep(20);
    }

    public string Address { get; }

    /// <summary>How many clients it refused.</summary>
    public int Handshakes => Text.Split("routines:tls_process_client_certificate:").Length - 1;

    private string Text
    {
        get
        {
            lock (_output)
                return _output.ToString();
        }
    }

    public void Dispose()
    {
        _process.Kill();
        _process.Dispose();
    }

    private void Append(string? line)
    {
        lock (_output)
            _output.Append(line).Append('\n');
    }
}
