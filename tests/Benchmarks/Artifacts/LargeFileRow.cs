namespace Meshia.Benchmarks;

/// <summary>One large artifact against curl, both on the disk when the clock stops.</summary>
internal static class LargeFileRow
{
    private const long Full = 2L * 1024 * 1024 * 1024;
    private const long Quick = 16L * 1024 * 1024;

    public static async Task<IReadOnlyList<Row>> MeasureAsync(Bench bench)
    {
        var size = bench.IsQuick ? Quick : Full;
        var times = await CurlComparison.MeasureAsync(bench.Folder, size, rate: 0, connections: 1, bench.Rounds(5));
        var rates = (Ours: RatesOf(times.Ours), Curl: RatesOf(times.Curl));
        var row = Row.OfPairs($"{Row.Text(size / 1048576.0, "MB")} artifact", "MB/s", rates.Ours, "curl and sync", rates.Curl, 1);
        var ratio = Row.Middle([.. rates.Ours.Zip(rates.Curl, (ours, curl) => ours / curl)]);
        return [row with { Goal = "≥ 1.00 ×", IsMet = ratio >= 1 }];

        List<double> RatesOf(List<double> seconds) => [.. seconds.Select(time => size / time / 1_000_000)];
    }
}
