using System.Runtime.InteropServices;
using System.Text;

namespace Meshia.PowerShell;

/// <summary>What the guard process runs: it waits until its owner is gone, and stops the sessions that the owner left.</summary>
public static class GuardedSessions
{
    private static readonly TimeSpan _longestWork = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(2);

    /// <summary>Reads standard input to its end, then stops what is left. It ends 5 minutes after its owner at the latest.</summary>
    public static void Run()
    {
        if (Environment.OSVersion.Platform != PlatformID.Win32NT)
            _ = NewSession();
        var left = Read(Console.OpenStandardInput());
        if (left.Count > 0)
            StopAsync(left).GetAwaiter().GetResult();
    }

    /// <summary>Leaves the terminal and the process group of the owner.</summary>
    [DllImport("libc", EntryPoint = "setsid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int NewSession();

    private static Dictionary<string, Left> Read(Stream input)
    {
        var left = new Dictionary<string, Left>(StringComparer.Ordinal);
        using var lines = new StreamReader(input, new UTF8Encoding(false));
        while (lines.ReadLine() is { } line)
        {
            var parts = line.Split(' ');
            if (parts.Length == 5 && parts[0] == "+")
                left[Uri.UnescapeDataString(parts[3])] = new(new(parts[1]), parts[2], parts[4]);
            else if (parts.Length == 2 && parts[0] == "-")
                left.Remove(Uri.UnescapeDataString(parts[1]));
            else if (parts.Length == 4 && parts[0] == "=")
                Renew(left, new(parts[1]), parts[2], parts[3]);
        }

        return left;
    }

    private static void Renew(Dictionary<string, Left> left, Uri service, string refused, string renewed)
    {
        foreach (var pair in left.Where(pair => pair.Value.Service == service && pair.Value.Key == refused).ToList())
            left[pair.Key] = pair.Value with { Key = renewed };
    }

    private static async Task StopAsync(Dictionary<string, Left> left)
    {
        using var end = new CancellationTokenSource(_longestWork);
        await Task.WhenAll(left.Select(pair => StopAsync(pair.Key, pair.Value, end.Token))).ConfigureAwait(false);
    }

    private static async Task StopAsync(string id, Left session, CancellationToken cancellationToken)
    {
        using var client = new MeshiaClient(new ApiKey(session.Key), new()
        {
            BaseUri = session.Service,
            RequestTimeout = TimeSpan.FromSeconds(20),
            ClientCertificate = session.Certificate.Length == 0 ? null : ClientCertificateFile.Import(Convert.FromBase64String(session.Certificate), null),
        });
        while (true)
        {
            try
            {
                await client.StopSessionAsync(id, new() { Command = "meshia-guard" }, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (MeshiaException failure) when (failure.Refusal is MeshiaRefusal.NotFound or MeshiaRefusal.InvalidKey)
            {
                return;
            }
            catch (MeshiaException)
            {
                // The service may be back in a moment.
            }
            catch (OperationCanceledException)
            {
                return;
            }

            try
            {
                await Task.Delay(_pause, cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    /// <summary>How to stop a session that the owner left.</summary>
    /// <param name="Service">The address of its service.</param>
    /// <param name="Key">The key of its account.</param>
    /// <param name="Certificate">The client certificate in base64, or the empty text.</param>
    private sealed record Left(Uri Service, string Key, string Certificate);
}
