using System.Management.Automation;
using System.Management.Automation.Host;

namespace Meshia.PowerShell;

/// <summary>
/// A comparison in a terminal: a column for each experiment if they fit, a line for each if that fits better, or else parts
/// that each show the baseline. Called by the view of the module.
/// </summary>
public static class ComparisonTable
{
    private const int NarrowestTerminal = 40;
    private const int WithoutTerminal = 120;
    private const int WidestCell = 28;
    private const int NarrowestColumn = 14;
    private const string Separator = " · ";

    /// <summary>Draws it.</summary>
    /// <param name="comparison">A comparison, live or deserialized.</param>
    /// <param name="host">The host, for the width of its terminal.</param>
    /// <param name="style">The session's <c>$PSStyle</c>; null in a shell that has none, which gets no colours.</param>
    /// <returns>Its lines; those without colour that follow each other are one text.</returns>
    public static string[] Draw(PSObject comparison, PSHost? host, object? style)
    {
        var width = 0;
        try
        {
            width = host?.UI?.RawUI?.BufferSize.Width ?? 0;
        }
        catch (HostException)
        {
            // A host without a screen.
        }

        // The last column stays free: a character in it makes some terminals begin a new line.
        var texts = Draw(ComparisonObjectAttribute.Read(comparison), (width > 0 ? Math.Max(width, NarrowestTerminal) : WithoutTerminal) - 1, new TableText(style, host));
        return ConsoleSigns.Fit(texts, ConsoleSigns.OfOutput());
    }

    private static string[] Draw(ExperimentComparison comparison, int width, TableText text)
    {
        var rows = comparison.Config.Concat(comparison.Metrics).ToList();
        // PowerShell adds an empty line before and after.
        if (rows.Count == 0)
        {
            text.Add(FormattableString.Invariant($"{comparison.Experiments.Count} experiments without differences."));
            return text.ToArray();
        }

        var labels = rows.Select(row => new TableCell(Label(row))).ToArray();
        var columns = comparison.Experiments.Select(experiment => new Column(Heading(experiment, comparison), CellsOf(rows, experiment.Id))).ToList();
        var labelWidth = Math.Min(labels.Max(label => label.Width), Math.Max(20, width / 3));
        var breaks = new[] { (0, "Config", comparison.Config.Count), (comparison.Config.Count, "Metrics", comparison.Metrics.Count) };

        if (!Fits(labelWidth, columns, width))
            columns = [.. columns.Select(column => column.Narrowed)];
        // If columns of one letter are too wide already, nothing needs to be drawn to know it.
        var mayTurn = !Fits(labelWidth, columns, width) && rows.Count * (TableText.Gap.Length + 1) < width;
        List<Column> across = mayTurn ? [.. rows.Select((_, index) => new Column([labels[index].Text], [.. columns.Select(column => column.Cells[index])]))] : [];
        var names = comparison.Experiments.Select(experiment => new TableCell(string.Join(" ", Heading(experiment, comparison)))).ToArray();
        var nameWidth = Math.Min(names.Max(name => name.Width), Math.Max(20, width / 3));
        if (mayTurn && Fits(nameWidth, across, width))
        {
            AppendTable(text, names, nameWidth, across, [(0, "", names.Length)]);
        }
        else
        {
            (labelWidth, columns) = Squeeze(labelWidth, columns, IndexOfBaseline(comparison), width);
            foreach (var page in Pages(columns, IndexOfBaseline(comparison), width - labelWidth))
                AppendTable(text, labels, labelWidth, page, breaks);
        }

        foreach (var line in Legend(comparison, width))
            text.Add(line);
        return text.ToArray();
    }

    private static bool Fits(int labelWidth, List<Column> columns, int width) => labelWidth + columns.Sum(column => TableText.Gap.Length + column.Width) <= width;

    private static int IndexOfBaseline(ExperimentComparison comparison) => comparison.Experiments.Select(experiment => experiment.Id).ToList().IndexOf(comparison.BaselineId);

    /// <summary>Widths with which the label, the baseline and any other column fit side by side. The label shrinks first.</summary>
    private static (int LabelWidth, List<Column> Columns) Squeeze(int labelWidth, List<Column> columns, int baseline, int width)
    {
        var widest = columns.Where((_, index) => index != baseline).Select(column => column.Width).DefaultIfEmpty(0).Max();
        var cells = width - (2 * TableText.Gap.Length);
        labelWidth = Math.Min(labelWidth, Math.Max(width / 3, cells - columns[baseline].Width - widest));
        cells -= labelWidth;
        var widthOfBaseline = Math.Min(columns[baseline].Width, Math.Max(cells / 2, cells - widest));
        return (labelWidth, [.. columns.Select((column, index) => column.AtMost(index == baseline ? widthOfBaseline : cells - widthOfBaseline))]);
    }

    /// <summary>As many columns as fit side by side, with the baseline first on each page.</summary>
    private static IEnumerable<List<Column>> Pages(List<Column> columns, int indexOfBaseline, int width)
    {
        var baseline = columns[indexOfBaseline];
        var page = new List<Column> { baseline };
        foreach (var column in columns.Where(column => column != baseline))
        {
            if (page.Count > 1 && page.Sum(other => TableText.Gap.Length + other.Width) + TableText.Gap.Length + column.Width > width)
            {
                yield return page;
                page = [baseline];
            }

            page.Add(column);
        }

        yield return page;
    }

    private static void AppendTable(TableText text, TableCell[] labels, int labelWidth, List<Column> columns, IEnumerable<(int Start, string Title, int Count)> breaks)
    {
        for (var line = 0; line < columns.Max(column => column.Heading.Count); line++)
        {
            text.Begin(new TableCell(""), labelWidth);
            foreach (var column in columns)
                text.Append(new TableCell(line < column.Heading.Count ? ScreenText.Fit(column.Heading[line], column.Width, keepEnd: line == 0) : ""), column.Width);
            text.End();
        }

        foreach (var (start, title, count) in breaks)
        {
            if (title.Length > 0 && count > 0)
                text.AddTitle(title);
            for (var index = start; index < start + count; index++)
            {
                text.Begin(labels[index], labelWidth);
                foreach (var column in columns)
                    text.Append(column.Cells[index], column.Width);
                text.End();
            }
        }

        text.Add("");
        text.EndText();
    }

    private static string Label(ComparisonRow row) => ReadableValue.Clean(row.Key) + row.Goal switch
    {
        MetricGoal.Minimize => " ↓",
        MetricGoal.Maximize => " ↑",
        _ => "",
    } + (row.GoalSource == MetricGoalSource.Guessed ? "?" : "");

    private static List<string> Heading(Experiment experiment, ExperimentComparison comparison)
    {
        var lines = new List<string> { ReadableValue.Clean(experiment.Id) };
        if (!string.IsNullOrEmpty(experiment.Name))
            lines.Add(ReadableValue.Clean(experiment.Name!));
        var state = experiment.Status is null or ExperimentStatus.Completed ? "" : ReadableValue.Clean(experiment.Status);
        lines.Add(experiment.Id == comparison.BaselineId ? $"baseline {state}".TrimEnd() : state);
        return lines;
    }

    private static TableCell[] CellsOf(List<ComparisonRow> rows, string id)
    {
        var cells = new TableCell[rows.Count];
        for (var index = 0; index < cells.Length; index++)
            cells[index] = CellOf(rows[index], id);
        return cells;
    }

    private static TableCell CellOf(ComparisonRow row, string id)
    {
        if (row.Find(id) is not { } value)
            return new("-");
        var number = ReadableValue.Of(value);
        var text = number;
        if (value.History.Count > 0)
            text = $"{ReadableValue.Sparkline(value.History)} {number}".TrimStart();
        else if (value.Percent is { } percent and not 0)
            text = $"{number} ({ReadableValue.OfPercent(percent)})";
        return new(text, value.IsBest, text == number ? null : number);
    }

    private static IEnumerable<string> Legend(ExperimentComparison comparison, int width)
    {
        var parts = new List<string>();
        if (comparison.Metrics.Any(row => row.Best.Count > 0))
            parts.Add($"{TableCell.BestSign} best");
        if (comparison.Metrics.Any(row => row.Goal == MetricGoal.Minimize))
            parts.Add("↓ less is better");
        if (comparison.Metrics.Any(row => row.Goal == MetricGoal.Maximize))
            parts.Add("↑ more is better");
        if (comparison.Metrics.Any(row => row.GoalSource == MetricGoalSource.Guessed))
            parts.Add("? guessed from the name (-Goal says it)");
        parts.Add($"% against {ReadableValue.Clean(comparison.BaselineId)}");
        if (comparison.Tolerance != Tolerance.None.ToString())
            parts.Add($"same within {comparison.Tolerance}");
        var line = "";
        foreach (var part in parts.Select(part => ScreenText.Fit(part, width, keepEnd: false)))
        {
            if (line.Length > 0 && ScreenText.WidthOf(line) + Separator.Length + ScreenText.WidthOf(part) > width)
            {
                yield return line;
                line = "";
            }

            line += line.Length > 0 ? Separator + part : part;
        }

        yield return line;
    }

    private sealed record Column(IReadOnlyList<string> Heading, TableCell[] Cells)
    {
        private readonly int _widestCell = Cells.Max(cell => cell.Width);

        public int Width { get; init; } = Math.Min(WidestCell, Math.Max(Heading.Max(ScreenText.WidthOf), Cells.Max(cell => cell.Width)));

        /// <summary>As wide as its values need. The heading does not count.</summary>
        public Column Narrowed => AtMost(Math.Max(NarrowestColumn, _widestCell));

        public Column AtMost(int width) => width < Width ? this with { Width = width } : this;
    }
}
