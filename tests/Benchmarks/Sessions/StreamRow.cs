using System.Globalization;

namespace Meshia.Benchmarks;

/// <summary>100,000 sessions through a pipeline that keeps none, after a short list: when the first arrives, and how far memory grows.</summary>
internal static class StreamRow
{
    private const string Script =
        """
        $null = Get-MeshiaSession | Select-Object -First 1
        [GC]::Collect()
        $me = [Diagnostics.Process]::GetCurrentProcess()
        $before = $me.PeakWorkingSet64
        $watch = [Diagnostics.Stopwatch]::StartNew()
        $first = 0; $count = 0
        Get-MeshiaSession | ForEach-Object { if (++$count -eq 1) { $first = $watch.Elapsed.TotalMilliseconds } }
        $me.Refresh()
        if ($count -ne 100000) { throw "not 100000 but $count" }
        [string]::Format([cultureinfo]::InvariantCulture, '{0} {1}', $first, ($me.PeakWorkingSet64 - $before) / 1MB)
        """;

    public static async Task<IReadOnlyList<Row>> MeasureAsync(Bench bench)
    {
        using var server = await ListServer.StartAsync(100_000);
        var runs = await bench.InTurnsAsync(bench.Rounds(11), server.BaseUri, ("stream", Bench.ImportModule + Script));
        var lines = runs[0].Select(run => run.Output.Split(' ').Select(value => double.Parse(value, CultureInfo.InvariantCulture)).ToList()).ToList();
        return
        [
            Row.OfValues("100,000 streamed: first object", "ms", [.. lines.Select(line => line[0])], 60),
            Row.OfValues("… growth of the working set's peak", "MB", [.. lines.Select(line => line[1])], 15),
        ];
    }
}
