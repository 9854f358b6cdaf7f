using System.Globalization;

namespace Meshia.Benchmarks;

/// <summary>One goal of the table, and whether it is met.</summary>
/// <param name="What">What was measured.</param>
/// <param name="Ours">The median of Meshia, with its unit.</param>
/// <param name="Other">What it is compared with, and its median.</param>
/// <param name="Ratio">Ours divided by the other; the median of the pairs.</param>
/// <param name="Spread">The middle half of the pairs.</param>
/// <param name="Goal">The limit; empty if there is none.</param>
/// <param name="IsMet">Whether the median is within it; null if there is none.</param>
internal sealed record Row(string What, string Ours, string Other, string Ratio, string Spread, string Goal, bool? IsMet)
{
    /// <summary>A row for pairs that were measured in turns, with a limit for their ratio.</summary>
    public static Row OfPairs(string what, string unit, IReadOnlyList<double> ours, string otherName, IReadOnlyList<double> others, double most)
    {
        var ratios = ours.Zip(others, (our, other) => our / other).Order().ToList();
        var median = Middle(ratios);
        return new(what, Text(Middle(ours), unit), $"{otherName}: {Text(Middle(others), unit)}", Text(median, "×", 2), SpreadOf(ratios, "×", 2), $"≤ {Text(most, "×", 2)}", median <= most);
    }

    /// <summary>A row for values with a limit of their own.</summary>
    public static Row OfValues(string what, string unit, IReadOnlyList<double> values, double most, string other = "") =>
        new(what, Text(Middle(values), unit), other, "", SpreadOf(values, unit), $"≤ {Text(most, unit)}", Middle(values) <= most);

    /// <summary>The same figures for comparison only.</summary>
    public Row WithoutGoal() => this with { Goal = "", IsMet = null };

    public static double Middle(IReadOnlyList<double> values) => values.Order().ElementAt(values.Count / 2);

    public static string Text(double value, string unit, int digits = -1) =>
        $"{value.ToString(digits < 0 ? (Math.Abs(value) < 100 ? "0.#" : "0") : $"F{digits}", CultureInfo.InvariantCulture)} {unit}";

    private static string SpreadOf(IReadOnlyList<double> values, string unit, int digits = -1)
    {
        var sorted = values.Order().ToList();
        return $"{Text(sorted[sorted.Count / 4], unit, digits)} to {Text(sorted[sorted.Count * 3 / 4], unit, digits)}";
    }
}
