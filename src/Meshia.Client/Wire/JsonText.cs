using System.Text;

namespace Meshia;

/// <summary>
/// Drops a byte order mark and quotes the bare <c>NaN</c>, <c>Infinity</c> and <c>-Infinity</c> that Python's JSON writer emits (wire contract,
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

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    private readonly List<byte> _output = [];
    private byte[] _pending = [];
    private bool _inText;
    private bool _escaped;
    private bool _begun;

    /// <summary>Turns the next piece of a document into bytes that a strict reader takes.</summary>
    /// <param name="piece">The bytes as received.</param>
    /// <param name="isLast">No more will come, so a word that is cut off here is passed on as it is.</param>
    public ReadOnlySpan<byte> Next(ReadOnlySpan<byte> piece, bool isLast)
    {
        byte[] joined = [.. _pending, .. piece];
        _pending = [];
        _output.Clear();
        if (!_begun && joined.Length < ByteOrderMark.Length && !isLast)
        {
            _pending = joined;
            return [];
        }

        var start = !_begun && joined.AsSpan().StartsWith(ByteOrderMark) ? ByteOrderMark.Length : 0;
        _begun = true;
        for (var i = start; i < joined.Length; i++)
        {
            var current = joined[i];
            if (_inText)
            {
                _inText = current != '"' || _escaped;
                _escaped = current == '\\' && !_escaped;
                _output.Add(current);
                continue;
            }

            if (current is (byte)'N' or (byte)'I' or (byte)'-')
            {
                var rest = joined.AsSpan(i);
                var word = Array.Find(_words, candidate => StartsLike(joined, i, candidate));
                if (word is not null && rest.Length >= word.Length)
                {
                    _output.Add((byte)'"');
                    _output.AddRange(_mark);
                    _output.AddRange(word);
                    _output.Add((byte)'"');
                    i += word.Length - 1;
                    continue;
                }

                if (word is not null && !isLast)
                {
                    _pending = rest.ToArray();
                    break;
                }
            }

            _inText = current == '"';
            _output.Add(current);
        }

        return _output.ToArray();
    }

    /// <summary>The number that a marked text stands for, or null where the text is only a text.</summary>
    public static double? UnmarkNumber(string text) => text.Length == 0 || text[0] != Mark ? null : text.Substring(1) switch
    {
        "NaN" => double.NaN,
        "Infinity" => double.PositiveInfinity,
        "-Infinity" => double.NegativeInfinity,
        _ => null,
    };

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

    private static bool StartsLike(byte[] text, int start, byte[] word)
    {
        var length = Math.Min(word.Length, text.Length - start);
        return text.AsSpan(start, length).SequenceEqual(word.AsSpan(0, length));
    }
}
