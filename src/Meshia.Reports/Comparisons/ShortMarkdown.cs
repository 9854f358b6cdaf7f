namespace Meshia.Reports;

/// <summary>Keeps Markdown within the length that a system takes.</summary>
internal static class ShortMarkdown
{
    private const int LongestCount = 12;

    /// <summary>Keeps as many whole lines as there is room for, and says how many are left out.</summary>
    /// <param name="markdown">The text.</param>
    /// <param name="longest">The most that it may have.</param>
    /// <param name="measure">How long a text is, in characters or bytes.</param>
    /// <param name="advice">Where the rest is; empty where nowhere.</param>
    /// <returns>The text; null if there is no room for anything.</returns>
    public static string? Fit(string markdown, int longest, Func<string, int> measure, string advice)
    {
        if (measure(markdown) <= longest)
            return markdown;
        var lines = markdown.TrimEnd('\n').Split('\n');
        var room = longest - measure(Note(0, advice)) - LongestCount;
        var kept = 0;
        while (kept < lines.Length && (room -= measure(lines[kept]) + 1) >= 0)
            kept++;
        // No heading, and no head of a table, without what belongs to it.
        while (kept > 0 && (IsHeading(lines[kept - 1]) || IsTableHead(lines, kept - 1)))
            kept--;
        if (kept == 0)
            return null;
        var left = lines.Skip(kept).Count(line => line.Length > 0);
        return string.Join("\n", lines.Take(kept)) + Note(left, advice);
    }

    private static string Note(int left, string advice) => FormattableString.Invariant($"\n\n*Shortened: {left} more lines do not fit here.{(advice.Length > 0 ? " " : "")}{advice}*\n");

    private static bool IsHeading(string line) => line.Length == 0 || line[0] == '#' || line[line.Length - 1] == ':';

    private static bool IsTableHead(string[] lines, int index) =>
        IsRule(lines[index]) || (index + 1 < lines.Length && IsRule(lines[index + 1]));

    private static bool IsRule(string line) => line.StartsWith("| ---", StringComparison.Ordinal);
}
