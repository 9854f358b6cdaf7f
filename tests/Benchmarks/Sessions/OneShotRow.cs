namespace Meshia.Benchmarks;

/// <summary>A script that lists 20 sessions and ends.</summary>
internal static class OneShotRow
{
    public const string List = "if (@(Get-MeshiaSession).Count -ne 20) { throw 'not 20' }";
    public const string Rest = "if (@((Invoke-RestMethod \"$env:MESHIA_BASE_URI/sessions\" -Headers @{ Authorization = \"Bearer $env:MESHIA_API_KEY\" }).sessions).Count -ne 20) { throw 'not 20' }";

    public static async Task<IReadOnlyList<Row>> MeasureAsync(Bench bench)
    {
        using var server = await ListServer.StartAsync(20);
        var runs = await bench.InTurnsAsync(
            bench.Rounds(25),
            server.BaseUri,
            ("meshia", Bench.ImportModule + List),
            ("rest", Rest),
            ("floor", Bench.ImportFloor + "if (@(Get-FloorSession).Count -ne 20) { throw 'not 20' }"),
            ("empty", "1"));
        var cpu = runs.Select(variant => variant.Select(run => run.Cpu.TotalMilliseconds).ToList()).ToList();
        var wall = runs.Select(variant => variant.Select(run => run.Wall.TotalMilliseconds).ToList()).ToList();
        return
        [
            Row.OfPairs("one-shot, 20 sessions, CPU", "ms", cpu[0], "Invoke-RestMethod", cpu[1], 0.88),
            Row.OfPairs("… wall time", "ms", wall[0], "Invoke-RestMethod", wall[1], 0.88).WithoutGoal(),
            Row.OfPairs("… CPU, against the floor", "ms", cpu[0], $"floor (empty pwsh {Row.Text(Row.Middle(cpu[3]), "ms")})", cpu[2], 1).WithoutGoal(),
        ];
    }
}
