using System.Diagnostics;
using System.Globalization;

namespace Meshia.Benchmarks;

/// <summary>100 experiments of 200 configuration keys and 100 metrics, in the engine: what each step takes beside the fetching.</summary>
internal static class CompareBenchmark
{
    private const int Rounds = 15;

    /// <returns>0 where comparing and rendering take less than fetching.</returns>
    public static async Task<int> RunAsync()
    {
        var folder = Directory.CreateTempSubdirectory("meshia-benchmark-");
        try
        {
            using var sandbox = await FilledSandbox.StartAsync(Path.Combine(folder.FullName, "sandbox"));
            using var http = sandbox.Client();
            using var client = new MeshiaClient(new ApiKey(FilledSandbox.Key), new() { BaseUri = sandbox.BaseUri, RequestsPerMinute = 1_000_000 });
            var fetch = await MedianAsync(async () =>
            {
                foreach (var id in FilledSandbox.Ids)
                    await client.GetExperimentAsync(id);
            });
            var transfer = await MedianAsync(async () =>
            {
                using var response = await http.PostAsync("experiments/compare", FilledSandbox.JsonContent(new { experiment_ids = FilledSandbox.Ids }));
                await response.Content.ReadAsByteArrayAsync();
            });
            var times = await MeasureAsync(sandbox, folder.FullName);
            var computed = times["compare"] - transfer;
            Console.WriteLine(FormattableString.Invariant($"| fetched: the 100, each by its id | {fetch:0} ms |"));
            Console.WriteLine(FormattableString.Invariant($"| fetched: the 100, as one list | {times["list"]:0} ms |"));
            Console.WriteLine(FormattableString.Invariant($"| compared, without the {transfer:0} ms until the sandbox's comparison was there | {computed:0} ms |"));
            foreach (var step in new[] { "show", "html", "md", "csv", "json" })
                Console.WriteLine(FormattableString.Invariant($"| compared and rendered: {step} | {computed + times[step]:0} ms |"));
            return computed + Math.Max(times["show"], times["html"]) < fetch ? 0 : 1;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>The median, in milliseconds, without the first round.</summary>
    private static async Task<double> MedianAsync(Func<Task> step)
    {
        var times = new List<double>();
        for (var round = 0; round <= Rounds; round++)
        {
            var watch = Stopwatch.StartNew();
            await step();
            times.Add(watch.Elapsed.TotalMilliseconds);
        }

        return times.Skip(1).Order().ElementAt(Rounds / 2);
    }

    /// <summary>The median of each step, in milliseconds, without the first round.</summary>
    private static async Task<Dictionary<string, double>> MeasureAsync(FilledSandbox sandbox, string folder)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Meshia.Shell.dll"), Path.Combine(AppContext.BaseDirectory, "Experiments", "compare.ps1"), "-BaseUri", sandbox.BaseUri.ToString(), "-SessionId", sandbox.SessionId, "-Folder", folder])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["MESHIA_API_KEY"] = FilledSandbox.Key },
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
}
