using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Meshia.Benchmarks;

/// <summary>100 experiments of 200 configuration keys and 100 metrics, in the engine: what each step takes beside the fetching.</summary>
internal static class CompareBenchmark
{
    /// <returns>0 where comparing and rendering take less than fetching.</returns>
    public static async Task<int> RunAsync()
    {
        var folder = Directory.CreateTempSubdirectory("meshia-benchmark-");
        try
        {
            using var server = new ExperimentServer(FreePort());
            var times = await MeasureAsync(server.BaseUri, folder.FullName);
            // The comparison's own request is fetching too; it may even take less than the bare one, whose answer becomes objects.
            var computed = Math.Max(0, times["compare"] - times["request"]);
            Console.WriteLine(FormattableString.Invariant($"| fetched: the list of the 100 | {times["fetch"]:0} ms |"));
            Console.WriteLine(FormattableString.Invariant($"| fetched: the service's comparison of them | {times["request"]:0} ms |"));
            Console.WriteLine(FormattableString.Invariant($"| compared, without its request | {computed:0} ms |"));
            foreach (var step in new[] { "show", "html", "md", "csv", "json" })
                Console.WriteLine(FormattableString.Invariant($"| rendered: {step} | {times[step]:0} ms |"));
            return computed + Math.Max(times["show"], times["html"]) < times["fetch"] + times["request"] ? 0 : 1;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>The median of each step, in milliseconds, without the first round.</summary>
    private static async Task<Dictionary<string, double>> MeasureAsync(Uri baseUri, string folder)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Meshia.Shell.dll"), Path.Combine(AppContext.BaseDirectory, "Experiments", "compare.ps1"), "-BaseUri", baseUri.ToString(), "-Folder", folder])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var shown = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
        var lines = (await process.StandardError.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        await shown;
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? lines.Select(line => line.Split(' ')).GroupBy(line => line[0]).ToDictionary(
                step => step.Key, step => step.Skip(1).Select(line => double.Parse(line[1], CultureInfo.InvariantCulture)).Order().ElementAt((step.Count() - 1) / 2))
            : throw new InvalidOperationException(string.Join('\n', lines));
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
