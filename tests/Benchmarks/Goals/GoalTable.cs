using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;

namespace Meshia.Benchmarks;

/// <summary>The table of all goals. The full form writes docs/benchmarks.md; the quick one only shows that each row can be measured.</summary>
internal static class GoalTable
{
    private static readonly (string Name, Func<Bench, Task<IReadOnlyList<Row>>> Measure)[] _rows =
    [
        ("one-shot", OneShotRow.MeasureAsync),
        ("methods", MethodsRow.MeasureAsync),
        ("table", FirstTableRow.MeasureAsync),
        ("list", FirstListRow.MeasureAsync),
        ("warm", WarmListRow.MeasureAsync),
        ("stream", StreamRow.MeasureAsync),
        ("import", ImportRow.MeasureAsync),
        ("tab", FirstTabRow.MeasureAsync),
        ("large", LargeFileRow.MeasureAsync),
        ("small", SmallFilesRow.MeasureAsync),
        ("limit", LimitRow.MeasureAsync),
    ];

    /// <param name="isQuick">One round of each, and less of everything.</param>
    /// <param name="only">The names of the rows to measure; all if empty. Then docs/benchmarks.md stays as it is.</param>
    /// <returns>0 where every row could be measured, whether or not its goal is met.</returns>
    public static async Task<int> RunAsync(bool isQuick, IReadOnlyList<string> only)
    {
        using var bench = new Bench(isQuick);
        var text = new StringBuilder();
        var failed = false;
        Add($"{Host()}; {bench.Build}; {DateTime.UtcNow:yyyy-MM-dd}.");
        Add("");
        Add("| what | Meshia | compared with | ratio | middle half | goal | met |");
        Add("| --- | ---: | ---: | ---: | ---: | ---: | --- |");
        foreach (var (name, measure) in _rows.Where(row => only.Count == 0 || only.Contains(row.Name)))
        {
            try
            {
                foreach (var row in await measure(bench))
                    Add($"| {row.What} | {row.Ours} | {row.Other} | {row.Ratio} | {row.Spread} | {row.Goal} | {row.IsMet switch { true => "yes", false => "**no**", null => "" }} |");
            }
            catch (Win32Exception failure)
            {
                Add($"| {name} | skipped: a program is missing: {failure.Message} | | | | | |");
            }
            catch (Exception failure) when (failure is InvalidOperationException or IOException or FormatException)
            {
                failed = true;
                Add($"| {name} | not measured: {failure.Message.ReplaceLineEndings(" ")} | | | | | **no** |");
            }
        }

        if (!isQuick && only.Count == 0)
            await BenchmarkPage.WriteAsync(text.ToString());
        return failed ? 1 : 0;

        void Add(string line)
        {
            text.Append(line).Append('\n');
            Console.WriteLine(line);
        }
    }

    private static string Host()
    {
        var system = RuntimeInformation.OSDescription;
        return FormattableString.Invariant($"{Environment.ProcessorCount} cores, {Math.Ceiling(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1073741824.0)} GB, {system}, .NET {Environment.Version}");
    }
}
