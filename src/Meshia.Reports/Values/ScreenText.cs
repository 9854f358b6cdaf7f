using System.Globalization;
using System.Text;
using Wcwidth;

namespace Meshia.Reports;

/// <summary>
/// Texts as a terminal shows them: an ideograph or an emoji takes two cells, an accent none of its own. Hosts say only
/// how many characters a text has; the widths come from Wcwidth, which follows the tables of Unicode.
/// </summary>
internal static class ScreenText
{
    public const string Ellipsis = "…";

    private const char DrawnAsEmoji = '\uFE0F';
    private const int WidestElement = 2;

    /// <summary>How many cells a text takes.</summary>
    public static int WidthOf(string text) =>
        // As many bytes as characters has ASCII alone, as nearly all cells; nothing tells it sooner.
        Encoding.UTF8.GetByteCount(text) == text.Length ? text.Length : Elements(text).Sum(WidthOfElement);

    /// <summary>A text in no more cells than there are, an ellipsis in the place of what was cut.</summary>
    /// <param name="text">The text.</param>
    /// <param name="width">The cells, at least one.</param>
    /// <param name="keepEnd">Whether its beginning is cut, and not its end.</param>
    public static string Fit(string text, int width, bool keepEnd)
    {
        if (WidthOf(text) <= width)
            return text;
        var kept = new List<string>();
        var left = width - WidthOf(Ellipsis);
        foreach (var element in keepEnd ? Elements(text).Reverse() : Elements(text))
        {
            left -= WidthOfElement(element);
            if (left < 0)
                break;
            kept.Add(element);
        }

        if (keepEnd)
            kept.Reverse();
        return keepEnd ? Ellipsis + string.Concat(kept) : string.Concat(kept) + Ellipsis;
    }

    /// <summary>What a reader takes for one character, however many make it up.</summary>
    private static IEnumerable<string> Elements(string text)
    {
        for (var elements = StringInfo.GetTextElementEnumerator(text); elements.MoveNext();)
            yield return elements.GetTextElement();
    }

    /// <summary>A joined emoji takes as many cells as its first part.</summary>
    private static int WidthOfElement(string element)
    {
        if (element.IndexOf(DrawnAsEmoji) > 0)
            return WidestElement;
        var width = 0;
        for (var index = 0; index < element.Length; index += char.IsSurrogatePair(element, index) ? 2 : 1)
            width += Math.Max(0, UnicodeCalculator.GetWidth(char.IsSurrogatePair(element, index) ? char.ConvertToUtf32(element, index) : element[index]));
        return Math.Min(width, WidestElement);
    }
}
