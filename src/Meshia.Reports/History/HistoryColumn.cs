namespace Meshia.Reports;

/// <summary>The values of one metric, or of one key of the configurations, for the experiments that have it.</summary>
/// <param name="key">Its name, levels joined by dots, as the service gives it.</param>
/// <param name="kind">Whether it is a metric.</param>
internal sealed class HistoryColumn(string key, ComparisonRowKind kind)
{
    private readonly List<int> _rows = [];
    private readonly List<HistoryValue> _values = [];
    private readonly HashSet<string> _texts = new(StringComparer.Ordinal);

    public string Key => key;

    public ComparisonRowKind Kind => kind;

    /// <summary>How many experiments have it.</summary>
    public int Count => _rows.Count;

    /// <summary>Whether two experiments differ in it.</summary>
    public bool Varies => _texts.Count > 1;

    /// <summary>Whether less or more of a metric is better; null if it is not known.</summary>
    public MetricGoal? Goal { get; init; }

    /// <summary>Whether the user gave the goal.</summary>
    public bool IsGoalGiven { get; init; }

    /// <summary>The values, by the rows of their experiments.</summary>
    public IEnumerable<(int Row, HistoryValue Value)> Values => _rows.Zip(_values, (row, value) => (row, value));

    /// <summary>The values that are numbers.</summary>
    public IEnumerable<(int Row, double Number, HistoryValue Value)> Numbers => Values.Where(item => item.Value.Number is not null).Select(item => (item.Row, item.Value.Number!.Value, item.Value));

    /// <summary>Adds the value of the experiment that comes next.</summary>
    public void Add(int row, HistoryValue value)
    {
        _rows.Add(row);
        _values.Add(value);
        // That there are two of them is all that matters.
        if (_texts.Count < 2)
            _texts.Add(value.Number?.ToString("R", System.Globalization.CultureInfo.InvariantCulture) ?? value.Text ?? "");
    }

    /// <summary>The value of an experiment; null if it has none.</summary>
    public HistoryValue? Find(int row) => _rows.BinarySearch(row) is var place && place >= 0 ? _values[place] : null;
}

/// <summary>A value as a history shows it.</summary>
/// <param name="Number">The value as a number; null if it is not a number, or NaN.</param>
/// <param name="Text">The text to show; null if it is <paramref name="Number"/> itself.</param>
internal readonly record struct HistoryValue(double? Number, string? Text)
{
    /// <summary>A text to read instead of a number.</summary>
    public string Shown => Text ?? ReadableValue.Of(Number!.Value);

    /// <summary>Reads a value of an experiment.</summary>
    public static HistoryValue Of(ComparisonRowKind kind, object? value)
    {
        if (ComparisonValue.HistoryOf(kind, value) is { } history)
            value = history[history.Count - 1];
        if (ComparisonValue.NumberOf(kind, value) is not { } number || !ComparisonValue.IsFinite(number))
            return new(null, ReportText.Shorten(ReportText.Readable(value)));
        // A page's script has doubles only: a number with more digits brings its text along.
        return new(number, value is decimal || (ExactNumber.IsExact(value) && Math.Abs(number) >= JsonValue.LargestExact) ? ReportText.Shorten(ReportText.Exact(value)) : null);
    }
}
