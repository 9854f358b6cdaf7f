namespace Meshia;

/// <summary>What one experiment has in a row of a comparison.</summary>
public readonly struct ComparedValue
{
    internal ComparedValue(object? value, double? number, double? delta, double? percent, IReadOnlyList<double> history, bool isBest) =>
        (Value, Number, Delta, Percent, History, IsBest) = (value, number, delta, percent, history, isBest);

    /// <summary>The value, as in <see cref="ComparisonRow.Values"/>.</summary>
    public object? Value { get; }

    /// <summary>The value as a number, as in <see cref="ComparisonRow.Numbers"/>; null if it is not a number.</summary>
    public double? Number { get; }

    /// <summary>Its difference to the baseline's, as in <see cref="ComparisonRow.Delta"/>; null if it cannot be computed.</summary>
    public double? Delta { get; }

    /// <summary>The same difference in percent, as in <see cref="ComparisonRow.Percent"/>; null if it cannot be computed.</summary>
    public double? Percent { get; }

    /// <summary>The numbers of a metric's history; none where the value is not a history.</summary>
    public IReadOnlyList<double> History { get; }

    /// <summary>Whether the experiment is among the <see cref="ComparisonRow.Best"/>.</summary>
    public bool IsBest { get; }
}
