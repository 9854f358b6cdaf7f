namespace Meshia.Reports;

/// <summary>A comparison for GitHub: pipe tables, those of many experiments in parts beside which the baseline stands.</summary>
internal static class MarkdownReport
{
    /// <summary>A wider table is cut or scrolled on a page.</summary>
    private const int MostColumns = 6;
    private const string BestSign = "★";

    /// <summary>Writes a comparison.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="comparison">The comparison.</param>
    /// <param name="title">Its heading.</param>
    /// <param name="level">The level of that heading; those of its parts are one below.</param>
    public static void Write(TextWriter writer, ExperimentComparison comparison, string title, int level = 1)
    {
        var columns = ReportColumn.Of(comparison);
        var baseline = columns.First(column => column.IsBaseline);
        writer.Write($"{new string('#', level)} {MarkdownText.Title(title)}\n\n{columns.Count} experiments, measured against {MarkdownText.Code(baseline.Name)}.");
        if (comparison.Tolerance != Tolerance.None.ToString())
            writer.Write($" Numbers within {comparison.Tolerance} of each other are the same.");
        if (comparison.Metrics.Any(row => row.Best.Count > 0))
            writer.Write($" {BestSign} marks the best.");
        if (comparison.Metrics.Any(row => row.Goal is not null))
            writer.Write(" ↓ less is better, ↑ more is better.");
        if (comparison.Metrics.Any(row => row.GoalSource == MetricGoalSource.Guessed))
            writer.Write(" ? guessed from the name.");
        writer.Write("\n\n");
        MarkdownText.WriteTable(writer, ["Experiment", "Id", "Status", "Duration", "Error"], columns.Select(column => (IReadOnlyList<string>)
        [
            NameOf(column),
            MarkdownText.Code(column.Id),
            column.Experiment.Status is { } status ? MarkdownText.Code(status) : MarkdownText.NoValue,
            column.Experiment.Duration is { } duration ? ReportText.Duration(duration) : MarkdownText.NoValue,
            column.Experiment.Error is { } error ? MarkdownText.Code(error) : MarkdownText.NoValue,
        ]), numbersFrom: null);
        WriteRows(writer, $"{new string('#', level + 1)} Metrics", comparison.Metrics, columns);
        WriteRows(writer, $"{new string('#', level + 1)} Configuration", comparison.Config, columns);
    }

    private static void WriteRows(TextWriter writer, string heading, IReadOnlyList<ComparisonRow> rows, IReadOnlyList<ReportColumn> columns)
    {
        writer.Write($"\n{heading}\n\n");
        if (rows.Count == 0)
        {
            writer.Write("No differences.\n");
            return;
        }

        // Many experiments and few keys: a line for each experiment.
        if (columns.Count > MostColumns && rows.Count <= MostColumns)
        {
            MarkdownText.WriteTable(writer, ["Experiment", .. rows.Select(KeyOf)], columns.Select(column => (IReadOnlyList<string>)[NameOf(column), .. rows.Select(row => CellOf(row, column.Id))]), numbersFrom: 1);
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
            MarkdownText.WriteTable(writer, [rows[0].Kind == ComparisonRowKind.Metric ? "Metric" : "Key", .. parts[part].Select(NameOf)], rows.Select(row => (IReadOnlyList<string>)[KeyOf(row), .. parts[part].Select(column => CellOf(row, column.Id))]), numbersFrom: 1);
        }
    }

    private static string NameOf(ReportColumn column) => MarkdownText.Code(column.Name) + (column.IsBaseline ? " (baseline)" : "");

    private static string KeyOf(ComparisonRow row) => MarkdownText.Code(row.Key) + (row.Goal switch
    {
        MetricGoal.Minimize => " ↓",
        MetricGoal.Maximize => " ↑",
        _ => "",
    }) + (row.GoalSource == MetricGoalSource.Guessed ? "?" : "");

    private static string CellOf(ComparisonRow row, string id)
    {
        if (row.Find(id) is not { } value)
            return MarkdownText.NoValue;
        if (value.Number is null)
            return MarkdownText.Code(ReportText.Readable(value.Value));
        var text = ReadableValue.Of(value);
        if (ReportText.Difference(value) is { } difference)
            text = $"{text} ({difference})";
        return value.IsBest ? $"**{text}** {BestSign}" : text;
    }
}
