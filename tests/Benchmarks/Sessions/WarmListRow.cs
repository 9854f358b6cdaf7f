using System.Globalization;

namespace Meshia.Benchmarks;

/// <summary>A list of 10,000 sessions in a process that has listed before: processor time and memory allocated for each.</summary>
internal static class WarmListRow
{
    private const string Script =
        """
        $me = [Diagnostics.Process]::GetCurrentProcess()
        foreach ($round in 1..$rounds) {
            # Below the limit of requests a minute.
            if ($round % 40 -eq 1) { $env:MESHIA_API_KEY = "msh_$([guid]::NewGuid().ToString('N'))" }
            $me.Refresh(); $cpu = $me.TotalProcessorTime; $bytes = [GC]::GetTotalAllocatedBytes($true)
            $list = Get-MeshiaSession
            $bytes = [GC]::GetTotalAllocatedBytes($true) - $bytes; $me.Refresh()
            [string]::Format([cultureinfo]::InvariantCulture, '{0} {1}', ($me.TotalProcessorTime - $cpu).TotalMilliseconds, $bytes / 1MB)
        }
        """;

    /// <summary>Before the rounds that count, .NET compiles the methods again that run often; that takes about two hundred lists.</summary>
    public static async Task<IReadOnlyList<Row>> MeasureAsync(Bench bench)
    {
        using var server = await ListServer.StartAsync(10_000);
        var (warmUp, rounds) = bench.IsQuick ? (1, 1) : (240, 40);
        var run = await bench.Shell("warm").RunAsync(Bench.ImportModule + $"$rounds = {warmUp + rounds}\n" + Script, server.BaseUri);
        var lines = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(warmUp).Select(line => line.Split(' ').Select(value => double.Parse(value, CultureInfo.InvariantCulture)).ToList()).ToList();
        return
        [
            Row.OfValues("10,000 sessions, warm, CPU", "ms", [.. lines.Select(line => line[0])], 20),
            Row.OfValues("… allocated", "MB", [.. lines.Select(line => line[1])], 15),
        ];
    }
}
