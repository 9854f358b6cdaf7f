using System.Text;
using System.Text.Json;
using System.Xml;

namespace Meshia;

/// <summary>Reads one value of JSON with all that is in it. Objects that are alike share the texts of their names.</summary>
internal sealed class JsonValueReader
{
    private const int UsualName = 128;
    private const int LongestKept = 40;
    private const int KeptTexts = 128;

    /// <summary>A fraction of so many characters has no more digits than a double keeps.</summary>
    private const int ShortFraction = 16;

    /// <summary>How many levels of objects and arrays become values. What is deeper stays a text of JSON, whole: values are read, written and shown by methods that call themselves.</summary>
    private const int DeepestLevel = 256;

    private readonly NameTable _names = new();
    private char[] _name = new char[UsualName];
    private string?[]? _texts;

    /// <summary>The bytes that the reader reads.</summary>
    public required ReadOnlyMemory<byte> Source { get; init; }

    /// <summary>The names of a document's object whose objects and arrays stay unread.</summary>
    public string[] Unread { get; init; } = [];

    /// <summary>What objects in a list, or in an object, hold under this name is left out.</summary>
    public string? Without { get; init; }

    /// <summary>Whether the API keys of this process are removed from texts: a service that repeats a key must not bring it into an object.</summary>
    public bool HidesKeys { get; init; }

    /// <summary>Empty objects, to be filled instead of new ones where the value itself is an object.</summary>
    public Stack<JsonObject>? Spare { get; init; }

    /// <summary>What is in the objects and arrays that have not ended: how much room one needs is known at its end.</summary>
    private readonly List<KeyValuePair<string, object?>> _open = [];

    /// <summary>Whether the bytes at hand ended before the value did. More may come: the bytes of the last piece throw.</summary>
    public bool IsCut { get; private set; }

    /// <summary>Reads the value that the reader stands on.</summary>
    /// <returns>The value; of no use where <see cref="IsCut"/> is true.</returns>
    /// <exception cref="JsonException">It is not JSON, or is cut off.</exception>
    public object? Read(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.StartObject or JsonTokenType.StartArray when reader.CurrentDepth >= DeepestLevel => JsonText.Unmark(Skip(ref reader)),
        JsonTokenType.StartObject => ReadObject(ref reader),
        JsonTokenType.StartArray => ReadArray(ref reader),
        JsonTokenType.String => ReadText(ref reader) is var text && JsonText.UnmarkNumber(text) is { } number ? number : text,
        JsonTokenType.Number => ReadNumber(ref reader),
        JsonTokenType.True => true,
        JsonTokenType.False => false,
        JsonTokenType.Null => null,
        _ => throw new JsonException($"A value was expected, not {reader.TokenType}."),
    };

    private bool Next(ref Utf8JsonReader reader)
    {
        IsCut |= !reader.Read();
        return !IsCut;
    }

    private JsonObject ReadObject(ref Utf8JsonReader reader)
    {
        var start = _open.Count;
        while (Next(ref reader) && reader.TokenType != JsonTokenType.EndObject)
        {
            var name = ReadName(ref reader);
            if (!Next(ref reader))
                break;
            if (reader.CurrentDepth == 1 && Unread.Length > 0 && FieldName.IsOneOf(name, Unread) && reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
                _open.Add(new(name, new UnreadJson(Skip(ref reader))));
            else if (reader.CurrentDepth == 2 && name == Without)
                Skip(ref reader);
            else
                _open.Add(new(name, Read(ref reader)));
        }

        var map = start == 0 && Spare?.Count > 0 ? Spare.Pop() : new JsonObject(_open.Count - start, StringComparer.OrdinalIgnoreCase);
        for (var index = start; index < _open.Count; index++)
            map = Add(map, _open[index].Key, _open[index].Value);
        _open.RemoveRange(start, _open.Count - start);
        return map;
    }

    /// <summary>Names of an object are found in any case, unless two differ in nothing else.</summary>
    private static JsonObject Add(JsonObject map, string name, object? value)
    {
        if (map.TryAdd(name, value))
            return map;
        if (map.Comparer == StringComparer.OrdinalIgnoreCase && !map.Keys.Contains(name, StringComparer.Ordinal))
            map = map.WithCase();
        // A name that comes twice: the last one counts, as everywhere, and the others are not lost.
        if (map.TryGetValue(name, out var before) && !Equals(before, value))
        {
            var number = 2;
            while (map.ContainsKey(Again(name, number)))
                number++;
            map[Again(name, number)] = before;
        }

        map[name] = value;
        return map;
    }

    /// <summary>The name of a value whose own name came again.</summary>
    internal static string Again(string name, int number) => FormattableString.Invariant($"{name} ({number})");

    private ReadOnlyMemory<byte> Skip(ref Utf8JsonReader reader)
    {
        var start = (int)reader.TokenStartIndex;
        // Skip() refuses a document that comes in pieces; of a value that is read here, all pieces are there.
        IsCut |= !reader.TrySkip();
        return Source.Slice(start, (int)reader.BytesConsumed - start);
    }

    private object?[] ReadArray(ref Utf8JsonReader reader)
    {
        var start = _open.Count;
        while (Next(ref reader) && reader.TokenType != JsonTokenType.EndArray)
            _open.Add(new("", Read(ref reader)));
        var items = new object?[_open.Count - start];
        for (var index = 0; index < items.Length; index++)
            items[index] = _open[start + index].Value;
        _open.RemoveRange(start, items.Length);
        return items;
    }

    /// <summary>Reads a text. Short ones, as status and GPU, come again and again: one that was read a while ago is given again.</summary>
    private string ReadText(ref Utf8JsonReader reader)
    {
        var bytes = reader.ValueSpan;
        if (bytes.Length is 0 or > LongestKept || reader.HasValueSequence || bytes.IndexOf((byte)'\\') >= 0)
            return Clean(JsonValue.ReadText(ref reader));
        var hash = 0;
        foreach (var octet in bytes)
            hash = (hash * 31) + octet;
        ref var kept = ref (_texts ??= new string?[KeptTexts])[(uint)hash % KeptTexts];
        if (kept is null || !reader.ValueTextEquals(kept))
            kept = Clean(JsonValue.ReadText(ref reader));
        return kept;
    }

    private string Clean(string text) => HidesKeys ? KnownSecrets.RemoveKeys(text) : text;

    private string ReadName(ref Utf8JsonReader reader)
    {
        // No text has more characters than its bytes in UTF-8.
        if (reader.ValueSpan.Length > _name.Length)
            _name = new char[reader.ValueSpan.Length];
        try
        {
            return _names.Add(_name, 0, reader.CopyString(_name));
        }
        catch (InvalidOperationException)
        {
            return JsonValue.ReadText(ref reader);
        }
    }

    private static object ReadNumber(ref Utf8JsonReader reader)
    {
        // -0 is a floating number: a whole one has no sign at zero.
        if (reader.TryGetInt64(out var integer) && (integer != 0 || reader.ValueSpan[0] != '-'))
            return integer;
        // Newer frameworks read a number beyond double as infinite; older ones do not read it.
        if (!reader.TryGetDouble(out var number))
            number = reader.ValueSpan[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity;
        var isShortFraction = number != 0 && !double.IsInfinity(number) && reader.ValueSpan.Length <= ShortFraction && reader.ValueSpan.IndexOf((byte)'.') >= 0;
        return isShortFraction ? number : ExactNumber.Read(Encoding.ASCII.GetString(reader.ValueSpan.ToArray()), number);
    }
}
