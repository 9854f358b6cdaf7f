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

    private static Dictionary<string, (Uri Service, string Key)> Read(Stream input)
    {
        var left = new Dictionary<string, (Uri Service, string Key)>(StringComparer.Ordinal);
        using var lines = new StreamReader(input, new UTF8Encoding(false));
        while (lines.ReadLine() is { } line)
        {
            var parts = line.Split(' ');
            if (parts.Length == 4 && parts[0] == "+")
                left[Uri.UnescapeDataString(parts[3])] = (new(parts[1]), parts[2]);
            else if (parts.Length == 2 && parts[0] == "-")
                left.Remove(Uri.UnescapeDataString(parts[1]));
        }

        return left;
    }

    private static async Task StopAsync(Dictionary<string, (Uri Service, string Key)> left)
    {
        using var end = new CancellationTokenSource(_longestWork);
        await Task.WhenAll(left.Select(pair => StopAsync(pair.Key, pair.Value.Service, pair.Value.Key, end.Token))).ConfigureAwait(false);
    }

    private static async Task StopAsync(string id, Uri service, string key, CancellationToken cancellationToken)
    {
        using var client = new MeshiaClient(new ApiKey(key), new() { BaseUri = service, RequestTimeout = TimeSpan.FromSeconds(20) });
        while (true)
        {
            try
            {
                await client.StopSessionAsync(id, cancellationToken: cancellationToken).ConfigureAwait(false);
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
}
