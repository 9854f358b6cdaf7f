namespace Meshia.Benchmarks;

/// <summary>The first list of 10,000 sessions in a process: what it takes beyond a script that does nothing.</summary>
internal static class FirstListRow
{
    public static async Task<IReadOnlyList<Row>> MeasureAsync(Bench bench)
    {
        using var server = await ListServer.StartAsync(10_000);
        var runs = await bench.InTurnsAsync(
            bench.Rounds(25),
            server.BaseUri,
            ("meshia", Bench.ImportModule + Measured("$list = Get-MeshiaSession")),
            ("rest", Measured("$list = (Invoke-RestMethod \"$env:MESHIA_BASE_URI/sessions\" -Headers @{ Authorization = \"Bearer $env:MESHIA_API_KEY\" }).sessions")),
            ("floor", Bench.ImportFloor + Measured("$list = Get-FloorSession")));
        var cpu = runs.Select(variant => variant.Select(run => double.Parse(run.Output, System.Globalization.CultureInfo.InvariantCulture)).ToList()).ToList();
        return
        [
            Row.OfPairs("first list of 10,000 in a process, CPU of the command", "ms", cpu[0], "Invoke-RestMethod", cpu[1], 0.35),
            Row.OfPairs("… against the floor", "ms", cpu[0], "floor", cpu[2], 1).WithoutGoal(),
        ];
    }

    private static string Measured(string command) =>
        $$"""
        $me = [Diagnostics.Process]::GetCurrentProcess(); $before = $me.TotalProcessorTime
        {{command}}
        $me.Refresh()
        if (@($list).Count -ne 10000) { throw 'not 10000' }
        ($me.TotalProcessorTime - $before).TotalMilliseconds.ToString([cultureinfo]::InvariantCulture)
        """;
}
