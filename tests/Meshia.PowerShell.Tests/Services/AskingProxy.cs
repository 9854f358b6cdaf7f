using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Meshia.PowerShell.Tests;

/// <summary>A proxy with TLS of its own, which asks for a certificate and refuses every request.</summary>
internal sealed class AskingProxy : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly X509Certificate2 _certificate;
    private readonly List<string> _seen = [];

    public AskingProxy(PrivateAuthority authority)
    {
        _certificate = authority.Issue("localhost");
        _listener.Start();
        _ = Task.Run(AcceptAsync);
    }

    public string Address => $"https://localhost:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    public IReadOnlyList<string> Seen
    {
        get
        {
            lock (_seen)
                return [.. _seen];
        }
    }

    /// <summary>How many certificates it was shown.</summary>
    public int Shown { get; private set; }

    public void Dispose()
    {
        _listener.Dispose();
        _certificate.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync();
                using var tls = new SslStream(client.GetStream());
                await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
                {
                    ServerCertificate = _certificate,
                    ClientCertificateRequired = true,
                    RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                    {
                        Shown += certificate is null ? 0 : 1;
                        return certificate is null;
                    },
                });
                using var reader = new StreamReader(tls, Encoding.ASCII);
                var first = await reader.ReadLineAsync() ?? "";
                lock (_seen)
                    _seen.Add(first);
                await tls.WriteAsync("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray());
                await tls.ShutdownAsync();
            }
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException or IOException)
        {
            // The test is over.
        }
    }
}
