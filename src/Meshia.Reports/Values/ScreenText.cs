using System.Globalization;
using System.Text;

namespace Meshia.Reports;

/// <summary>
/// Texts as a terminal lays them out: an ideograph or an emoji takes two cells, an accent none of its own. Hosts say only
/// how many characters a text has, or do not know emoji, so the widths are kept here.
/// </summary>
internal static class ScreenText
{
    public const string Ellipsis = "…";

    private const char DrawnAsEmoji = '\uFE0F';

    /// <summary>The first and the last of each stretch of wide characters, in order: East Asian scripts and emoji.</summary>
    private static readonly int[] _wide =
    [
        0x1100, 0x115F, 0x231A, 0x231B, 0x2329, 0x232A, 0x23E9, 0x23EC, 0x23F0, 0x23F0, 0x23F3, 0x23F3, 0x25FD, 0x25FE, 0x2614, 0x2615, 0x2648, 0x2653,
        0x267F, 0x267F, 0x2693, 0x2693, 0x26A1, 0x26A1, 0x26AA, 0x26AB, 0x26BD, 0x26BE, 0x26C4, 0x26C5, 0x26CE, 0x26CE, 0x26D4, 0x26D4, 0x26EA, 0x26EA,
        0x26F2, 0x26F3, 0x26F5, 0x26F5, 0x26FA, 0x26FA, 0x26FD, 0x26FD, 0x2705, 0x2705, 0x270A, 0x270B, 0x2728, 0x2728, 0x274C, 0x274C, 0x274E, 0x274E,
        0x2753, 0x2755, 0x2757, 0x2757, 0x2795, 0x2797, 0x27B0, 0x27B0, 0x27BF, 0x27BF, 0x2B1B, 0x2B1C, 0x2B50, 0x2B50, 0x2B55, 0x2B55, 0x2E80, 0x303E,
        0x3041, 0xA4CF, 0xA960, 0xA97F, 0xAC00, 0xD7A3, 0xF900, 0xFAFF, 0xFE10, 0xFE19, 0xFE30, 0xFE6F, 0xFF01, 0xFF60, 0xFFE0, 0xFFE6, 0x16FE0, 0x18DFF,
        0x1AFF0, 0x1B2FF, 0x1F004, 0x1F004, 0x1F0CF, 0x1F0CF, 0x1F18E, 0x1F18E, 0x1F191, 0x1F19A, 0x1F1E6, 0x1F320, 0x1F32D, 0x1F64F, 0x1F680, 0x1F6FF,
        0x1F7E0, 0x1F7F0, 0x1F90C, 0x1F9FF, 0x1FA70, 0x1FAFF, 0x20000, 0x3FFFD,
    ];

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

    private static int WidthOfElement(string element)
    {
        if (element.IndexOf(DrawnAsEmoji) > 0 || IsWide(element.Length > 1 && char.IsSurrogatePair(element, 0) ? char.ConvertToUtf32(element, 0) : element[0]))
            return 2;
        return CharUnicodeInfo.GetUnicodeCategory(element, 0) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format ? 0 : 1;
    }

    /// <summary>A wide one is where a stretch begins, or between its beginning and its end.</summary>
    private static bool IsWide(int letter)
    {
        var place = Array.BinarySearch(_wide, letter);
        return place >= 0 || ~place % 2 == 1;
    }
}
