namespace Meshia;

/// <summary>What a row of a comparison is about.</summary>
public enum ComparisonRowKind
{
    /// <summary>A key of the configuration.</summary>
    Config,

    /// <summary>A metric.</summary>
    Metric,
}

/// <summary>
/// One configuration key or metric over several experiments. A NaN or an infinity is shown, but counts as no number: it
/// is never the best, and is in no difference, minimum, maximum or mean.
/// </summary>
public sealed class ComparisonRow
{
    private readonly JsonObject _values;
    private readonly Dictionary<string, IReadOnlyList<double>> _histories = new(StringComparer.Ordinal);
    private readonly string _baselineId;

    /// <summary>The baseline's, where a difference to it is a number.</summary>
    private readonly (object? Value, double Number)? _from;

    internal ComparisonRow(ComparisonRowKind kind, string key, IReadOnlyList<KeyValuePair<string, object?>> values, int experiments, string baselineId, Margin tolerance)
    {
        (Kind, Key, _baselineId) = (kind, key, baselineId);
        _values = new(values.Count, StringComparer.Ordinal);
        IsDifferent = values.Count < experiments || !ComparisonValue.AreSame(kind, [.. values.Select(pair => pair.Value)], tolerance);
        var finite = new List<double>(values.Count);
        foreach (var pair in values)
        {
            _values[pair.Key] = ComparisonValue.Ordered(pair.Value);
            if (ComparisonValue.HistoryOf(kind, pair.Value) is { } history)
                _histories[pair.Key] = history;
            // Zero has two signs, which are one number.
            if (NumberOf(pair.Key, pair.Value) is { } number && ComparisonValue.IsFinite(number))
                finite.Add(number + 0.0);
        }

        finite.Sort();
        if (finite.Count > 0)
            (Min, Max, Mean) = (finite[0], finite[finite.Count - 1], ComparisonValue.Mean(finite));
        if (GetNumber(baselineId) is { } from && ComparisonValue.IsFinite(from))
            _from = (_values[baselineId], from);
    }

    /// <summary>Whether it is about the configuration or about a metric.</summary>
    public ComparisonRowKind Kind { get; }

    /// <summary>The key, its levels joined by dots, as in <c>optimizer.lr</c>.</summary>
    public string Key { get; }

    /// <summary>The value of each experiment, by its id; an experiment without the key is not in it.</summary>
    public IDictionary<string, object?> Values => _values;

    /// <summary>The number that each value is, by the experiment's id; that of a history is its last. A value that is no number is not in it.</summary>
    public IDictionary<string, double> Numbers => field ??= MapOf(GetNumber);

    /// <summary>The difference of each number to the baseline's, by the experiment's id.</summary>
    public IDictionary<string, double> Delta => field ??= MapOf(GetDelta);

    /// <summary>The same difference in percent of the baseline's number; none where that is zero.</summary>
    public IDictionary<string, double> Percent => field ??= MapOf(GetPercent);

    /// <summary>Whether the values differ by more than the tolerance. A missing one differs from any other.</summary>
    public bool IsDifferent { get; }

    /// <summary>Whether less or more is better; null where nobody knows, and for a configuration.</summary>
    public MetricGoal? Goal { get; private set; }

    /// <summary>Who says so.</summary>
    public MetricGoalSource? GoalSource { get; private set; }

    /// <summary>The ids of the experiments with the best number, give or take the tolerance; none where all are the same or no goal is known.</summary>
    public IReadOnlyList<string> Best { get; private set; } = IdsOf([]);

    /// <summary>The smallest of the numbers.</summary>
    public double? Min { get; }

    /// <summary>The largest of them.</summary>
    public double? Max { get; }

    /// <summary>Their mean.</summary>
    public double? Mean { get; }

    /// <summary>The numbers of a metric's history; none where the value is not a history.</summary>
    /// <param name="experimentId">The experiment's id.</param>
    public IReadOnlyList<double> GetHistory(string experimentId) => _histories.TryGetValue(experimentId, out var history) ? history : [];

    /// <summary>The number that an experiment's value is, as in <see cref="Numbers"/>; null where it is none.</summary>
    /// <param name="experimentId">The experiment's id.</param>
    public double? GetNumber(string experimentId) => _values.TryGetValue(experimentId, out var value) ? NumberOf(experimentId, value) : null;

    /// <summary>Its difference to the baseline's, as in <see cref="Delta"/>; null where there is none.</summary>
    /// <param name="experimentId">The experiment's id.</param>
    public double? GetDelta(string experimentId) =>
        _from is { } from && experimentId != _baselineId && _values.TryGetValue(experimentId, out var value)
        && NumberOf(experimentId, value) is { } number && ComparisonValue.IsFinite(number - from.Number)
            ? ComparisonValue.Subtract((value, number), from)
            : null;

    /// <summary>The same difference in percent, as in <see cref="Percent"/>; null where there is none.</summary>
    /// <param name="experimentId">The experiment's id.</param>
    public double? GetPercent(string experimentId) =>
        _from is { Number: not 0 and var from } && GetDelta(experimentId) is { } delta && delta / Math.Abs(from) * 100 is var percent && ComparisonValue.IsFinite(percent)
            ? percent
            : null;

    /// <summary>Takes the goal, and finds who reached it.</summary>
    internal ComparisonRow Aim(MetricGoal? goal, MetricGoalSource? source, Margin tolerance)
    {
        (Goal, GoalSource) = (goal, goal is null ? null : source);
        if (goal is not { } wanted || !IsDifferent || Min is not { } min || Max is not { } max)
            return this;
        var best = wanted == MetricGoal.Minimize ? min : max;
        Best = IdsOf(_values.Keys.Where(id => GetNumber(id) is { } number && ComparisonValue.IsFinite(number) && tolerance.Covers(Math.Abs(number - best), Math.Max(Math.Abs(number), Math.Abs(best)))));
        return this;
    }

    // A list that the compiler makes of [..] has no indexer that PowerShell finds, and the name of its type for a text.
    private static NamedList<string> IdsOf(IEnumerable<string> ids) => new(ids, id => id);

    private double? NumberOf(string experimentId, object? value) => _histories.TryGetValue(experimentId, out var history) ? history[history.Count - 1] : ComparisonValue.NumberOf(Kind, value);

    private JsonMap<double> MapOf(Func<string, double?> get)
    {
        var map = new JsonMap<double>(_values.Count, StringComparer.Ordinal);
        foreach (var id in _values.Keys)
        {
            if (get(id) is { } number)
                map[id] = number;
        }

        return map;
    }
}
