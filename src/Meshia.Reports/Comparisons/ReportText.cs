using System.Globalization;
using System.Text.RegularExpressions;

namespace Meshia.Reports;

/// <summary>Values of a comparison as the files write them.</summary>
internal static class ReportText
{
    private const int LongestShort = 120;

    private static readonly Regex _inLine = new("[^\t\r\n]+");

    /// <summary>A text that is safe to show. Line breaks and tabs stay: a file has room for them.</summary>
    public static string Clean(string text) => text.IndexOfAny(['\t', '\r', '\n']) < 0
        ? DisplayText.Clean(text, int.MaxValue)
        : _inLine.Replace(text, static part => DisplayText.Clean(part.Value, int.MaxValue));

    /// <summary>A text that is not too long for the cell of a table; what a reader takes for one character is not cut in two.</summary>
    public static string Shorten(string clean)
    {
        if (clean.Length <= LongestShort)
            return clean;
        var elements = new StringInfo(clean);
        return elements.LengthInTextElements <= LongestShort ? clean : elements.SubstringByTextElements(0, LongestShort - 1) + "…";
    }

    /// <summary>A value as a person reads it, numbers shortened.</summary>
    public static string Readable(object? value) => value is string text ? Clean(ReadableValue.Quoted(text)) : Clean(ReadableValue.Of(value));

    /// <summary>A value as it is, numbers with every digit, and a text that would look like one in quotes.</summary>
    public static string Exact(object? value) => value switch
    {
        null => "null",
        string text => Clean(ReadableValue.Quoted(text)),
        bool flag => flag ? "true" : "false",
        long number => number.ToString(CultureInfo.InvariantCulture),
        double number => Exact(number),
        IDictionary<string, object?> map => $"{{{string.Join(", ", map.Select(pair => $"{Clean(pair.Key)}: {Exact(pair.Value)}"))}}}",
        object?[] items => $"[{string.Join(", ", items.Select(Exact))}]",
        _ => Clean(Convert.ToString(value, CultureInfo.InvariantCulture) ?? ""),
    };

    public static string Exact(double number) => number.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>A difference to the baseline with its sign: in percent, or as it is where there is no percent.</summary>
    public static string? Difference(ComparedValue value) =>
        value.Percent is { } percent ? percent == 0 ? null : ReadableValue.OfPercent(percent)
        : value.Delta is { } delta and not 0 ? (delta > 0 ? "+" : "") + ReadableValue.Of(delta)
        : null;

    /// <summary>How long an experiment ran, as in <c>1:02:03</c>.</summary>
    public static string Duration(TimeSpan duration) => FormattableString.Invariant($"{(long)duration.TotalHours}:{duration.Minutes:00}:{duration.Seconds:00}");

    public static string Time(DateTimeOffset time) => time.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    public static string Direction(MetricGoal goal) => goal == MetricGoal.Minimize ? "↓ less is better" : "↑ more is better";

    /// <summary>The text after a goal that the user did not give.</summary>
    public static string Guess(ComparisonRow row) => row.GoalSource == MetricGoalSource.Guessed ? ", " + Source(MetricGoalSource.Guessed) : "";

    public static string Source(MetricGoalSource source) => source switch
    {
        MetricGoalSource.Given => "given",
        MetricGoalSource.Service => "from the service",
        _ => "guessed from the name",
    };
}
