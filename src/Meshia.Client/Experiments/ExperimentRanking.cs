namespace Meshia;

/// <summary>The best experiments by one metric. One without a finite number there, as NaN, is never among them.</summary>
/// <param name="metric">The metric's name as <see cref="Experiment.FlattenMetrics"/> has it; case does not matter where it is the only such name.</param>
/// <param name="goal">Whether less or more is better.</param>
/// <param name="most">How many are kept; all where null.</param>
internal sealed class ExperimentRanking(string metric, MetricGoal goal, int? most)
{
    /// <summary>Up to so many are kept in order at any time; more are sorted at the end.</summary>
    private const int MostInOrder = 1000;

    private readonly MetricScan _scan = new(metric);
    private readonly List<Entry> _best = [];
    private int _count;

    /// <summary>The number of the worst that is kept, once there are as many as are wanted; else NaN. Other threads read it.</summary>
    private double _worst = double.NaN;

    private volatile bool _foundMetric;

    /// <summary>Whether any experiment had the metric, with any value.</summary>
    public bool FoundMetric => _foundMetric;

    /// <summary>The experiments, the best first; equal ones in the order in which they came.</summary>
    public IEnumerable<Experiment> Best
    {
        get
        {
            _best.Sort(Compare);
            return _best.Take(most ?? int.MaxValue).Select(entry => entry.Experiment);
        }
    }

    /// <summary>Takes one.</summary>
    public void Add(Experiment experiment)
    {
        _count++;
        if (!TryFind(experiment.FlattenMetrics(), out var value))
            return;
        _foundMetric = true;
        if (NumberOf(value) is not { } number)
            return;
        var entry = new Entry(number, _count, experiment);
        if (most is not <= MostInOrder)
        {
            _best.Add(entry);
            return;
        }

        var place = _best.BinarySearch(entry, Comparer<Entry>.Create(Compare));
        _best.Insert(place < 0 ? ~place : place, entry);
        if (_best.Count > most)
            _best.RemoveAt(_best.Count - 1);
        if (_best.Count == most)
            Volatile.Write(ref _worst, ExactNumber.ToDouble(_best[_best.Count - 1].Number)!.Value);
    }

    /// <summary>
    /// Whether the experiment of an archive's line is certainly worse than the ones found so far, so it need not be read.
    /// Any thread may ask: the worst that is kept only becomes better.
    /// </summary>
    public bool IsBeaten(ReadOnlyMemory<byte> line)
    {
        var worst = Volatile.Read(ref _worst);
        if (double.IsNaN(worst) || _scan.Find(line.Span) is not { } number)
            return false;
        _foundMetric = true;
        return goal == MetricGoal.Minimize ? number > worst : number < worst;
    }

    private int Compare(Entry one, Entry other)
    {
        var order = ExactNumber.Compare(one.Number, other.Number) * (goal == MetricGoal.Minimize ? 1 : -1);
        return order != 0 ? order : one.Place.CompareTo(other.Place);
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

    private sealed record Entry(object Number, int Place, Experiment Experiment);
}
