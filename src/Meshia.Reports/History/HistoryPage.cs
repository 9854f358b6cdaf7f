using System.Globalization;
using System.Text.Json;

namespace Meshia.Reports;

/// <summary>
/// A history of experiments as one HTML file. Its script sorts, filters and draws from the data in the page; without script
/// it shows the best values and the first experiments.
/// </summary>
internal sealed class HistoryPage : HtmlPage
{
    /// <summary>Nobody looks at more columns than this, and each one makes the page larger.</summary>
    private const int MostMetrics = 100;
    private const int MostKeys = 200;

    /// <summary>How many columns the table shows at first.</summary>
    private const int ShownMetrics = 5;
    private const int ShownKeys = 5;

    /// <summary>How many experiments the table shows at a time.</summary>
    private const int RowsPerPage = 100;

    private readonly HistoryTable _history;
    private readonly List<HistoryColumn> _metrics;
    private readonly List<HistoryColumn> _config;
    private readonly List<HistoryColumn> _shown;

    private HistoryPage(Stream stream, HistoryTable history)
        : base(stream)
    {
        _history = history;
        _metrics = [.. history.Metrics.Take(MostMetrics)];
        _config = [.. history.Config.Take(MostKeys)];
        _shown = [.. _metrics.Where(column => column.Numbers.Any()).Take(ShownMetrics), .. _config.Where(column => column.Varies).Take(ShownKeys)];
    }

    public static void Write(Stream stream, HistoryTable history, string title)
    {
        using var page = new HistoryPage(stream, history);
        page.WritePage(ReportText.Clean(title), ["history.css"], ["history.js", "history-plots.js"], page.WriteSummary, page.WriteMain);
    }

    private void WriteSummary()
    {
        var (rows, times) = (_history.Rows, _history.Rows.Select(row => row.CreatedAt).OfType<DateTimeOffset>().ToList());
        var text = string.Format(CultureInfo.InvariantCulture, "{0:N0} {1}", rows.Count, rows.Count == 1 ? "experiment" : "experiments");
        if (times.Count > 0)
            text += FormattableString.Invariant($", created from {times.Min():yyyy-MM-dd} to {times.Max():yyyy-MM-dd}");
        if (rows.Count(row => row.IsGone) is > 0 and var gone)
            text += string.Format(CultureInfo.InvariantCulture, ". The service no longer has {0:N0} of them", gone);
        Element("p", $"{text}.");
        var (metrics, keys) = (_history.Metrics.Count() - _metrics.Count, _history.Config.Count() - _config.Count);
        if (metrics + keys > 0)
            Element("p", FormattableString.Invariant($"Left out: {metrics} metrics and {keys} keys of configurations that the fewest experiments have."));
    }

    private void WriteMain()
    {
        WriteBest();
        WriteExperiments();
        // The script takes it away.
        Element("p", "Sorting, filters, further rows and plots need JavaScript.", ("id", "no-script"));
        Start("div", ("id", "plots"));
        End();
        Start("script", ("id", "data"), ("type", "application/json"));
        Insert(WriteData);
        End();
    }

    private void WriteBest()
    {
        var metrics = _metrics.Where(column => column.Numbers.Any()).ToList();
        if (metrics.Count == 0)
            return;
        StartTable("Best per metric", "Experiments without a number are not counted. If several are equal, the first one is named.");
        foreach (var heading in new[] { "Metric", "Goal", "Best value", "Experiment", "Id", "Experiments with it" })
            Element("th", heading, ("scope", "col"));
        StartRows();
        foreach (var metric in metrics)
        {
            // Without a goal both ends may be the best.
            if (metric.Goal != MetricGoal.Maximize)
                WriteBest(metric, metric.Goal is null ? "lowest" : null, metric.Numbers.Aggregate((best, next) => next.Number < best.Number ? next : best));
            if (metric.Goal != MetricGoal.Minimize)
                WriteBest(metric, metric.Goal is null ? "highest" : null, metric.Numbers.Aggregate((best, next) => next.Number > best.Number ? next : best));
        }

        EndTable();
    }

    private void WriteBest(HistoryColumn metric, string? end, (int Row, double Number, HistoryValue Value) best)
    {
        var row = _history.Rows[best.Row];
        Start("tr");
        Start("th", ("scope", "row"));
        Element("bdi", ReportText.Clean(metric.Key));
        End();
        Start("td");
        Text(metric.Goal is { } goal ? ReportText.Direction(goal) : "no goal known");
        if (metric.Goal is not null || end is not null)
            Element("small", end ?? ReportText.Source(metric.IsGoalGiven ? MetricGoalSource.Given : MetricGoalSource.Guessed));
        End();
        Element("td", best.Value.Shown, ("class", "number"), ("title", ExactOf(best.Value)));
        Start("td");
        Element("bdi", row.Name);
        End();
        Element("td", row.Id);
        Element("td", metric.Numbers.Count().ToString("N0", CultureInfo.InvariantCulture), ("class", "number"));
        End();
    }

    private void WriteExperiments()
    {
        StartTable("Experiments", FormattableString.Invariant($"Up to {RowsPerPage} experiments at a time."), () =>
        {
            Start("div", ("id", "filter"));
            End();
        });
        foreach (var heading in new[] { "Experiment", "Id", "Session", "Status", "Created", "Duration" })
            Element("th", heading, ("scope", "col"));
        foreach (var column in _shown)
        {
            Start("th", ("scope", "col"), ("class", "value"));
            Element("bdi", ReportText.Clean(column.Key));
            End();
        }

        StartRows();
        for (var index = 0; index < Math.Min(RowsPerPage, _history.Rows.Count); index++)
            WriteRow(index, _history.Rows[index]);
        EndTable();
    }

    private void WriteRow(int index, HistoryRow row)
    {
        Start("tr");
        Start("th", ("scope", "row"));
        Element("bdi", row.Name);
        End();
        Element("td", row.Id, ("class", "fixed"));
        Element("td", row.SessionId, ("class", "fixed"));
        Start("td");
        Status(row.Status.Length > 0 ? row.Status : null);
        if (row.IsGone)
            Element("small", "only in the archive");
        End();
        Element("td", row.CreatedAt is { } time ? ReportText.Time(time) : "", ("class", "fixed"));
        Element("td", row.Duration is { } duration ? ReportText.Duration(duration) : "", ("class", "fixed"));
        foreach (var column in _shown)
        {
            if (column.Find(index) is not { } value)
            {
                NoValue();
                continue;
            }

            Start("td", ("class", value.Number is null ? null : "number"), ("title", ExactOf(value)));
            Element("bdi", value.Shown);
            End();
        }

        End();
    }

    private static string? ExactOf(HistoryValue value) => value is { Text: null, Number: { } number } && ReportText.Exact(number) is var exact && exact != value.Shown ? exact : null;

    /// <summary>What the script reads. The writer escapes what could end the element, and every character that is not ASCII.</summary>
    private void WriteData(Stream stream)
    {
        using var writer = new Utf8JsonWriter(stream);
        var rows = _history.Rows;
        writer.WriteStartObject();
        writer.WriteNumber("perPage", RowsPerPage);
        WriteTexts("name", row => row.Name);
        WriteTexts("id", row => row.Id);
        WriteTexts("session", row => row.SessionId);
        WriteTexts("status", row => row.Status);
        WriteNumbers("created", row => row.CreatedAt?.ToUnixTimeMilliseconds());
        WriteNumbers("duration", row => row.Duration?.TotalSeconds);
        writer.WriteStartArray("gone");
        for (var row = 0; row < rows.Count; row++)
        {
            if (rows[row].IsGone)
                writer.WriteNumberValue(row);
        }

        writer.WriteEndArray();
        WriteColumns("metrics", _metrics);
        WriteColumns("config", _config);
        writer.WriteEndObject();

        void WriteTexts(string name, Func<HistoryRow, string> text)
        {
            writer.WriteStartArray(name);
            foreach (var row in rows)
                writer.WriteStringValue(text(row));
            writer.WriteEndArray();
        }

        void WriteNumbers(string name, Func<HistoryRow, double?> number)
        {
            writer.WriteStartArray(name);
            foreach (var row in rows)
            {
                if (number(row) is { } value)
                    writer.WriteNumberValue(value);
                else
                    writer.WriteNullValue();
            }

            writer.WriteEndArray();
        }

        void WriteColumns(string name, List<HistoryColumn> columns)
        {
            writer.WriteStartArray(name);
            foreach (var column in columns)
            {
                writer.WriteStartObject();
                writer.WriteString("key", ReportText.Clean(column.Key));
                writer.WriteBoolean("shown", _shown.Contains(column));
                writer.WriteBoolean("varies", column.Varies);
                if (column.Goal is { } goal)
                    writer.WriteString("goal", goal == MetricGoal.Minimize ? "less" : "more");
                if (column.Count < rows.Count)
                {
                    writer.WriteStartArray("rows");
                    foreach (var (row, _) in column.Values)
                        writer.WriteNumberValue(row);
                    writer.WriteEndArray();
                }

                writer.WriteStartArray("values");
                foreach (var (_, value) in column.Values)
                    Write(value);
                writer.WriteEndArray();
                writer.WriteEndObject();
                writer.Flush();
            }

            writer.WriteEndArray();
        }

        void Write(HistoryValue value)
        {
            if (value is { Number: { } number, Text: { } text })
            {
                writer.WriteStartArray();
                writer.WriteNumberValue(number);
                writer.WriteStringValue(text);
                writer.WriteEndArray();
            }
            else if (value.Number is { } only)
            {
                writer.WriteNumberValue(only);
            }
            else
            {
                writer.WriteStringValue(value.Text);
            }
        }
    }
}
