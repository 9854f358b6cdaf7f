namespace Meshia.Benchmarks;

/// <summary>A script that prints 20 sessions as a table.</summary>
internal static class FirstTableRow
{
    public static async Task<IReadOnlyList<Row>> MeasureAsync(Bench bench)
    {
        using var server = await ListServer.StartAsync(20);
        var runs = await bench.InTurnsAsync(
            bench.Rounds(25),
            server.BaseUri,
            ("meshia", Bench.ImportModule + "Get-MeshiaSession"),
            ("rest", "(Invoke-RestMethod \"$env:MESHIA_BASE_URI/sessions\" -Headers @{ Authorization = \"Bearer $env:MESHIA_API_KEY\" }).sessions | Format-Table"));
        if (runs.SelectMany(variant => variant).Any(run => !run.Output.Contains("run 19", StringComparison.Ordinal)))
            throw new InvalidOperationException("A table is not complete.");
        var cpu = runs.Select(variant => variant.Select(run => run.Cpu.TotalMilliseconds).ToList()).ToList();
        return [Row.OfPairs("first table printed, CPU", "ms", cpu[0], "Invoke-RestMethod \\| Format-Table", cpu[1], 0.95)];
    }
}
