using System.Globalization;

namespace Meshia.Reports;

/// <summary>The plots of a comparison: of a number a bar for each experiment, of a history a line for each.</summary>
internal static class ComparisonPlots
{
    /// <summary>The maximum number of plots. The tables have the rest.</summary>
    private const int MostPlots = 24;
    private const int MostBars = 24;
    private const int LongestLabel = 32;

    /// <summary>Numbers beyond these leave no room for an axis around them.</summary>
    private const double LargestDrawn = 1e100;
    private const double SmallestDrawn = 1e-100;

    /// <summary>The plots, those of metrics with a goal first.</summary>
    public static IEnumerable<ComparisonPlot> Of(ExperimentComparison comparison)
    {
        var columns = ReportColumn.Of(comparison);
        return comparison.Metrics
            .Where(row => row.IsDifferent)
            .OrderBy(row => row.Goal is null)
            .Select(row => (Row: row, Drawn: columns.Where(column => Drawable(row, column.Id)).ToList()))
            .Where(plot => plot.Drawn.Count > 0)
            .Take(MostPlots)
            .Select((plot, index) => plot.Drawn.Exists(column => plot.Row.GetHistory(column.Id).Count > 1)
                ? Lines(plot.Row, plot.Drawn, columns.Count, IdOf(index))
                : Bars(plot.Row, plot.Drawn, columns.Count, IdOf(index)));
    }

    private static string IdOf(int index) => FormattableString.Invariant($"plot{index + 1}");

    private static ComparisonPlot Bars(ComparisonRow row, List<ReportColumn> drawn, int all, string id)
    {
        var (shown, choice) = Choose(row, drawn, MostBars);
        var bars = shown.Select(column => (Column: column, Value: row.Find(column.Id)!.Value)).Select(bar => new Bar(
            Short(bar.Column.Name + (bar.Column.IsBaseline ? " (baseline)" : "")),
            bar.Value.Number!.Value,
            ReadableValue.Of(bar.Value) + (bar.Value.IsBest ? " ★" : ""),
            bar.Value.IsBest ? BarMark.Best : bar.Column.IsBaseline ? BarMark.Baseline : BarMark.None)).ToList();
        return new(row, BarPlot.Draw(bars, id, Describe("Bars", row, shown, choice, all)), []);
    }

    private static ComparisonPlot Lines(ComparisonRow row, List<ReportColumn> drawn, int all, string id)
    {
        var (shown, choice) = Choose(row, drawn, LinePlot.MostLines);
        var values = shown.Select(column => row.Find(column.Id)!.Value).ToList();
        var lines = values.Select(value => (IReadOnlyList<double>)[.. (value.History is { Count: > 0 } history ? history : [value.Number!.Value]).Select(number => IsDrawable(number) ? number : double.NaN)]).ToList();
        var steps = values.Select(value => StepsOf(value.Value)).OfType<IReadOnlyList<double>>().ToList();
        var hasSteps = steps.Count == lines.Count && LinePlot.CanDrawOver(steps);
        return new(row, LinePlot.Draw(lines, hasSteps ? steps : null, id, Describe(hasSteps ? "Lines over steps" : "Lines over points", row, shown, choice, all)), shown);
    }

    /// <summary>The steps of a history, where each of its points says its own and none goes back; else null.</summary>
    private static List<double>? StepsOf(object? value)
    {
        if (value is not object?[] items)
            return null;
        var steps = items.Select(item => item switch
        {
            object?[] { Length: > 1 } pair => pair[0],
            IDictionary<string, object?> map when map.TryGetValue("step", out var step) => step,
            _ => null,
        }).Select(step => step is long or double ? Convert.ToDouble(step, CultureInfo.InvariantCulture) : double.NaN).ToList();
        return steps.TrueForAll(IsDrawable) && steps.Zip(steps.Skip(1), (step, next) => step <= next).All(ascends => ascends) ? steps : null;
    }

    /// <summary>As many as can be told apart, sorted: the best and the baseline, or both ends where no goal is known.</summary>
    private static (List<ReportColumn> Shown, string? Choice) Choose(ComparisonRow row, List<ReportColumn> drawn, int most)
    {
        var sorted = (row.Goal == MetricGoal.Minimize ? drawn.OrderBy(Rank) : drawn.OrderByDescending(Rank)).ToList();
        if (sorted.Count <= most)
            return (sorted, null);
        var others = sorted.Where(column => !column.IsBaseline).ToList();
        var (first, last) = row.Goal is null ? (most / 2, (most - 1) / 2) : (most - 1, 0);
        others.RemoveRange(first, others.Count - first - last);
        return (
            [.. sorted.Where(column => column.IsBaseline || others.Contains(column))],
            last > 0 ? FormattableString.Invariant($"the {first} largest and the {last} smallest") : FormattableString.Invariant($"the best {first}"));

        // NaN comes last.
        double Rank(ReportColumn column) => row.Find(column.Id)?.Number is { } number && IsDrawable(number) ? number : row.Goal == MetricGoal.Minimize ? double.MaxValue : double.MinValue;
    }

    private static string Describe(string kind, ComparisonRow row, List<ReportColumn> shown, string? choice, int all)
    {
        var description = string.Format(CultureInfo.InvariantCulture, "{0} of {1} for {2} of {3} experiments", kind, ReportText.Clean(row.Key), shown.Count, all);
        if (choice is not null)
            description += $": {choice}, and the baseline";
        return description + row.Goal switch
        {
            MetricGoal.Minimize => ". Less is better",
            MetricGoal.Maximize => ". More is better",
            _ => "",
        } + ReportText.Guess(row) + ".";
    }

    private static bool Drawable(ComparisonRow row, string id) => row.Find(id) is { Number: { } number } value && (IsDrawable(number) || value.History.Any(IsDrawable));

    private static bool IsDrawable(double number) => number == 0 || (Math.Abs(number) < LargestDrawn && Math.Abs(number) > SmallestDrawn);

    private static string Short(string text)
    {
        var elements = new StringInfo(ReportText.Clean(text).Replace('\n', ' ').Replace('\r', ' ').Replace('\t', ' '));
        return elements.LengthInTextElements <= LongestLabel ? elements.String : elements.SubstringByTextElements(0, LongestLabel - 1) + "…";
    }
}

/// <summary>A plot of one metric.</summary>
/// <param name="Row">The metric.</param>
/// <param name="Svg">The picture, an <c>svg</c> element.</param>
/// <param name="Lines">Whose lines are in it, in the order of their colours; none where it has bars.</param>
internal sealed record ComparisonPlot(ComparisonRow Row, string Svg, IReadOnlyList<ReportColumn> Lines);
