using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Meshia.Benchmarks;

/// <summary>Requests at the limit of 60 a minute, in real time: how long they take over the least possible, and whether a minute had more.</summary>
internal static class LimitRow
{
    private const int Limit = 60;

    public static async Task<IReadOnlyList<Row>> MeasureAsync(Bench bench)
    {
        // All at the same time: they mostly wait.
        var rows = await Task.WhenAll(
            MeasureAsync(bench, processes: 1, isMixed: false, most: 1.05),
            MeasureAsync(bench, processes: bench.IsQuick ? 2 : 8, isMixed: true, most: 1.05),
            MeasureAsync(bench, processes: bench.IsQuick ? 2 : 8, isMixed: false, most: 1.25));
        return rows;
    }

    /// <summary>The requests of one process: reads alone, or in two loops 11 reads, 4 changes and a stop in turn.</summary>
    public static async Task SendAsync(Uri baseUri, string key, int count, bool isMixed)
    {
        using var client = new MeshiaClient(new ApiKey(key), new() { BaseUri = baseUri });
        await Task.WhenAll(Enumerable.Range(0, isMixed ? 2 : 1).Select(async _ =>
        {
            while (Interlocked.Decrement(ref count) is >= 0 and var left)
                await SendOneAsync(isMixed ? left % 16 : 0);
        }));

        Task SendOneAsync(int turn) => turn switch
        {
            < 11 => client.GetSessionAsync("sess_0000000000000000"),
            < 15 => client.SendAsync(HttpMethod.Post, "webhooks/hook_0"),
            _ => client.SendAsync(HttpMethod.Delete, "webhooks/hook_0"),
        };
    }

    private static async Task<Row> MeasureAsync(Bench bench, int processes, bool isMixed, double most)
    {
        var requests = bench.IsQuick ? 4 : 5 * Limit;
        var arrivals = new ConcurrentQueue<TimeSpan>();
        var watch = Stopwatch.StartNew();
        using var listener = ListServer.Listen(ListServer.OneSession, () => arrivals.Enqueue(watch.Elapsed));
        var state = Directory.CreateDirectory(Path.Combine(bench.Folder, $"state-{processes}-{isMixed}")).FullName;
        var key = $"msh_{Guid.NewGuid():N}";
        var all = new List<Process>();
        for (var i = 0; i < processes; i++)
        {
            var count = (requests / processes) + (i < requests % processes ? 1 : 0);
            var start = new ProcessStartInfo(Environment.ProcessPath!, [.. Program.Self, isMixed ? "mix" : "read", ListServer.AddressOf(listener), key, count.ToString(CultureInfo.InvariantCulture)]);
            foreach (var name in new[] { "HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME" })
                start.Environment[name] = state;
            all.Add(Process.Start(start)!);
        }

        foreach (var process in all)
        {
            await process.WaitForExitAsync();
            if (process.ExitCode != 0)
                throw new InvalidOperationException($"A reader ended with {process.ExitCode}.");
            process.Dispose();
        }

        var times = arrivals.Order().ToList();
        if (times.Count != requests)
            throw new InvalidOperationException($"{times.Count} requests arrived instead of {requests}.");
        // As the service counts: it would answer 429 to a request that is the 61st of its last minute.
        var refused = Enumerable.Range(0, Math.Max(0, times.Count - Limit)).Count(i => times[i + Limit] - times[i] < TimeSpan.FromMinutes(1));
        var seconds = (times[^1] - times[0]).TotalSeconds;
        // Sixty a minute, from the first minute on.
        var least = bench.IsQuick ? 0 : requests * 60.0 / Limit;
        var what = $"{requests} {(isMixed ? "reads, changes and stops" : "reads")} at the limit, {processes} process{(processes > 1 ? "es" : "")}";
        return new(
            what,
            Row.Text(seconds, "s"),
            least > 0 ? $"least possible: {Row.Text(least, "s")}" : "below the limit",
            least > 0 ? Row.Text(seconds / least, "×", 2) : "",
            $"{refused} too early",
            $"≤ {Row.Text(most, "×", 2)}, none too early",
            refused == 0 && (least == 0 || seconds / least <= most));
    }
}
