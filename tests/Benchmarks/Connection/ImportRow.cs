using System.Globalization;

namespace Meshia.Benchmarks;

/// <summary>The import of the module, less that of a module that has only a manifest.</summary>
internal static class ImportRow
{
    private const double MostMilliseconds = 20;

    public static async Task<IReadOnlyList<Row>> MeasureAsync(Bench bench)
    {
        var empty = Path.Combine(bench.Folder, "Empty.psd1");
        await File.WriteAllTextAsync(empty, "@{ ModuleVersion = '1.0' }");
        var runs = await bench.InTurnsAsync(bench.Rounds(25), "http://127.0.0.1:1/api/v1", ("meshia", Timed(Path.Combine(BuiltModule.Folder, "Meshia.psd1"))), ("empty", Timed(empty)));
        var times = runs.Select(variant => variant.Select(run => double.Parse(run.Output, CultureInfo.InvariantCulture)).ToList()).ToList();
        var added = times[0].Zip(times[1], (ours, others) => ours - others).ToList();
        return [Row.OfValues("import, more than an empty manifest", "ms", added, MostMilliseconds, $"{Row.Text(Row.Middle(times[0]), "ms")} and {Row.Text(Row.Middle(times[1]), "ms")}")];
    }

    private static string Timed(string module) =>
        $"$watch = [Diagnostics.Stopwatch]::StartNew(); Import-Module -Name '{module.Replace("'", "''", StringComparison.Ordinal)}'; $watch.Elapsed.TotalMilliseconds.ToString([cultureinfo]::InvariantCulture)";
}
