using System.Text;

namespace Meshia.Reports;

/// <summary>A comparison for GitHub: pipe tables, those of many experiments in parts beside which the baseline stands.</summary>
internal static class MarkdownReport
{
    /// <summary>A wider table is cut or scrolled on a page.</summary>
    private const int MostColumns = 6;
    private const int LongestText = 200;
    private const string NoValue = "–";
    private const string BestSign = "★";

    public static void Write(TextWriter writer, ExperimentComparison comparison, string title)
    {
        var columns = ReportColumn.Of(comparison);
        var baseline = columns.First(column => column.IsBaseline);
        writer.Write($"# {Escape(title)}\n\n{columns.Count} experiments, measured against {Code(baseline.Name)}.");
        if (comparison.Tolerance != Tolerance.None.ToString())
            writer.Write($" Numbers within {comparison.Tolerance} of each other are the same.");
        if (comparison.Metrics.Any(row => row.Best.Count > 0))
            writer.Write($" {BestSign} marks the best.");
        if (comparison.Metrics.Any(row => row.Goal is not null))
            writer.Write(" ↓ less is better, ↑ more is better.");
        if (comparison.Metrics.Any(row => row.GoalSource == MetricGoalSource.Guessed))
            writer.Write(" ? guessed from the name.");
        writer.Write("\n\n");
        WriteTable(writer, ["Experiment", "Id", "Status", "Duration", "Error"], columns.Select(column => (IReadOnlyList<string>)
        [
            NameOf(column),
            Code(column.Id),
            column.Experiment.Status is { } status ? Code(status) : NoValue,
            column.Experiment.Duration is { } duration ? ReportText.Duration(duration) : NoValue,
            column.Experiment.Error is { } error ? Code(error) : NoValue,
        ]), numbersFrom: null);
        WriteRows(writer, "Metrics", comparison.Metrics, columns);
        WriteRows(writer, "Configuration", comparison.Config, columns);
    }

    private static void WriteRows(TextWriter writer, string heading, IReadOnlyList<ComparisonRow> rows, IReadOnlyList<ReportColumn> columns)
    {
        writer.Write($"\n## {heading}\n\n");
        if (rows.Count == 0)
        {
            writer.Write("No differences.\n");
            return;
        }

        // Many experiments and few keys: a line for each experiment.
        if (columns.Count > MostColumns && rows.Count <= MostColumns)
        {
            WriteTable(writer, ["Experiment", .. rows.Select(KeyOf)], columns.Select(column => (IReadOnlyList<string>)[NameOf(column), .. rows.Select(row => CellOf(row, column.Id))]), numbersFrom: 1);
            return;
        }

        var baseline = columns.First(column => column.IsBaseline);
        var others = columns.Where(column => !column.IsBaseline).ToList();
        var parts = columns.Count <= MostColumns
            ? [columns]
            : Enumerable.Range(0, (others.Count + MostColumns - 2) / (MostColumns - 1)).Select(part => (IReadOnlyList<ReportColumn>)[baseline, .. others.Skip(part * (MostColumns - 1)).Take(MostColumns - 1)]).ToList();
        for (var part = 0; part < parts.Count; part++)
        {
            if (part > 0)
                writer.Write("\n");
            WriteTable(writer, [rows[0].Kind == ComparisonRowKind.Metric ? "Metric" : "Key", .. parts[part].Select(NameOf)], rows.Select(row => (IReadOnlyList<string>)[KeyOf(row), .. parts[part].Select(column => CellOf(row, column.Id))]), numbersFrom: 1);
        }
    }

    private static void WriteTable(TextWriter writer, IReadOnlyList<string> heading, IEnumerable<IReadOnlyList<string>> lines, int? numbersFrom)
    {
        WriteLine(heading);
        WriteLine([.. heading.Select((_, index) => index >= numbersFrom ? "---:" : "---")]);
        foreach (var line in lines)
            WriteLine(line);

        void WriteLine(IReadOnlyList<string> cells) => writer.Write($"| {string.Join(" | ", cells)} |\n");
    }

    private static string NameOf(ReportColumn column) => Code(column.Name) + (column.IsBaseline ? " (baseline)" : "");

    private static string KeyOf(ComparisonRow row) => Code(row.Key) + (row.Goal switch
    {
        MetricGoal.Minimize => " ↓",
        MetricGoal.Maximize => " ↑",
        _ => "",
    }) + (row.GoalSource == MetricGoalSource.Guessed ? "?" : "");

    private static string CellOf(ComparisonRow row, string id)
    {
        if (row.Find(id) is not { } value)
            return NoValue;
        if (value.Number is null)
            return Code(ReportText.Readable(value.Value));
        var text = ReadableValue.Of(value);
        if (ReportText.Difference(value) is { } difference)
            text = $"{text} ({difference})";
        return value.IsBest ? $"**{text}** {BestSign}" : text;
    }

    /// <summary>A text from the service as code, in which GitHub takes nothing for markup, a link, a mention or an emoji.</summary>
    private static string Code(string text)
    {
        var clean = ReportText.Clean(text);
        if (clean.Length > LongestText)
            clean = ReportText.Clean(clean.Substring(0, LongestText)) + "…";
        if (string.IsNullOrWhiteSpace(clean))
            return "*empty*";
        var isPlain = clean[0] != ' ' && clean[clean.Length - 1] != ' ' && !clean.Any(letter => letter is '`' or '|' or '\\' or '\t' or '\r' or '\n');
        return isPlain ? $"`{clean}`" : $"<code>{Escape(clean)}</code>";
    }

    /// <summary>A text in which each sign is written by its number, so that none is markup.</summary>
    private static string Escape(string text)
    {
        var escaped = new StringBuilder();
        foreach (var letter in ReportText.Clean(text))
        {
            if (letter < 128 && !char.IsLetterOrDigit(letter) && letter != ' ')
                escaped.Append("&#").Append((int)letter).Append(';');
            else
                escaped.Append(letter);
        }

        return escaped.ToString();
    }
}
