using System.Globalization;
using System.Numerics;
using System.Text;
using System.Xml;

namespace Meshia.Reports;

/// <summary>
/// A comparison as one HTML file that asks for nothing. It is written as XML, the plots too, so that no text of the service
/// can become markup: there is no way to write one that is not escaped.
/// </summary>
internal sealed class HtmlReport
{
    private const string Policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

    /// <summary>A longer text is folded, so that the table stays one.</summary>
    private const int LongestText = 120;

    private readonly Stream _stream;
    private readonly XmlWriter _html;
    private readonly ExperimentComparison _comparison;
    private readonly IReadOnlyList<ReportColumn> _columns;

    private HtmlReport(Stream stream, ExperimentComparison comparison, IReadOnlyList<ReportColumn> columns) => (_stream, _html, _comparison, _columns) = (
        stream,
        XmlWriter.Create(stream, new() { Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), OmitXmlDeclaration = true, NewLineHandling = NewLineHandling.None }),
        comparison,
        columns);

    public static void Write(Stream stream, ExperimentComparison comparison, string title)
    {
        var page = new HtmlReport(stream, comparison, ReportColumn.Of(comparison));
        using (page._html)
            page.WritePage(ReportText.Clean(title));
    }

    private void WritePage(string title)
    {
        // Plots and the longest table are made beside the rest: each takes about as long.
        var plots = Task.Run(() => ComparisonPlots.Of(_comparison).ToList());
        var configuration = Task.Run(() => Part(part => part.WriteRows("Configuration", _comparison.Config)));
        _html.WriteRaw("<!DOCTYPE html>\n");
        Start("html", ("lang", "en"));
        Start("head");
        Void("meta", ("charset", "utf-8"));
        Void("meta", ("http-equiv", "Content-Security-Policy"), ("content", Policy));
        Void("meta", ("name", "viewport"), ("content", "width=device-width, initial-scale=1"));
        Void("meta", ("name", "color-scheme"), ("content", "light dark"));
        Element("title", title);
        Start("style");
        _html.WriteRaw(Resource("report.css"));
        End();
        End();

        Start("body");
        Start("header");
        Element("h1", title);
        WriteSummary();
        End();
        Start("main");
        WriteExperiments();
        WriteRows("Metrics", _comparison.Metrics);
        WritePlots(plots.GetAwaiter().GetResult());
        Insert(configuration.GetAwaiter().GetResult());
        End();
        Start("p", ("id", "sorted"), ("class", "unseen"), ("role", "status"));
        End();
        Start("script");
        _html.WriteRaw(Resource("report.js"));
        End();
        End();
        End();
    }

    /// <summary>A part of the page that is written by itself.</summary>
    private MemoryStream Part(Action<HtmlReport> write)
    {
        var stream = new MemoryStream();
        var part = new HtmlReport(stream, _comparison, _columns);
        using (part._html)
            write(part);
        return stream;
    }

    private void Insert(MemoryStream part)
    {
        // With it the element ends in which the part stands, and what was written is on its way.
        _html.WriteRaw("");
        _html.Flush();
        part.WriteTo(_stream);
    }

    private void WriteSummary()
    {
        Start("p");
        _html.WriteString(FormattableString.Invariant($"{_columns.Count} experiments, measured against "));
        Element("bdi", ReportText.Clean(_columns.First(column => column.IsBaseline).Name));
        _html.WriteString(_comparison.Tolerance == Tolerance.None.ToString() ? "." : $". Numbers within {_comparison.Tolerance} of each other are the same.");
        if (_comparison.Metrics.Any(row => row.Best.Count > 0))
            _html.WriteString(" ★ marks the best.");
        End();
    }

    private void WriteExperiments()
    {
        StartTable("Experiments", ["Experiment", "Id", "Status", "Created", "Duration", "Error"]);
        foreach (var column in _columns)
        {
            var experiment = column.Experiment;
            Start("tr");
            Start("th", ("scope", "row"));
            WriteName(column);
            End();
            Element("td", ReportText.Clean(column.Id));
            Start("td");
            WriteStatus(experiment);
            End();
            WriteSortable(experiment.CreatedAt is { } time ? ReportText.Time(time) : null, experiment.CreatedAt?.ToUnixTimeMilliseconds());
            WriteSortable(experiment.Duration is { } duration ? ReportText.Duration(duration) : null, experiment.Duration?.TotalSeconds);
            Start("td");
            WriteText(experiment.Error ?? "");
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
        StartTable(title, isMetrics ? ["Metric", "Goal"] : ["Key"], _columns);
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
            _html.WriteString(ReportText.Direction(goal));
            if (row.GoalSource is { } source)
                Element("small", ReportText.Source(source));
        }

        End();
    }

    private void WriteCell(ComparisonRow row, string id)
    {
        if (row.Find(id) is not { } value)
        {
            Start("td", ("class", "none"));
            Element("span", "–", ("aria-hidden", "true"));
            Element("span", "not there", ("class", "unseen"));
            End();
            return;
        }

        if (value.Number is not { } number)
        {
            Start("td");
            WriteText(ReportText.Readable(value.Value));
            End();
            return;
        }

        var exact = value.Value is long or decimal or BigInteger ? ReportText.Exact(value.Value) : ReportText.Exact(number);
        var text = ReadableValue.Of(value);
        Start("td", ("class", value.IsBest ? "number best" : "number"), ("title", text == exact ? null : exact));
        _html.WriteString(text);
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
            _html.WriteRaw(plot.Svg);
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
            _html.WriteStartElement("svg", "http://www.w3.org/2000/svg");
            Attributes([("viewBox", "0 0 24 8"), ("aria-hidden", "true")]);
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

    private void WriteStatus(Experiment experiment)
    {
        if (experiment.Status is { } status)
            Element("span", ReportText.Clean(status), ("class", status == ExperimentStatus.Completed ? null : status == ExperimentStatus.Failed ? "failed" : "unfinished"));
    }

    private void WriteText(string text)
    {
        var clean = ReportText.Clean(text);
        if (clean.Length <= LongestText)
        {
            Element("bdi", clean);
            return;
        }

        Start("details");
        Start("summary");
        Element("bdi", ReportText.Clean(clean.Substring(0, LongestText)) + "…");
        End();
        Element("bdi", clean);
        End();
    }

    private void WriteSortable(string? text, double? key) => Element("td", text ?? "", ("data-sort", key?.ToString("R", CultureInfo.InvariantCulture)));

    /// <summary>Begins a section with a table that can be scrolled by keyboard too.</summary>
    private void StartTable(string title, IReadOnlyList<string> headings, IReadOnlyList<ReportColumn>? columns = null)
    {
        var id = title.ToLowerInvariant();
        Start("section");
        Element("h2", title, ("id", id));
        Start("div", ("class", "scroll"), ("role", "region"), ("aria-labelledby", id), ("tabindex", "0"));
        Start("table");
        Element("caption", columns is null ? "What was compared." : title == "Metrics" ? "Differences are to the baseline." : "What the configurations differ in.");
        Start("thead");
        Start("tr");
        foreach (var heading in headings)
            Element("th", heading, ("scope", "col"));
        foreach (var column in columns ?? [])
        {
            Start("th", ("scope", "col"), ("class", "value"));
            WriteName(column);
            if (column.Experiment.Status is not (null or ExperimentStatus.Completed))
                WriteStatus(column.Experiment);
            End();
        }

        End();
        End();
        Start("tbody");
    }

    private void EndTable()
    {
        for (var level = 0; level < 4; level++)
            End();
    }

    private void Element(string name, string text, params ReadOnlySpan<(string Name, string? Value)> attributes)
    {
        Start(name, attributes);
        _html.WriteString(text);
        End();
    }

    private void Start(string name, params ReadOnlySpan<(string Name, string? Value)> attributes)
    {
        _html.WriteStartElement(name);
        Attributes(attributes);
    }

    /// <summary>An element that HTML never closes.</summary>
    private void Void(string name, params ReadOnlySpan<(string Name, string? Value)> attributes)
    {
        Start(name, attributes);
        _html.WriteEndElement();
    }

    private void Attributes(ReadOnlySpan<(string Name, string? Value)> attributes)
    {
        foreach (var (name, value) in attributes)
        {
            if (value is not null)
                _html.WriteAttributeString(name, value);
        }
    }

    /// <summary>Ends the element that was started last; HTML does not know one that closes itself.</summary>
    private void End() => _html.WriteFullEndElement();

    private static string Resource(string name)
    {
        using var reader = new StreamReader(typeof(HtmlReport).Assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd().Replace("\r\n", "\n");
    }
}
