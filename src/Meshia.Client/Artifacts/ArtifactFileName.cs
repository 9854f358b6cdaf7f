using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Meshia;

/// <summary>
/// Makes any name that the service gives one safe file name on Windows, macOS and Linux, and maps it back: what a file
/// system refuses or understands otherwise becomes <c>%XX</c> of its UTF-8 bytes, as in an address. No safe name holds a
/// <c>~</c> of the service's: it sets off the artifact's id, which keeps two files apart that a file system would take
/// for one.
/// </summary>
public static class ArtifactFileName
{
    /// <summary>File systems take 255 bytes (or UTF-16 units); room is left for <c>.partial.journal</c>.</summary>
    private const int LongestName = 200;

    private const int MostFolders = 16;
    private const int LongestExtension = 16;
    private const int LongestTag = 64;

    /// <summary>Before the id in a name that is whole.</summary>
    private const string Mark = "~";

    /// <summary>Before the id in a name that was cut, and is not to be read back from the file name alone.</summary>
    private const string CutMark = "~~";

    private static readonly string[] _reserved =
    [
        "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$",
        "COM0", "COM1", "COM2", "COM3", "COM4", "COM5", "COM6", "COM7", "COM8", "COM9", "COM¹", "COM²", "COM³",
        "LPT0", "LPT1", "LPT2", "LPT3", "LPT4", "LPT5", "LPT6", "LPT7", "LPT8", "LPT9", "LPT¹", "LPT²", "LPT³",
    ];

    /// <summary>Endings of files of our own, which lie beside those of the service.</summary>
    private static readonly string[] _ownEndings = [PartialDownload.FileEnding, PartialDownload.JournalEnding];

    /// <summary>The file name for an artifact that is alone with its name in a folder.</summary>
    /// <param name="name">Its name, or null if the service gave none: then its id is the name.</param>
    /// <param name="id">Its id.</param>
    public static string For(string? name, string id)
    {
        var encoded = Encode(Named(name, id));
        return Encoding.UTF8.GetByteCount(encoded) <= LongestName ? encoded : Tag(encoded, id, CutMark);
    }

    /// <summary>The file name for an artifact whose name another one has taken, or one that differs too little from it.</summary>
    /// <param name="name">Its name, or null if the service gave none.</param>
    /// <param name="id">Its id.</param>
    public static string Distinct(string? name, string id)
    {
        var encoded = Encode(Named(name, id));
        var tagged = Tag(encoded, id, Mark);
        return Encoding.UTF8.GetByteCount(tagged) <= LongestName ? tagged : Tag(encoded, id, CutMark);
    }

    /// <summary>The service's name of a file, or null if the file's name was cut (the folder's manifest knows it).</summary>
    /// <param name="fileName">A file name that <see cref="For"/> or <see cref="Distinct"/> gave.</param>
    public static string? NameOf(string fileName)
    {
        if (fileName is null)
            throw new ArgumentNullException(nameof(fileName));
        if (fileName.Contains(CutMark))
            return null;
        var mark = fileName.IndexOf(Mark, StringComparison.Ordinal);
        if (mark < 0)
            return Decode(fileName);
        var dot = fileName.IndexOf('.', mark);
        return Decode(fileName.Remove(mark, (dot < 0 ? fileName.Length : dot) - mark));
    }

    /// <summary>The folder of an experiment's files. Two ids never share one, not even where case does not count.</summary>
    /// <param name="experimentId">The experiment's id.</param>
    public static string Folder(string experimentId) => IdTag(experimentId ?? throw new ArgumentNullException(nameof(experimentId)));

    /// <summary>
    /// The relative path for an artifact whose name has folders, or null if a part of the name is not safe on every system as it
    /// is: an empty part, <c>..</c>, a drive, a device of Windows, a hidden folder. <see cref="For"/> escapes such a name.
    /// </summary>
    /// <param name="name">The name, or null.</param>
    internal static string? WithFolders(string? name)
    {
        var parts = name?.Split('/') ?? [];
        return parts.Length is > 1 and <= MostFolders + 1
            && Encoding.UTF8.GetByteCount(name!) <= LongestName
            && parts.All(part => part.Length > 0 && Encode(part) == part)
            && parts.Take(parts.Length - 1).All(folder => folder[0] != '.')
            ? name : null;
    }

    /// <summary>What a file system that ignores case and unicode's normal forms may take a file name for.</summary>
    internal static string Fold(string fileName) =>
        fileName.Normalize(NormalizationForm.FormKD).ToUpperInvariant().ToLowerInvariant().Replace("ß", "ss").Normalize(NormalizationForm.FormKD);

    /// <summary>The whole name in characters that any file system takes; <see cref="Decode"/> reads it back.</summary>
    internal static string Encode(string name)
    {
        var escaped = new bool[name.Length];
        for (var i = 0; i < name.Length; i++)
        {
            escaped[i] |= IsUnsafe(name, i);
            if (char.IsSurrogatePair(name, i))
                escaped[i + 1] = escaped[i++];
        }

        if (name.Length > 0)
        {
            escaped[0] |= name[0] == ' ' || string.Equals(name, FolderManifest.FileName, StringComparison.OrdinalIgnoreCase);
            escaped[name.Length - 1] |= name[name.Length - 1] is '.' or ' ';
            escaped[0] |= _reserved.Contains(name.Split('.')[0].TrimEnd(' '), StringComparer.OrdinalIgnoreCase);
        }

        foreach (var ending in _ownEndings.Where(ending => name.EndsWith(ending, StringComparison.OrdinalIgnoreCase)))
            escaped[name.Length - ending.Length] = true;

        var encoded = new StringBuilder();
        for (var i = 0; i < name.Length; i++)
        {
            var length = char.IsSurrogatePair(name, i) ? 2 : 1;
            if (!escaped[i])
                encoded.Append(name, i, length);
            else if (char.IsSurrogate(name[i]) && length == 1)
                encoded.AppendFormat(CultureInfo.InvariantCulture, "%u{0:X4}", (int)name[i]);
            else
                AppendBytes(encoded, name.Substring(i, length));
            i += length - 1;
        }

        return encoded.ToString();
    }

    /// <summary>The name that <see cref="Encode"/> was given.</summary>
    internal static string Decode(string encoded)
    {
        var name = new StringBuilder();
        var bytes = new List<byte>();
        for (var i = 0; i < encoded.Length; i++)
        {
            var isByte = encoded[i] == '%' && IsHex(encoded, i + 1, 2);
            if (isByte)
            {
                bytes.Add(Convert.ToByte(encoded.Substring(i + 1, 2), 16));
                i += 2;
                continue;
            }

            name.Append(Encoding.UTF8.GetString([.. bytes]));
            bytes.Clear();
            if (encoded[i] == '%' && i + 1 < encoded.Length && encoded[i + 1] == 'u' && IsHex(encoded, i + 2, 4))
            {
                name.Append((char)Convert.ToUInt16(encoded.Substring(i + 2, 4), 16));
                i += 5;
            }
            else
            {
                name.Append(encoded[i]);
            }
        }

        return name.Append(Encoding.UTF8.GetString([.. bytes])).ToString();
    }

    private static string Named(string? name, string id) => string.IsNullOrEmpty(name) ? id : name!;

    private static bool IsUnsafe(string name, int index) =>
        name[index] is '%' or '~' or '/' or '\\' or ':' or '*' or '?' or '"' or '<' or '>' or '|'
        || (char.IsSurrogate(name[index]) && !char.IsSurrogatePair(name, index))
        || IsInvisible(char.IsSurrogate(name[index]) ? char.ConvertToUtf32(name, index) : name[index]);

    /// <summary>
    /// Controls, line ends, marks of format and of direction, and what no text may hold. The list stands here and is not asked
    /// of the host, since each version of each system knows other characters: a name must be the same on all of them.
    /// </summary>
    private static bool IsInvisible(int character) =>
        character is < 0x20 or (>= 0x7F and <= 0x9F) or 0xAD or (>= 0x600 and <= 0x605) or 0x61C or 0x6DD or 0x70F or 0x890 or 0x891 or 0x8E2 or 0x180E
            or (>= 0x200B and <= 0x200F) or (>= 0x2028 and <= 0x202E) or (>= 0x2060 and <= 0x206F) or 0xFEFF or (>= 0xFFF0 and <= 0xFFFB)
            or 0x110BD or 0x110CD or (>= 0x13430 and <= 0x1343F) or (>= 0x1BCA0 and <= 0x1BCA3) or (>= 0x1D173 and <= 0x1D17A) or (>= 0xE0000 and <= 0xE0FFF)
            or (>= 0xFDD0 and <= 0xFDEF)
        || (character & 0xFFFE) == 0xFFFE;

    private static bool IsHex(string text, int start, int count) =>
        start + count <= text.Length && text.Skip(start).Take(count).All(character => character is (>= '0' and <= '9') or (>= 'A' and <= 'F'));

    private static void AppendBytes(StringBuilder encoded, string text)
    {
        foreach (var octet in Encoding.UTF8.GetBytes(text))
            encoded.AppendFormat(CultureInfo.InvariantCulture, "%{0:X2}", octet);
    }

    /// <summary>Puts the id before the extension, and cuts what is too long before it.</summary>
    private static string Tag(string encoded, string id, string mark)
    {
        var dot = encoded.LastIndexOf('.');
        if (mark == CutMark && (encoded.Length - dot > LongestExtension || !encoded.Skip(dot + 1).All(IsPlain)))
            dot = -1;
        var (stem, extension) = dot < 0 ? (encoded, "") : (encoded.Substring(0, dot), encoded.Substring(dot));
        var end = $"{mark}{IdTag(id)}{extension}";
        return (mark == CutMark ? Cut(stem, LongestName - Encoding.UTF8.GetByteCount(end)) : stem) + end;
    }

    private static string Cut(string stem, int room)
    {
        var text = new StringBuilder();
        for (var i = 0; i < stem.Length; i++)
        {
            var length = char.IsSurrogatePair(stem, i) ? 2 : 1;
            room -= length == 2 ? 4 : stem[i] switch { < '\u0080' => 1, < '\u0800' => 2, _ => 3 };
            if (room < 0)
                break;
            text.Append(stem, i, length);
            i += length - 1;
        }

        return text.ToString();
    }

    /// <summary>An id in lower-case letters, digits, <c>-</c>, <c>_</c> and escapes: two ids never give the same, not even if case is ignored.</summary>
    private static string IdTag(string id)
    {
        var tag = new StringBuilder();
        foreach (var character in id)
        {
            if (character is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-' or '_')
                tag.Append(character);
            else if (char.IsSurrogate(character))
                tag.AppendFormat(CultureInfo.InvariantCulture, "%u{0:X4}", (int)character);
            else
                AppendBytes(tag, character.ToString());
        }

        // A folder of this name must not be one that Windows keeps for a device.
        if (_reserved.Contains(tag.ToString(), StringComparer.OrdinalIgnoreCase))
            tag.Insert(0, "%=");
        if (tag.Length <= LongestTag)
            return tag.ToString();
        using var sha = SHA256.Create();
        return $"%={FileHash.Hex(sha.ComputeHash(Encoding.UTF8.GetBytes(tag.ToString())))}";
    }

    private static bool IsPlain(char character) => character is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or (>= '0' and <= '9');
}
