using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Meshia;

/// <summary>
/// The one rule for characters of a text from outside. What moves the cursor, rings the bell, turns the reading direction
/// or hides is replaced, and so is the beginning of a command in the log of GitHub Actions or Azure Pipelines, which read it
/// anywhere in a line; real text in any script stays whole.
/// </summary>
internal static class VisibleText
{
    private const char Replacement = '\uFFFD';
    private const char Ellipsis = '…';
    private const int NonJoiner = 0x200C;
    private const int Joiner = 0x200D;
    private const int BlackFlag = 0x1F3F4;
    private const int LastTag = 0xE007F;
    private const int MostTags = 6;

    /// <summary>The beginning of a command of a pipeline's log: <c>##[</c> or <c>##vso[</c>.</summary>
    private static readonly Regex _logCommand = new(@"(?<=##(?:vso)?)\[", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase);

    /// <summary>Replaces what cannot be seen, writes line breaks and tabs as spaces, and bounds the length.</summary>
    /// <param name="text">The text.</param>
    /// <param name="longest">The most characters that the result has; an ellipsis is the last where something was cut off.</param>
    public static string Clean(string text, int longest)
    {
        if (text.IndexOf("##", StringComparison.Ordinal) >= 0)
            text = _logCommand.Replace(text, Replacement.ToString());
        if (text.Length <= longest && IsPlain(text))
            return text;
        var clean = new StringBuilder(Math.Min(text.Length, longest));
        var previous = -1;
        for (var index = 0; index < text.Length;)
        {
            var (code, length) = At(text, index);
            if (code == BlackFlag)
                length += TagsAt(text, index + length);
            var next = index + length < text.Length ? At(text, index + length).Code : -1;
            if (length + clean.Length > longest)
                return Shorten(clean, longest);
            if (IsBreak(code))
                clean.Append(' ');
            else if (IsVisible(code, previous, next))
                clean.Append(text, index, length);
            else
                clean.Append(Replacement);
            index += length;
            previous = code;
        }

        return clean.ToString();
    }

    /// <summary>Nearly every text is ASCII and needs no second look.</summary>
    private static bool IsPlain(string text)
    {
        foreach (var letter in text)
        {
            if (letter is < ' ' or > '~')
                return false;
        }

        return true;
    }

    private static (int Code, int Length) At(string text, int index) =>
        char.IsSurrogatePair(text, index) ? (char.ConvertToUtf32(text, index), 2) : (text[index], 1);

    /// <summary>The flags of England, Scotland and Wales are a black flag and the name of the country in tags, which are invisible anywhere else.</summary>
    /// <returns>How many characters the tags take; 0 where there is no such name.</returns>
    private static int TagsAt(string text, int start)
    {
        for (var tag = 0; tag <= MostTags && start + (tag * 2) < text.Length; tag++)
        {
            var code = At(text, start + (tag * 2)).Code;
            if (code == LastTag)
                return tag == 0 ? 0 : (tag + 1) * 2;
            if (code is not ((>= 0xE0030 and <= 0xE0039) or (>= 0xE0061 and <= 0xE007A)))
                return 0;
        }

        return 0;
    }

    /// <summary>Cuts between characters that a reader sees, so that no half of one stays.</summary>
    private static string Shorten(StringBuilder clean, int longest)
    {
        var text = clean.ToString();
        var kept = 0;
        for (var elements = StringInfo.GetTextElementEnumerator(text); elements.MoveNext() && elements.ElementIndex < longest;)
            kept = elements.ElementIndex;
        return text.Substring(0, kept) + Ellipsis;
    }

    private static bool IsBreak(int code) => code is (>= '\t' and <= '\r') or 0x85 or 0x2028 or 0x2029;

    private static bool IsVisible(int code, int previous, int next) => code switch
    {
        < ' ' or (>= 0x7F and <= 0x9F) => false,
        < 0xAD => true,
        Joiner or NonJoiner => (IsJoined(previous) && IsJoined(next)) || (IsIndic(previous) && IsMark(previous)),
        // One selector chooses a form of the character before it; without one, or after another, it only hides.
        >= 0xFE00 and <= 0xFE0F or >= 0xE0100 and <= 0xE01EF => previous > ' ' && !IsSelector(previous) && !IsInvisible(previous),
        _ => !IsInvisible(code) && !IsForbidden(code),
    };

    /// <summary>Format characters that show nothing, halves of a pair and what Unicode says is no character.</summary>
    private static bool IsForbidden(int code) => code is >= 0xD800 and <= 0xDFFF || (code & 0xFFFE) == 0xFFFE || code is >= 0xFDD0 and <= 0xFDEF;

    /// <summary>Written out, as what a host knows of Unicode depends on its version (Unicode 16, Default_Ignorable_Code_Point and bidi controls).</summary>
    private static bool IsInvisible(int code) => code is 0xAD or 0x034F or 0x061C or 0x115F or 0x1160 or 0x17B4 or 0x17B5 or (>= 0x180B and <= 0x180F)
        or (>= 0x200B and <= 0x200F) or (>= 0x202A and <= 0x202E) or (>= 0x2060 and <= 0x206F) or 0x3164 or 0xFEFF or 0xFFA0 or (>= 0xFFF0 and <= 0xFFFB)
        or (>= 0x13430 and <= 0x1343F) or (>= 0x1BCA0 and <= 0x1BCA3) or (>= 0x1D173 and <= 0x1D17A) or (>= 0xE0000 and <= 0xE0FFF);

    private static bool IsSelector(int code) => code is (>= 0xFE00 and <= 0xFE0F) or (>= 0xE0100 and <= 0xE01EF);

    /// <summary>Scripts and emoji in which a joiner changes what is seen.</summary>
    private static bool IsJoined(int code) => IsArabic(code) || IsIndic(code) || code is (>= 0x2190 and <= 0x2BFF) or 0x3030 or 0xFE0F or (>= 0x1F000 and <= 0x1FAFF);

    private static bool IsArabic(int code) => code is (>= 0x0620 and <= 0x08FF) or (>= 0xFB50 and <= 0xFDCF) or (>= 0xFDF0 and <= 0xFDFF) or (>= 0xFE70 and <= 0xFEFC) or (>= 0x1820 and <= 0x18AF) or (>= 0x10A00 and <= 0x10FFF) or (>= 0x1E900 and <= 0x1E95F);

    private static bool IsIndic(int code) => code is (>= 0x0900 and <= 0x109F) or (>= 0x1780 and <= 0x17FF) or (>= 0x1900 and <= 0x1CFF) or (>= 0xA800 and <= 0xABFF) or (>= 0x11000 and <= 0x11FFF);

    private static bool IsMark(int code) => CharUnicodeInfo.GetUnicodeCategory(char.ConvertFromUtf32(code), 0) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;
}
