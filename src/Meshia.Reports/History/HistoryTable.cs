namespace Meshia.Reports;

/// <summary>Experiments as columns of values. The experiments themselves are not kept: there may be a hundred thousand.</summary>
/// <param name="goal">Whether less or more of a metric is better, where the user says so.</param>
internal sealed class HistoryTable(Func<string, MetricGoal?> goal)
{
    private readonly HashSet<string> _ids = new(StringComparer.Ordinal);
    private readonly List<HistoryRow> _rows = [];
    private readonly Dictionary<string, HistoryColumn> _metrics = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HistoryColumn> _config = new(StringComparer.Ordinal);

    /// <summary>The experiments, in the order in which they came.</summary>
    public IReadOnlyList<HistoryRow> Rows => _rows;

    /// <summary>The metrics: those with a goal first, then those that most experiments have.</summary>
    public IEnumerable<HistoryColumn> Metrics => _metrics.Values.OrderBy(column => column.Goal is null).ThenByDescending(column => column.Count).ThenBy(column => column.Key, StringComparer.Ordinal);

    /// <summary>The keys of the configurations: those in which experiments differ first, then those that most have.</summary>
    public IEnumerable<HistoryColumn> Config => _config.Values.OrderByDescending(column => column.Varies).ThenByDescending(column => column.Count).ThenBy(column => column.Key, StringComparer.Ordinal);

    /// <summary>Adds an experiment. One that is there already, by its id, is passed over.</summary>
    public void Add(Experiment experiment)
    {
        if (!_ids.Add(experiment.Id))
            return;
        foreach (var pair in experiment.FlattenMetrics())
            ColumnOf(_metrics, ComparisonRowKind.Metric, pair.Key).Add(_rows.Count, HistoryValue.Of(ComparisonRowKind.Metric, pair.Value));
        foreach (var pair in experiment.FlattenConfig())
            ColumnOf(_config, ComparisonRowKind.Config, pair.Key).Add(_rows.Count, HistoryValue.Of(ComparisonRowKind.Config, pair.Value));
        _rows.Add(new(
            Clean(string.IsNullOrWhiteSpace(experiment.Name) ? experiment.Id : experiment.Name),
            Clean(experiment.Id),
            Clean(experiment.SessionId),
            Clean(experiment.Status),
            experiment.CreatedAt,
            experiment.Duration,
            experiment.GoneAt is not null));
    }

    private static string Clean(string? text) => ReportText.Shorten(ReportText.Clean(text ?? ""));

    private HistoryColumn ColumnOf(Dictionary<string, HistoryColumn> columns, ComparisonRowKind kind, string key)
    {
        if (columns.TryGetValue(key, out var column))
            return column;
        var given = kind == ComparisonRowKind.Metric ? goal(key) : null;
        return columns[key] = new(key, kind) { Goal = given ?? (kind == ComparisonRowKind.Metric ? MetricGoalGuesser.GuessGoal(key) : null), IsGoalGiven = given is not null };
    }
}

/// <summary>One experiment of a history; its texts are clean.</summary>
internal sealed record HistoryRow(string Name, string Id, string SessionId, string Status, DateTimeOffset? CreatedAt, TimeSpan? Duration, bool IsGone);
