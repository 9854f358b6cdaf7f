using System.Globalization;
using System.Text;

namespace Meshia.PowerShell;

/// <summary>Values of experiments as a person reads them: short, and the same in every culture.</summary>
internal static class ReadableValue
{
    private const string Levels = "▁▂▃▄▅▆▇█";
    private const int MostPoints = 12;

    /// <summary>Beyond it a whole number is easier to read with an exponent.</summary>
    private const double LargestWhole = 1e15;
    private const double LargestPercent = 1e5;
    private const char LastOfLatin = '\u024F';

    public static string Of(object? value) => value switch
    {
        null => "null",
        string text => Clean(text),
        bool flag => flag ? "true" : "false",
        double number => Of(number),
        IDictionary<string, object?> map => $"{{{string.Join(", ", map.Select(pair => $"{Clean(pair.Key)}: {Of(pair.Value)}"))}}}",
        object?[] items => $"[{string.Join(", ", items.Select(Of))}]",
        _ => Clean(Convert.ToString(value, CultureInfo.InvariantCulture) ?? ""),
    };

    public static string Of(double number) => number.ToString(Math.Truncate(number) == number && Math.Abs(number) < LargestWhole ? "0" : "G5", CultureInfo.InvariantCulture);

    /// <summary>A difference in percent with its sign, as in <c>-9.7%</c>.</summary>
    public static string OfPercent(double percent) => percent.ToString(Math.Abs(percent) < 10 ? "+0.##;-0.##;0" : Math.Abs(percent) < LargestPercent ? "+0;-0" : "+0.#E+0;-0.#E+0", CultureInfo.InvariantCulture) + "%";

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

    /// <summary>A text that cannot move the cursor, ring the bell or break the line.</summary>
    public static string Clean(string text)
    {
        StringBuilder? cleaned = null;
        for (var index = 0; index < text.Length; index++)
        {
            if (char.IsHighSurrogate(text[index]) && index + 1 < text.Length && char.IsLowSurrogate(text[index + 1]))
                index++;
            else if (IsUnprintable(text[index]) && !IsJoinerInside(text, index))
                (cleaned ??= new(text))[index] = '\uFFFD';
        }

        return cleaned?.ToString() ?? text;
    }

    private static bool IsUnprintable(char letter) => char.IsControl(letter) || char.GetUnicodeCategory(letter) is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate;

    /// <summary>Emoji and several scripts are joined by characters that are not seen themselves; between other letters they would only hide.</summary>
    private static bool IsJoinerInside(string text, int index) =>
        text[index] is '\u200C' or '\u200D' && index > 0 && index + 1 < text.Length && IsJoined(text[index - 1]) && IsJoined(text[index + 1]);

    private static bool IsJoined(char letter) => letter > LastOfLatin && char.GetUnicodeCategory(letter) != UnicodeCategory.Format;

    private static bool IsFinite(double number) => !double.IsNaN(number) && !double.IsInfinity(number);
}
