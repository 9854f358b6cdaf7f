using System.Text;

namespace Meshia;

/// <summary>
/// Drops a byte order mark, makes UTF-8 of what has the mark of UTF-16 or UTF-32, and quotes the bare <c>NaN</c>, <c>Infinity</c> and <c>-Infinity</c> that Python's JSON writer emits (wire contract,
/// Transport), so that a strict JSON reader accepts them. A quoted one begins with <see cref="Mark"/>, which no
/// service text does, and so stays distinct from a text that happens to say "NaN".
/// </summary>
/// <remarks>It sees a document in pieces: whether a piece ends inside a text is carried from call to call.</remarks>
internal sealed class JsonText
{
    /// <summary>U+FDD0, a noncharacter: Unicode reserves it for use inside a program.</summary>
    public const char Mark = '\uFDD0';

    private static readonly byte[] _mark = Encoding.UTF8.GetBytes([Mark]);
    private static readonly byte[][] _words = [[.. "NaN"u8], [.. "-Infinity"u8], [.. "Infinity"u8]];

    /// <summary>Encodings with a byte order mark. That of UTF-32 begins with that of UTF-16.</summary>
    private static readonly Encoding[] _marked = [Encoding.UTF8, Encoding.UTF32, new UTF32Encoding(bigEndian: true, byteOrderMark: true), Encoding.Unicode, Encoding.BigEndianUnicode];

    private const int LongestMark = 4;

    /// <summary>What changes anything outside a text: its beginning, or that of a word.</summary>
    private static ReadOnlySpan<byte> Telling => "\"NI-"u8;

    private readonly List<byte> _output = [];
    private byte[] _pending = [];
    private Decoder? _decoder;
    private bool _inText;
    private bool _escaped;
    private bool _begun;

    /// <summary>Turns the next piece of a document into bytes that a strict reader takes.</summary>
    /// <param name="piece">The bytes as received.</param>
    /// <param name="isLast">No more will come, so a word that is cut off here is passed on as it is.</param>
    /// <returns>The bytes; those of the piece itself if nothing had to be converted.</returns>
    public ReadOnlyMemory<byte> Next(ReadOnlyMemory<byte> piece, bool isLast)
    {
        if (_decoder is not null)
            piece = Decode(piece, isLast);
        var bytes = _pending.Length > 0 ? (byte[])[.. _pending, .. piece.Span] : piece;
        _pending = [];
        _output.Clear();
        if (!_begun && bytes.Length < LongestMark && !isLast)
        {
            _pending = bytes.ToArray();
            return default;
        }

        if (!_begun)
            bytes = Begin(bytes, isLast);
        var joined = bytes.Span;
        var written = 0;
        for (var i = 0; i < joined.Length; i++)
        {
            if (_escaped)
            {
                _escaped = false;
                continue;
            }

            var rest = joined.Slice(i);
            var distance = _inText ? rest.IndexOfAny((byte)'"', (byte)'\\') : rest.IndexOfAny(Telling);
            if (distance < 0)
                break;
            i += distance;
            if (joined[i] == '\\')
            {
                _escaped = true;
                continue;
            }

            if (joined[i] == '"')
            {
                _inText = !_inText;
                continue;
            }

            rest = joined.Slice(i);
            if (FindWord(rest) is not { } word)
                continue;
            if (rest.Length >= word.Length)
            {
                _output.AddRange(joined.Slice(written, i - written).ToArray());
                _output.AddRange([(byte)'"', .. _mark, .. word, (byte)'"']);
                i += word.Length - 1;
                written = i + 1;
            }
            else if (!isLast)
            {
                _pending = rest.ToArray();
                joined = joined.Slice(0, i);
            }
        }

        if (written == 0)
            return bytes.Slice(0, joined.Length);
        _output.AddRange(joined.Slice(written).ToArray());
        return _output.ToArray();
    }

    private ReadOnlyMemory<byte> Begin(ReadOnlyMemory<byte> bytes, bool isLast)
    {
        _begun = true;
        foreach (var encoding in _marked)
        {
            var mark = encoding.GetPreamble();
            if (!bytes.Span.StartsWith(mark))
                continue;
            bytes = bytes.Slice(mark.Length);
            if (encoding is UTF8Encoding)
                return bytes;
            _decoder = encoding.GetDecoder();
            return Decode(bytes, isLast);
        }

        return bytes;
    }

    private ReadOnlyMemory<byte> Decode(ReadOnlyMemory<byte> bytes, bool isLast)
    {
        var coded = bytes.ToArray();
        var characters = new char[_decoder!.GetCharCount(coded, 0, coded.Length, isLast)];
        var count = _decoder.GetChars(coded, 0, coded.Length, characters, 0, isLast);
        return Encoding.UTF8.GetBytes(characters, 0, count);
    }

    /// <summary>The number that a marked text stands for, or null if the text is only a text.</summary>
    public static double? UnmarkNumber(string text) => text.Length == 0 || text[0] != Mark ? null : text.Substring(1) switch
    {
        "NaN" => double.NaN,
        "Infinity" => double.PositiveInfinity,
        "-Infinity" => double.NegativeInfinity,
        _ => null,
    };

    /// <summary>A piece of a document as it was received.</summary>
    public static string Unmark(ReadOnlyMemory<byte> json) => Encoding.UTF8.GetString(json.ToArray())
        .Replace($"\"{Mark}NaN\"", "NaN").Replace($"\"{Mark}Infinity\"", "Infinity").Replace($"\"{Mark}-Infinity\"", "-Infinity");

    /// <summary>Resolves the escapes of a JSON text whose syntax a reader has checked; a lone surrogate stays one.</summary>
    public static string Unescape(string text)
    {
        var plain = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\')
            {
                plain.Append(text[i]);
                continue;
            }

            i++;
            plain.Append(text[i] switch
            {
                'b' => '\b',
                'f' => '\f',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'u' => (char)Convert.ToUInt16(text.Substring(i + 1, 4), 16),
                var itself => itself,
            });
            if (text[i] == 'u')
                i += 4;
        }

        return plain.ToString();
    }

    /// <summary>The word with which a text begins, as far as the text goes.</summary>
    private static byte[]? FindWord(ReadOnlySpan<byte> text)
    {
        foreach (var word in _words)
        {
            var length = Math.Min(word.Length, text.Length);
            if (text.Slice(0, length).SequenceEqual(word.AsSpan(0, length)))
                return word;
        }

        return null;
    }
}
