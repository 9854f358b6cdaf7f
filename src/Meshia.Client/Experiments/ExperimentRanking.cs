namespace Meshia;

/// <summary>The best experiments by one metric. One without a finite number there, as NaN, is never among them.</summary>
/// <param name="metric">The metric's name as <see cref="Experiment.FlattenMetrics"/> has it; case does not matter where it is the only such name.</param>
/// <param name="goal">Whether less or more is better.</param>
/// <param name="most">How many are kept; all where null.</param>
internal sealed class ExperimentRanking(string metric, MetricGoal goal, int? most)
{
    /// <summary>So many more than are wanted are gathered before they are sorted.</summary>
    private const int Spare = 1000;

    private List<(object Number, int Place, Experiment Experiment)> _best = [];
    private int _count;

    /// <summary>Whether any experiment had the metric, whatever its value.</summary>
    public bool FoundMetric { get; private set; }

    /// <summary>The experiments, the best first; equal ones in the order in which they came.</summary>
    public IEnumerable<Experiment> Best
    {
        get
        {
            Sort();
            return _best.Select(entry => entry.Experiment);
        }
    }

    /// <summary>Takes one.</summary>
    public void Add(Experiment experiment)
    {
        _count++;
        if (!TryFind(experiment.FlattenMetrics(), out var value))
            return;
        FoundMetric = true;
        if (NumberOf(value) is not { } number)
            return;
        _best.Add((number, _count, experiment));
        if (most is { } limit && _best.Count > limit + Math.Max(limit, Spare))
            Sort();
    }

    private void Sort()
    {
        _best.Sort((one, other) =>
        {
            var order = ExactNumber.Compare(one.Number, other.Number) * (goal == MetricGoal.Minimize ? 1 : -1);
            return order != 0 ? order : one.Place.CompareTo(other.Place);
        });
        if (most is { } limit && _best.Count > limit)
            _best = _best.GetRange(0, limit);
    }

    private bool TryFind(IDictionary<string, object?> metrics, out object? value)
    {
        if (metrics.TryGetValue(metric, out value))
            return true;
        var alike = metrics.Where(pair => string.Equals(pair.Key, metric, StringComparison.OrdinalIgnoreCase)).ToList();
        value = alike.Count == 1 ? alike[0].Value : null;
        return alike.Count == 1;
    }

    /// <summary>The number that a comparison would show: of a history the last one.</summary>
    private static object? NumberOf(object? value)
    {
        var number = ComparisonValue.HistoryOf(ComparisonRowKind.Metric, value) is { } history ? history[history.Count - 1]
            : ExactNumber.IsNumber(value) ? value
            : ComparisonValue.NumberOf(ComparisonRowKind.Metric, value);
        return ExactNumber.ToDouble(number) is { } finite && ComparisonValue.IsFinite(finite) ? number : null;
    }
}
