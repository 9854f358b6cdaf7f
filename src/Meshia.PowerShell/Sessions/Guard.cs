using System.ComponentModel;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Meshia.PowerShell;

/// <summary>
/// A second PowerShell that stops this process's sessions when this process is killed. It is told the key and the ids
/// through its standard input and by nothing else; the end of that input means that this process is gone.
/// </summary>
internal static class Guard
{
    /// <summary>The environment variable that switches it off.</summary>
    public const string OffVariable = "MESHIA_NO_GUARD";

#if NET
    /// <summary>
    /// Ends at once and leaves the guard to the system, with its input: a background job of a shell gets /dev/null unless
    /// the input has a number. What a terminal or a runner sends to the whole group must not end it: it ignores signals, and
    /// leaves the group before it loads PowerShell, because nothing ignores SIGKILL. macOS has no setsid; there it leaves a
    /// second later.
    /// </summary>
    private const string Detach = "trap '' INT HUP TERM QUIT; command -v setsid >/dev/null && set -- setsid \"$@\"; exec 3<&0; \"$@\" <&3 >/dev/null 2>&1 3<&- &";
#endif

    /// <summary>What runners look for when they clean up.</summary>
    private static readonly string[] _marks = ["RUNNER_TRACKING_ID", "VSTS_PROCESS_LOOKUP_ID"];

    private static readonly object _gate = new();
    private static Process? _process;
    private static bool _hasTried;

    /// <summary>Starts the guard of this process, if there is none.</summary>
    /// <returns>Why there is none, the first time that it is asked for; else null.</returns>
    public static string? Start()
    {
        lock (_gate)
        {
            if (_hasTried)
                return null;
            _hasTried = true;
            if (Environment.GetEnvironmentVariable(OffVariable) is { Length: > 0 } off && off != "0")
                return null;
            try
            {
                _process = Process.Start(StartInfo());
                return null;
            }
            catch (Exception failure) when (failure is Win32Exception or InvalidOperationException or IOException or PlatformNotSupportedException)
            {
                return $"No second process can watch the session ({failure.Message}). If this process is killed, the session runs until Stop-MeshiaSession -Expired in another process or the idle stop of the service ends it.";
            }
        }
    }

    /// <summary>Has the guard stop a session when this process is gone.</summary>
    public static void Add(MeshiaClient client, string id) =>
        Send($"+ {client.BaseUri.AbsoluteUri} {client.Transport.Key.Reveal()} {Uri.EscapeDataString(id)} {(TryExport(client, out var certificate) ? certificate : "")}");

    /// <summary>Has the guard use another key for the sessions of a key that the service refuses now.</summary>
    public static void Renew(Uri service, ApiKey refused, ApiKey renewed) => Send($"= {service.AbsoluteUri} {refused.Reveal()} {renewed.Reveal()}");

    /// <summary>Has the guard let a session go.</summary>
    public static void Remove(string id) => Send($"- {Uri.EscapeDataString(id)}");

    /// <summary>Tells what the guard cannot do for a client.</summary>
    /// <returns>Null if it can do everything.</returns>
    public static string? CannotProtect(MeshiaClient client) => _process is null || TryExport(client, out _)
        ? null
        : "The private key of the client certificate cannot be exported, so no second process can stop the session. If this process is killed, the session runs until Stop-MeshiaSession -Expired in another process or the idle stop of the service ends it.";

    /// <summary>The client certificate with its key, for the pipe to the guard; an empty text if the client has no certificate.</summary>
    private static bool TryExport(MeshiaClient client, out string text)
    {
        text = "";
        if (client.Transport.Options.ClientCertificate is not { } certificate)
            return true;
        try
        {
            text = Convert.ToBase64String(certificate.Export(X509ContentType.Pkcs12));
            return true;
        }
        catch (CryptographicException)
        {
            // A key of a smart card, or of a store that does not give it away.
            return false;
        }
    }

    private static void Send(string line)
    {
        lock (_gate)
        {
            if (_process is null)
                return;
            try
            {
                var bytes = Encoding.UTF8.GetBytes(line + "\n");
                _process.StandardInput.BaseStream.Write(bytes, 0, bytes.Length);
                _process.StandardInput.BaseStream.Flush();
            }
            catch (IOException)
            {
                // It is gone. The sweep and the deadline remain.
                _process = null;
            }
        }
    }

    private static ProcessStartInfo StartInfo()
    {
        var isWindows = Environment.OSVersion.Platform == PlatformID.Win32NT;
        var shell = PowerShellCommand.Find();
        var script = $"Import-Module '{ModulePath.Replace("'", "''")}'; [Meshia.PowerShell.GuardedSessions]::Run()";
        string[] arguments = [.. shell, "-NoProfile", "-NonInteractive", "-EncodedCommand", Convert.ToBase64String(Encoding.Unicode.GetBytes(script))];
        var start = new ProcessStartInfo
        {
            FileName = isWindows ? arguments[0] : "/bin/sh",
            RedirectStandardInput = true,
            RedirectStandardOutput = isWindows,
            RedirectStandardError = isWindows,
            UseShellExecute = false,
            CreateNoWindow = true,
            WorkingDirectory = Path.GetPathRoot(ModulePath)!,
        };
#if NET
        foreach (var argument in isWindows ? arguments.Skip(1) : ["-c", Detach, "meshia-guard", .. arguments])
            start.ArgumentList.Add(argument);
#else
        // No argument has a quote in it: options, and base64.
        start.Arguments = string.Join(" ", arguments.Skip(1));
#endif
        foreach (var name in (string[])[.. _marks, .. CurrentConnection.SecretVariables])
            start.Environment.Remove(name);
        start.Environment["POWERSHELL_TELEMETRY_OPTOUT"] = "1";
        return start;
    }

    private static string ModulePath => typeof(Guard).Assembly.Location;
}
