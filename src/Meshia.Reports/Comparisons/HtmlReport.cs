using System.Globalization;
using System.Numerics;

namespace Meshia.Reports;

/// <summary>A comparison as one HTML file.</summary>
internal sealed class HtmlReport : HtmlPage
{
    private readonly ExperimentComparison _comparison;
    private readonly IReadOnlyList<ReportColumn> _columns;

    private HtmlReport(Stream stream, ExperimentComparison comparison, IReadOnlyList<ReportColumn> columns)
        : base(stream) => (_comparison, _columns) = (comparison, columns);

    public static void Write(Stream stream, ExperimentComparison comparison, string title)
    {
        using var page = new HtmlReport(stream, comparison, ReportColumn.Of(comparison));
        page.WritePage(ReportText.Clean(title));
    }

    private void WritePage(string title)
    {
        // Plots and the longest table are made beside the rest: each takes about as long.
        var plots = Task.Run(() => ComparisonPlots.Of(_comparison).ToList());
        var configuration = Task.Run(() => Part(part => part.WriteRows("Configuration", _comparison.Config)));
        WritePage(title, [], ["report.js"], WriteSummary, () =>
        {
            WriteExperiments();
            WriteRows("Metrics", _comparison.Metrics);
            WritePlots(plots.GetAwaiter().GetResult());
            Insert(configuration.GetAwaiter().GetResult().WriteTo);
        });
    }

    /// <summary>A part of the page that is written by itself.</summary>
    private MemoryStream Part(Action<HtmlReport> write)
    {
        var stream = new MemoryStream();
        using (var part = new HtmlReport(stream, _comparison, _columns))
            write(part);
        return stream;
    }

    private void WriteSummary()
    {
        Start("p");
        Text(FormattableString.Invariant($"{_columns.Count} experiments, measured against "));
        Element("bdi", ReportText.Clean(_columns.First(column => column.IsBaseline).Name));
        Text(_comparison.Tolerance == Tolerance.None.ToString() ? "." : $". Numbers within {_comparison.Tolerance} of each other are the same.");
        if (_comparison.Metrics.Any(row => row.Best.Count > 0))
            Text(" ★ marks the best.");
        End();
    }

    private void WriteExperiments()
    {
        StartTable("Experiments", "What was compared.", ["Experiment", "Id", "Status", "Created", "Duration", "Error"]);
        foreach (var column in _columns)
        {
            var experiment = column.Experiment;
            Start("tr");
            Start("th", ("scope", "row"));
            WriteName(column);
            End();
            Element("td", ReportText.Clean(column.Id));
            Start("td");
            Status(experiment.Status);
            End();
            Sortable(experiment.CreatedAt is { } time ? ReportText.Time(time) : null, experiment.CreatedAt?.ToUnixTimeMilliseconds());
            Sortable(experiment.Duration is { } duration ? ReportText.Duration(duration) : null, experiment.Duration?.TotalSeconds);
            Start("td");
            Folded(experiment.Error ?? "");
            End();
            End();
        }

        EndTable();
    }

    private void WriteRows(string title, IReadOnlyList<ComparisonRow> rows)
    {
        if (rows.Count == 0)
        {
            Start("section");
            Element("h2", title);
            Element("p", "No differences.");
            End();
            return;
        }

        var isMetrics = rows[0].Kind == ComparisonRowKind.Metric;
        StartTable(title, isMetrics ? "Differences are to the baseline." : "What the configurations differ in.", isMetrics ? ["Metric", "Goal"] : ["Key"], _columns);
        foreach (var row in rows)
        {
            Start("tr");
            Start("th", ("scope", "row"));
            Element("bdi", ReportText.Clean(row.Key));
            End();
            if (isMetrics)
                WriteGoal(row);
            foreach (var column in _columns)
                WriteCell(row, column.Id);
            End();
        }

        EndTable();
    }

    private void WriteGoal(ComparisonRow row)
    {
        Start("td");
        if (row.Goal is { } goal)
        {
            Text(ReportText.Direction(goal));
            if (row.GoalSource is { } source)
                Element("small", ReportText.Source(source));
        }

        End();
    }

    private void WriteCell(ComparisonRow row, string id)
    {
        if (row.Find(id) is not { } value)
        {
            NoValue();
            return;
        }

        if (value.Number is not { } number)
        {
            Start("td");
            Folded(ReportText.Readable(value.Value));
            End();
            return;
        }

        var exact = value.Value is long or decimal or BigInteger ? ReportText.Exact(value.Value) : ReportText.Exact(number);
        var text = ReadableValue.Of(value);
        Start("td", ("class", value.IsBest ? "number best" : "number"), ("title", text == exact ? null : exact));
        Text(text);
        if (value.IsBest)
        {
            Element("span", " ★", ("aria-hidden", "true"));
            Element("span", " best", ("class", "unseen"));
        }

        if (ReportText.Difference(value) is { } difference)
            Element("small", difference);
        End();
    }

    private void WritePlots(List<ComparisonPlot> plots)
    {
        if (plots.Count == 0)
            return;
        Start("section");
        Element("h2", "Plots");
        Start("div", ("class", "plots"));
        foreach (var plot in plots)
        {
            Start("figure");
            Start("figcaption");
            Element("bdi", ReportText.Clean(plot.Row.Key));
            if (plot.Row.Goal is { } goal)
                Element("small", ReportText.Direction(goal) + ReportText.Guess(plot.Row));
            End();
            Raw(plot.Svg);
            WriteLegend(plot.Lines);
            End();
        }

        End();
        End();
    }

    private void WriteLegend(IReadOnlyList<ReportColumn> lines)
    {
        if (lines.Count == 0)
            return;
        Start("ul", ("class", "legend"));
        for (var number = 0; number < lines.Count; number++)
        {
            Start("li");
            StartSvg(("viewBox", "0 0 24 8"), ("aria-hidden", "true"));
            Void("path", ("class", FormattableString.Invariant($"l s{number}")), ("d", "M0 4H24"));
            End();
            WriteName(lines[number]);
            End();
        }

        End();
    }

    private void WriteName(ReportColumn column)
    {
        Element("bdi", ReportText.Clean(column.Name));
        if (column.IsBaseline)
            Element("small", "baseline");
    }

    private void Sortable(string? text, double? key) => Element("td", text ?? "", ("data-sort", key?.ToString("R", CultureInfo.InvariantCulture)));

    private void StartTable(string title, string caption, IReadOnlyList<string> headings, IReadOnlyList<ReportColumn>? columns = null)
    {
        StartTable(title, caption);
        foreach (var heading in headings)
            Element("th", heading, ("scope", "col"));
        foreach (var column in columns ?? [])
        {
            Start("th", ("scope", "col"), ("class", "value"));
            WriteName(column);
            if (column.Experiment.Status is not (null or ExperimentStatus.Completed))
                Status(column.Experiment.Status);
            End();
        }

        StartRows();
    }
}
