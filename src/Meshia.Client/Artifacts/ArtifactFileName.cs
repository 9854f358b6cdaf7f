using System.Globalization;
using System.Text;

namespace Meshia;

/// <summary>
/// Makes any name that the service gives one safe file name on Windows, macOS and Linux: what a file system refuses or
/// understands otherwise becomes <c>%XX</c> of its UTF-8 bytes, as in an address. A name longer than a file system
/// takes is cut and ends in the artifact's id.
/// </summary>
public static class ArtifactFileName
{
    /// <summary>File systems take 255 bytes (or UTF-16 units); room is left for <c>.partial</c>.</summary>
    private const int LongestName = 200;

    private static readonly string[] _reserved =
    [
        "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$",
        "COM0", "COM1", "COM2", "COM3", "COM4", "COM5", "COM6", "COM7", "COM8", "COM9", "COM¹", "COM²", "COM³",
        "LPT0", "LPT1", "LPT2", "LPT3", "LPT4", "LPT5", "LPT6", "LPT7", "LPT8", "LPT9", "LPT¹", "LPT²", "LPT³",
    ];

    /// <summary>The file name for an artifact.</summary>
    /// <param name="name">Its name, or null where the service gave none: then its id is the name.</param>
    /// <param name="id">Its id.</param>
    public static string For(string? name, string id)
    {
        var source = string.IsNullOrEmpty(name) ? id : name!;
        var safe = new StringBuilder();
        for (var i = 0; i < source.Length; i++)
        {
            var isPair = char.IsHighSurrogate(source[i]) && i + 1 < source.Length && char.IsLowSurrogate(source[i + 1]);
            var isLastEnd = i == source.Length - 1 && source[i] is '.' or ' ';
            if (isPair)
                safe.Append(source, i++, 2);
            else if (isLastEnd || (i == 0 && source[i] is ' ' or '~') || IsUnsafe(source[i]))
                Encode(safe, source[i]);
            else
                safe.Append(source[i]);
        }

        var stem = source.Split('.')[0].TrimEnd(' ');
        if (_reserved.Contains(stem, StringComparer.OrdinalIgnoreCase))
            safe.Remove(0, 1).Insert(0, $"%{(int)source[0]:X2}");
        var result = safe.ToString();
        return Encoding.UTF8.GetByteCount(result) <= LongestName ? result : Shorten(result, $"~{For(null, id)}");
    }

    private static bool IsUnsafe(char character) =>
        character is '%' or '/' or '\\' or ':' or '*' or '?' or '"' or '<' or '>' or '|'
        || char.IsControl(character)
        || char.IsSurrogate(character)
        || CharUnicodeInfo.GetUnicodeCategory(character) is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;

    private static void Encode(StringBuilder safe, char character)
    {
        // A lone surrogate has no UTF-8 form of its own.
        if (char.IsSurrogate(character))
        {
            safe.AppendFormat(CultureInfo.InvariantCulture, "%u{0:X4}", (int)character);
            return;
        }

        foreach (var octet in Encoding.UTF8.GetBytes([character]))
            safe.AppendFormat(CultureInfo.InvariantCulture, "%{0:X2}", octet);
    }

    private static string Shorten(string name, string end)
    {
        var text = new StringBuilder();
        var room = Math.Max(1, LongestName - Encoding.UTF8.GetByteCount(end));
        for (var elements = StringInfo.GetTextElementEnumerator(name); elements.MoveNext();)
        {
            room -= Encoding.UTF8.GetByteCount((string)elements.Current);
            if (room < 0)
                break;
            text.Append(elements.Current);
        }

        return text + (end.Length < LongestName ? end : end.Substring(0, LongestName / 4));
    }
}
