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
    /// <summary>Stands for the value of an experiment that has none, which is not the same as null.</summary>
    internal static readonly object Missing = new();

    // Of a comparison there are thousands of values: they lie in arrays, in the order of the experiments, and dictionaries
    // are made of them when they are read.
    private readonly ComparedIds _ids;
    private readonly object?[] _values;
    private readonly double?[] _numbers;
    private readonly bool[] _isBest;

    /// <summary>Null where no value is a history.</summary>
    private readonly IReadOnlyList<double>?[]? _histories;

    /// <summary>The baseline's, where a difference to it is a number.</summary>
    private readonly (object? Value, double Number)? _from;

    /// <param name="kind">What it is about.</param>
    /// <param name="key">Its key.</param>
    /// <param name="ids">The experiments.</param>
    /// <param name="values">Their values, in their order; <see cref="Missing"/> where one has none.</param>
    /// <param name="tolerance">How far numbers may be apart and still be the same.</param>
    internal ComparisonRow(ComparisonRowKind kind, string key, ComparedIds ids, object?[] values, Tolerance tolerance)
    {
        (Kind, Key, _ids, _values, _numbers, _isBest) = (kind, key, ids, values, new double?[values.Length], new bool[values.Length]);
        IsDifferent = Array.IndexOf(values, Missing) >= 0 || !ComparisonValue.AreSame(kind, values, tolerance);
        var finite = new List<double>(values.Length);
        for (var place = 0; place < values.Length; place++)
        {
            if (ComparisonValue.HistoryOf(kind, values[place]) is { } history)
                (_histories ??= new IReadOnlyList<double>?[values.Length])[place] = history;
            _numbers[place] = _histories?[place] is { } points ? points[points.Count - 1] : ComparisonValue.NumberOf(kind, values[place]);
            _values[place] = ComparisonValue.Ordered(values[place]);
            // Zero has two signs, which are one number.
            if (_numbers[place] is { } number && ComparisonValue.IsFinite(number))
                finite.Add(number + 0.0);
        }

        finite.Sort();
        if (finite.Count > 0)
            (Min, Max, Mean) = (finite[0], finite[finite.Count - 1], ComparisonValue.Mean(finite));
        if (_numbers[ids.Baseline] is { } from && ComparisonValue.IsFinite(from))
            _from = (_values[ids.Baseline], from);
    }

    /// <summary>Whether it is about the configuration or about a metric.</summary>
    public ComparisonRowKind Kind { get; }

    /// <summary>The key, its levels joined by dots, as in <c>optimizer.lr</c>.</summary>
    public string Key { get; }

    /// <summary>The key.</summary>
    public override string ToString() => Key;

    /// <summary>The value of each experiment, by its id; an experiment without the key is not in it.</summary>
    public IDictionary<string, object?> Values
    {
        get
        {
            if (field is not null)
                return field;
            var map = new JsonObject(_values.Length, StringComparer.Ordinal);
            for (var place = 0; place < _values.Length; place++)
            {
                if (_values[place] != Missing)
                    map.Add(_ids.All[place], _values[place]);
            }

            return field = map;
        }
    }

    /// <summary>The number that each value is, by the experiment's id; that of a history is its last. A value that is no number is not in it.</summary>
    public IDictionary<string, double> Numbers => field ??= MapOf(value => value.Number);

    /// <summary>The difference of each number to the baseline's, by the experiment's id.</summary>
    public IDictionary<string, double> Delta => field ??= MapOf(value => value.Delta);

    /// <summary>The same difference in percent of the baseline's number; none where that is zero.</summary>
    public IDictionary<string, double> Percent => field ??= MapOf(value => value.Percent);

    /// <summary>Whether the values differ by more than the tolerance. A missing one differs from any other.</summary>
    public bool IsDifferent { get; }

    /// <summary>Whether less or more is better; null if it is not known, and for a configuration.</summary>
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

    /// <summary>What an experiment has in this row; null if it has not the key.</summary>
    /// <param name="experimentId">The experiment's id.</param>
    public ComparedValue? Find(string experimentId) => _ids.PlaceOf(experimentId) is >= 0 and var place ? At(place) : null;

    /// <summary>The numbers of a metric's history; none where the value is not a history.</summary>
    /// <param name="experimentId">The experiment's id.</param>
    public IReadOnlyList<double> GetHistory(string experimentId) => Find(experimentId)?.History ?? [];

    /// <summary>What an experiment has in this row, by its place in the comparison; null if it has not the key.</summary>
    internal ComparedValue? At(int place)
    {
        var (value, number) = (_values[place], _numbers[place]);
        if (value == Missing)
            return null;
        double? delta = null, percent = null;
        if (_from is { } from && place != _ids.Baseline && number is { } own && ComparisonValue.IsFinite(own - from.Number))
        {
            delta = ComparisonValue.Subtract((value, own), from);
            var share = delta.Value / Math.Abs(from.Number) * 100;
            if (from.Number != 0 && ComparisonValue.IsFinite(share))
                percent = share;
        }

        return new(value, number, delta, percent, _histories?[place] ?? [], _isBest[place]);
    }

    /// <summary>Takes the goal, and finds who reached it.</summary>
    internal ComparisonRow Aim(MetricGoal? goal, MetricGoalSource? source, Tolerance tolerance)
    {
        (Goal, GoalSource) = (goal, goal is null ? null : source);
        if (goal is not { } wanted || !IsDifferent || Min is not { } min || Max is not { } max)
            return this;
        var best = wanted == MetricGoal.Minimize ? min : max;
        for (var place = 0; place < _isBest.Length; place++)
            _isBest[place] = _numbers[place] is { } number && ComparisonValue.IsFinite(number) && tolerance.Covers(Math.Abs(number - best), Math.Max(Math.Abs(number), Math.Abs(best)));
        Best = IdsOf(_ids.All.Where((_, place) => _isBest[place]));
        return this;
    }

    // A list that the compiler makes of [..] has no indexer that PowerShell finds, and the name of its type for a text.
    private static NamedList<string> IdsOf(IEnumerable<string> ids) => new(ids, id => id);

    private JsonMap<double> MapOf(Func<ComparedValue, double?> get)
    {
        var map = new JsonMap<double>(_values.Length, StringComparer.Ordinal);
        for (var place = 0; place < _values.Length; place++)
        {
            if (At(place) is { } value && get(value) is { } number)
                map.Add(_ids.All[place], number);
        }

        return map;
    }
}
