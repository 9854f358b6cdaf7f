using System.Globalization;
using System.Numerics;
using System.Text;

namespace Meshia.Reports;

/// <summary>Values of experiments as a person reads them: short, and the same in every culture.</summary>
internal static class ReadableValue
{
    private const string Levels = "▁▂▃▄▅▆▇█";
    private const int MostPoints = 12;

    /// <summary>Up to it each whole number is told apart from the next, and is so where it is shown.</summary>
    private const double LargestWhole = 9_007_199_254_740_992;
    private const double SmallestPercent = 0.005;
    private const double LargestPercent = 1e5;

    public static string Of(object? value) => value switch
    {
        null => "null",
        string text => Clean(Quoted(text)),
        bool flag => flag ? "true" : "false",
        long number => number.ToString(CultureInfo.InvariantCulture),
        double number => Of(number),
        decimal number => number.ToString(CultureInfo.InvariantCulture),
        IDictionary<string, object?> map => $"{{{string.Join(", ", map.Select(pair => $"{Clean(pair.Key)}: {Of(pair.Value)}"))}}}",
        object?[] items => $"[{string.Join(", ", items.Select(Of))}]",
        _ => Clean(Convert.ToString(value, CultureInfo.InvariantCulture) ?? ""),
    };

    public static string Of(double number) => Math.Truncate(number) == number && Math.Abs(number) <= LargestWhole
        ? ((long)number).ToString(CultureInfo.InvariantCulture)
        : number.ToString("G5", CultureInfo.InvariantCulture);

    /// <summary>The value of an experiment in a row: the number that it counts as, or else itself.</summary>
    public static string Of(ComparedValue value) => value is { Value: not (long or decimal or BigInteger), Number: { } number } ? Of(number) : Of(value.Value);

    /// <summary>A text in quotes where it would look like another kind of value; one that counts as a number is not.</summary>
    public static string Quoted(string text) =>
        text is "true" or "false" or "null" || (text is not ("NaN" or "Infinity" or "-Infinity") && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _)) ? $"\"{text}\"" : text;

    /// <summary>A difference in percent with its sign, as in <c>-9.7%</c>; one that is not zero does not look like it.</summary>
    public static string OfPercent(double percent)
    {
        var size = Math.Abs(percent);
        if (percent != 0 && size < SmallestPercent)
            return percent < 0 ? "-<0.01%" : "+<0.01%";
        if (size >= LargestPercent)
            return percent.ToString("+0.#E+0'%';-0.#E+0'%'", CultureInfo.InvariantCulture);
        // As a decimal it has fifteen digits, so that what is half of the last one is so still.
        var rounded = Math.Round((decimal)percent, size < 10 ? 2 : 0, MidpointRounding.AwayFromZero);
        var text = size < 10 ? rounded.ToString("0.##", CultureInfo.InvariantCulture) : ((int)rounded).ToString(CultureInfo.InvariantCulture);
        return percent > 0 ? $"+{text}%" : $"{text}%";
    }

    /// <summary>A history as a little picture; empty where it has fewer than two points.</summary>
    public static string Sparkline(IReadOnlyList<double> history)
    {
        var finite = history.Where(IsFinite).ToList();
        if (history.Count < 2 || finite.Count == 0)
            return "";
        var (min, max) = (finite.Min(), finite.Max());
        var line = new StringBuilder();
        for (var point = 0; point < Math.Min(history.Count, MostPoints); point++)
        {
            var number = history[history.Count <= MostPoints ? point : (int)((long)point * (history.Count - 1) / (MostPoints - 1))];
            // Halves first: the range of two large numbers may be infinite.
            var share = max > min ? ((number / 2) - (min / 2)) / ((max / 2) - (min / 2)) : 0;
            line.Append(IsFinite(number) ? Levels[(int)Math.Round(share * (Levels.Length - 1))] : ' ');
        }

        return line.ToString();
    }

    /// <summary>A text that is safe to show, on one line.</summary>
    public static string Clean(string text) => DisplayText.Clean(text, int.MaxValue);

    private static bool IsFinite(double number) => !double.IsNaN(number) && !double.IsInfinity(number);
}
