using System.Globalization;

namespace Meshia.Benchmarks;

/// <summary>The first Tab after the import, for the id of a session, with the request that it needs.</summary>
internal static class FirstTabRow
{
    private const string Timed = "$watch = [Diagnostics.Stopwatch]::StartNew(); $found = [System.Management.Automation.CommandCompletion]::CompleteInput($line, $line.Length, $null).CompletionMatches.Count; $time = $watch.Elapsed.TotalMilliseconds; if (-not $found) { throw 'nothing found' }; $time.ToString([cultureinfo]::InvariantCulture)";

    public static async Task<IReadOnlyList<Row>> MeasureAsync(Bench bench)
    {
        using var server = await ListServer.StartAsync(20);
        var runs = await bench.InTurnsAsync(
            bench.Rounds(25),
            server.BaseUri,
            ("meshia", Bench.ImportModule + "$line = 'Get-MeshiaSession -Id '\n" + Timed),
            ("verb", "$line = 'Get-Verb -Group '\n" + Timed));
        var times = runs.Select(variant => variant.Select(run => double.Parse(run.Output, CultureInfo.InvariantCulture)).ToList()).ToList();
        return [Row.OfValues("first Tab, for the id of a session", "ms", times[0], 75, $"Get-Verb -Group: {Row.Text(Row.Middle(times[1]), "ms")}")];
    }
}
