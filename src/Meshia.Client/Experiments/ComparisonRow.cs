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
    private readonly string _baselineId;
    private readonly Dictionary<string, IReadOnlyList<double>> _histories = new(StringComparer.Ordinal);

    internal ComparisonRow(ComparisonRowKind kind, string key, IReadOnlyList<KeyValuePair<string, object?>> values, int experiments, string baselineId, Margin tolerance)
    {
        (Kind, Key, _baselineId) = (kind, key, baselineId);
        var own = new JsonObject(values.Count, StringComparer.Ordinal);
        (Values, Numbers) = (own, new JsonMap<double>(values.Count, StringComparer.Ordinal));
        IsDifferent = values.Count < experiments || !ComparisonValue.AreSame(kind, [.. values.Select(pair => pair.Value)], tolerance);
        var finite = new List<double>(values.Count);
        foreach (var pair in values)
        {
            own[pair.Key] = ComparisonValue.Ordered(pair.Value);
            var history = ComparisonValue.HistoryOf(kind, pair.Value);
            if (history is not null)
                _histories[pair.Key] = history;
            if ((history is null ? ComparisonValue.NumberOf(kind, pair.Value) : history[history.Count - 1]) is not { } number)
                continue;
            Numbers[pair.Key] = number;
            // Zero has two signs, which are one number.
            if (ComparisonValue.IsFinite(number))
                finite.Add(number + 0.0);
        }

        finite.Sort();
        if (finite.Count > 0)
            (Min, Max, Mean) = (finite[0], finite[finite.Count - 1], ComparisonValue.Mean(finite));
    }

    /// <summary>Whether it is about the configuration or about a metric.</summary>
    public ComparisonRowKind Kind { get; }

    /// <summary>The key, its levels joined by dots, as in <c>optimizer.lr</c>.</summary>
    public string Key { get; }

    /// <summary>The value of each experiment, by its id; an experiment without the key is not in it.</summary>
    public IDictionary<string, object?> Values { get; }

    /// <summary>The number that each value is, by the experiment's id; that of a history is its last. A value that is no number is not in it.</summary>
    public IDictionary<string, double> Numbers { get; }

    /// <summary>The difference of each number to the baseline's, by the experiment's id.</summary>
    public IDictionary<string, double> Delta => field ??= MeasureDelta();

    /// <summary>The same difference in percent of the baseline's number; none where that is zero.</summary>
    public IDictionary<string, double> Percent => field ??= MeasurePercent();

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

    /// <summary>Takes the goal, and finds who reached it.</summary>
    internal ComparisonRow Aim(MetricGoal? goal, MetricGoalSource? source, Margin tolerance)
    {
        (Goal, GoalSource) = (goal, goal is null ? null : source);
        if (goal is not { } wanted || !IsDifferent || Min is not { } min || Max is not { } max)
            return this;
        var best = wanted == MetricGoal.Minimize ? min : max;
        Best = IdsOf(Numbers.Where(pair => ComparisonValue.IsFinite(pair.Value) && tolerance.Covers(Math.Abs(pair.Value - best), Math.Max(Math.Abs(pair.Value), Math.Abs(best))))
            .Select(pair => pair.Key));
        return this;
    }

    // A list that the compiler makes of [..] has no indexer that PowerShell finds, and the name of its type for a text.
    private static NamedList<string> IdsOf(IEnumerable<string> ids) => new(ids, id => id);

    private double? Baseline => Numbers.TryGetValue(_baselineId, out var number) && ComparisonValue.IsFinite(number) ? number : null;

    private JsonMap<double> MeasureDelta()
    {
        if (Baseline is not { } from)
            return new(0, StringComparer.Ordinal);
        var result = new JsonMap<double>(Numbers.Count, StringComparer.Ordinal);
        foreach (var pair in Numbers)
        {
            if (pair.Key != _baselineId && ComparisonValue.IsFinite(pair.Value - from))
                result[pair.Key] = ComparisonValue.Subtract((Values[pair.Key], pair.Value), (Values[_baselineId], from));
        }

        return result;
    }

    private JsonMap<double> MeasurePercent()
    {
        if (Baseline is not { } from || from == 0)
            return new(0, StringComparer.Ordinal);
        var result = new JsonMap<double>(Delta.Count, StringComparer.Ordinal);
        foreach (var pair in Delta)
        {
            var percent = pair.Value / Math.Abs(from) * 100;
            if (ComparisonValue.IsFinite(percent))
                result[pair.Key] = percent;
        }

        return result;
    }
}
