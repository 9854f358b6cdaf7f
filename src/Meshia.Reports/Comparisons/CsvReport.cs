using System.Numerics;
using System.Text.RegularExpressions;

namespace Meshia.Reports;

/// <summary>
/// A comparison for spreadsheets: a line for each key, a column for each experiment, and one for each difference to the
/// baseline. Numbers have every digit; of a history it is the last one.
/// </summary>
internal static class CsvReport
{
    /// <summary>With what a spreadsheet begins a formula; it takes the wide forms for the same.</summary>
    private const string FormulaSigns = "=+\\-@＝＋－＠";

    /// <summary>What separates cells and lines, also in a spreadsheet of another language, to which quotes within a cell are nothing.</summary>
    private const string Separators = ";\t\r\n";

    private static readonly char[] _quoted = [',', '"', .. Separators];

    /// <summary>The places where a formula may begin: those of a cell's beginning, and those behind a separator.</summary>
    private static readonly Regex _formula = new($"^(?=[{FormulaSigns}\t\r\n])|(?<=[{Separators}])(?=[\" ]*[{FormulaSigns}])");

    /// <summary>The columns after those of the experiments.</summary>
    private static readonly string[] _rest = ["Different", "Goal", "GoalSource", "Best", "Min", "Max", "Mean"];

    public static void Write(TextWriter writer, ExperimentComparison comparison)
    {
        var columns = ReportColumn.Of(comparison);
        var others = columns.Where(column => !column.IsBaseline).ToList();
        WriteLine(["Kind", "Key", .. columns.Select(column => Text(column.Id)), .. others.Select(column => Text(column.Id + " delta")), .. _rest]);
        WriteExperiments("Name", column => Text(column.Experiment.Name));
        WriteExperiments("Status", column => Text(column.Experiment.Status));
        WriteExperiments("Baseline", column => Flag(column.IsBaseline));
        WriteExperiments("DurationSeconds", column => column.Experiment.Duration is { } duration ? Number(duration.TotalSeconds) : "");
        WriteExperiments("CreatedAt", column => column.Experiment.CreatedAt is { } time ? ReportText.Time(time) : "");
        WriteExperiments("CompletedAt", column => column.Experiment.CompletedAt is { } time ? ReportText.Time(time) : "");
        WriteExperiments("Error", column => Text(column.Experiment.Error));
        foreach (var row in comparison.Config.Concat(comparison.Metrics))
        {
            WriteLine(
            [
                row.Kind.ToString(),
                Text(row.Key),
                .. columns.Select(column => ValueOf(row, column.Id)),
                .. others.Select(column => Number(row.Find(column.Id)?.Delta)),
                Flag(row.IsDifferent),
                row.Goal?.ToString() ?? "",
                row.GoalSource?.ToString() ?? "",
                Text(string.Join(" ", row.Best)),
                Number(row.Min),
                Number(row.Max),
                Number(row.Mean),
            ]);
        }

        void WriteExperiments(string key, Func<ReportColumn, string> get) =>
            WriteLine(["Experiment", key, .. columns.Select(get), .. others.Select(_ => ""), .. _rest.Select(_ => "")]);

        // RFC 4180 ends a line with CR LF, on every system.
        void WriteLine(IEnumerable<string> cells) => writer.Write(string.Join(",", cells.Select(Quote)) + "\r\n");
    }

    private static string ValueOf(ComparisonRow row, string id) => row.Find(id) switch
    {
        null => "",
        { Value: long or decimal or BigInteger } found => ReportText.Exact(found.Value),
        { Number: { } number } => Number(number),
        { Value: var value } => Text(ReportText.Exact(value)),
    };

    /// <summary>A number stays a number, also below zero. Other text must not be read as a formula, as -Infinity would be.</summary>
    private static string Number(double? number) => number is not { } value ? ""
        : double.IsNaN(value) || double.IsInfinity(value) ? Text(ReportText.Exact(value))
        : ReportText.Exact(value);

    private static string Flag(bool flag) => flag ? "true" : "false";

    /// <summary>A text that no spreadsheet takes for a formula.</summary>
    private static string Text(string? text)
    {
        var clean = ReportText.Clean(text ?? "");
        return _formula.Replace(clean, "'");
    }

    private static string Quote(string cell) => cell.Length > 0 && (cell.IndexOfAny(_quoted) >= 0 || cell[0] == ' ' || cell[cell.Length - 1] == ' ')
        ? $"\"{cell.Replace("\"", "\"\"")}\""
        : cell;
}
