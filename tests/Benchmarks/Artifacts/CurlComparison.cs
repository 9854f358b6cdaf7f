using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Meshia.Benchmarks;

/// <summary>Downloads the same file from the same server to the same disk, with Meshia and with curl, in turns.</summary>
internal static class CurlComparison
{
    private const int Rounds = 5;
    private const long Large = 2L * 1024 * 1024 * 1024;
    private const long Throttled = 256L * 1024 * 1024;
    private const long ThrottledRate = 8L * 1024 * 1024;

    /// <returns>0 where every goal is reached.</returns>
    public static async Task<int> RunAsync(string folder)
    {
        var work = Directory.CreateDirectory(Path.Combine(folder, $"meshia-benchmark-{Environment.ProcessId}"));
        try
        {
            Console.WriteLine($"{Environment.ProcessorCount} cores, {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 30} GB, .NET {Environment.Version}, {DateTime.UtcNow:yyyy-MM-dd}");
            Console.WriteLine("Medians of the rounds. Both are on the disk when the clock stops: Meshia flushes, curl is followed by sync.");
            Console.WriteLine();
            Console.WriteLine("| what | Meshia | curl | ratio | goal |");
            Console.WriteLine("| --- | ---: | ---: | ---: | ---: |");
            var isFast = await CompareAsync(work.FullName, "2 GB, one connection each", Large, rate: 0, connections: 1, Rounds, atLeast: 0.95);
            var isParallel = await CompareAsync(work.FullName, "256 MB, 8 MB/s for each connection, 4 of Meshia's", Throttled, ThrottledRate, connections: 4, rounds: 1, atLeast: 3);
            return isFast && isParallel ? 0 : 1;
        }
        finally
        {
            work.Delete(recursive: true);
        }
    }

    /// <summary>The seconds of each round, and how far the working set of the downloads grew.</summary>
    public static async Task<(List<double> Ours, List<double> Curl, List<double> Plain, long Growth)> MeasureAsync(string folder, long size, long rate, int connections, int rounds)
    {
        using var server = Start(Environment.ProcessPath!, [.. Program.Self, "serve", Text(size), Text(rate)]);
        var first = (await server.StandardOutput.ReadLineAsync())!.Split(' ');
        var (ours, curl, plain, growth) = (new List<double>(), new List<double>(), new List<double>(), 0L);
        for (var round = 0; round < rounds; round++)
        {
            var report = await SaveAsync(first[0], Path.Combine(folder, "ours"), size, first[1], connections);
            ours.Add(report.Seconds);
            growth = Math.Max(growth, report.WorkingSetGrowth);
            File.Delete(Path.Combine(folder, "ours"));

            var watch = Stopwatch.StartNew();
            await RunAsync("curl", "-s", "-o", Path.Combine(folder, "curl"), $"{first[0]}/file");
            plain.Add(watch.Elapsed.TotalSeconds);
            await RunAsync("sync", Path.Combine(folder, "curl"));
            curl.Add(watch.Elapsed.TotalSeconds);
            File.Delete(Path.Combine(folder, "curl"));
        }

        server.StandardInput.Close();
        await server.WaitForExitAsync();
        return (ours, curl, plain, growth);
    }

    private static async Task<bool> CompareAsync(string folder, string what, long size, long rate, int connections, int rounds, double atLeast)
    {
        var (ours, curl, plain, growth) = await MeasureAsync(folder, size, rate, connections, rounds);
        var ratio = Median(curl) / Median(ours);
        Console.WriteLine(FormattableString.Invariant($"| {what} | {Rate(size, ours)} | {Rate(size, curl)} | {ratio:0.00} | ≥ {atLeast} |"));
        Console.WriteLine(FormattableString.Invariant($"| … against curl that leaves its bytes in the page cache | {Rate(size, ours)} | {Rate(size, plain)} | {Median(plain) / Median(ours):0.00} | |"));
        Console.WriteLine(FormattableString.Invariant($"| … growth of the working set | {growth / 1048576.0:0.0} MB | | | ≤ 48 MB |"));
        return ratio >= atLeast && growth <= 48L * 1024 * 1024;
    }

    private static async Task<DownloadReport> SaveAsync(string origin, string path, long size, string sha256, int connections)
    {
        using var process = Start(Environment.ProcessPath!, [.. Program.Self, "save", $"{origin}/api/v1", path, Text(size), sha256, Text(connections)]);
        var report = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return JsonSerializer.Deserialize<DownloadReport>(report)!;
    }

    public static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Start(program, arguments);
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} ended with {process.ExitCode}.");
    }

    public static Process Start(string program, params string[] arguments) =>
        Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true })!;

    private static string Rate(long size, List<double> seconds) => FormattableString.Invariant($"{size / Median(seconds) / 1_000_000:0} MB/s");

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    public static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
