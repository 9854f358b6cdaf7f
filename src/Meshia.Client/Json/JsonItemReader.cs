using System.Text.Json;

namespace Meshia;

/// <summary>
/// Reads the items of a list out of a body while it arrives, so that the first is out before the last byte is in and
/// memory does not grow with the list. The list is the body itself or one of the properties of its object; the
/// properties beside it (paging) are kept.
/// </summary>
internal sealed class JsonItemReader
{
    private const int InitialBuffer = 16 * 1024;

    /// <summary>More than any item of this service; one without end must not fill the memory.</summary>
    private const int LongestItem = 16 * 1024 * 1024;

    private readonly string[] _listNames;
    private readonly JsonText _text = new();
    private readonly Stack<JsonObject> _spare = new();
    private List<object?> _given = [];
    private readonly Dictionary<string, object?> _envelope = new(StringComparer.OrdinalIgnoreCase);
    private JsonValueReader _values = new();
    private byte[] _buffer = new byte[InitialBuffer];
    private int _length;
    private JsonReaderState _state;
    private Place _place = Place.Start;

    /// <param name="listNames">Properties under which the list may be.</param>
    public JsonItemReader(params string[] listNames) => _listNames = listNames;

    private enum Place
    {
        Start,
        Envelope,
        List,
        ListInEnvelope,
        End,
    }

    /// <summary>The properties beside the list; complete once the items have been read.</summary>
    public IReadOnlyDictionary<string, object?> Envelope => _envelope;

    /// <summary>Whether a list was found at all.</summary>
    public bool FoundList { get; private set; }

    /// <summary>Takes the next bytes of the body and gives the items that they complete.</summary>
    /// <param name="bytes">The bytes, as received.</param>
    /// <param name="isLast">The body ends here; what is missing then is an error.</param>
    /// <returns>The items, until the next call: an object whose fields have all been taken by then is filled again.</returns>
    /// <exception cref="JsonException">The body is not JSON, is nested too deeply, or ends too early.</exception>
    public List<object?> Next(ReadOnlyMemory<byte> bytes, bool isLast)
    {
        if (_place == Place.End)
            return [];
        Append(_text.Next(bytes, isLast).Span);
        foreach (var used in _given)
        {
            if (used is JsonObject { Count: 0 } map && map.Comparer == StringComparer.OrdinalIgnoreCase)
                _spare.Push(map);
        }

        var items = new List<object?>(_given.Count);
        _given = items;
        // One for a chunk, so that its items share their names; not one for all, or the names of a list without end would fill the memory.
        _values = new() { Spare = _spare };
        var reader = new Utf8JsonReader(_buffer.AsSpan(0, _length), isLast, _state);
        var consumed = 0L;
        while (TakeOne(ref reader, items))
        {
            consumed = reader.BytesConsumed;
            _state = reader.CurrentState;
        }

        if (isLast && _place != Place.End)
            throw new JsonException("The answer ends too early.");

        _length -= (int)consumed;
        if (_length > LongestItem)
            throw new JsonException("An item of the list is too long.");
        Buffer.BlockCopy(_buffer, (int)consumed, _buffer, 0, _length);
        return items;
    }

    /// <summary>Takes one item or one property; false where the bytes at hand hold no whole one.</summary>
    private bool TakeOne(ref Utf8JsonReader reader, List<object?> items)
    {
        if (_place == Place.End || !reader.Read())
            return false;
        switch (_place)
        {
            case Place.Start:
                _place = reader.TokenType switch
                {
                    JsonTokenType.StartArray => Place.List,
                    JsonTokenType.StartObject => Place.Envelope,
                    _ => throw new JsonException("The answer is JSON, but neither a list nor an object."),
                };
                FoundList = _place == Place.List;
                return true;
            case Place.Envelope when reader.TokenType == JsonTokenType.EndObject:
                _place = Place.End;
                return true;
            case Place.Envelope:
                return TakeProperty(ref reader);
            case Place.List or Place.ListInEnvelope when reader.TokenType == JsonTokenType.EndArray:
                _place = _place == Place.List ? Place.End : Place.Envelope;
                return true;
            default:
                if (!TryReadValue(ref reader, out var item))
                    return false;
                items.Add(item);
                return true;
        }
    }

    private bool TakeProperty(ref Utf8JsonReader reader)
    {
        var name = JsonValue.ReadText(ref reader);
        if (!reader.Read())
            return false;
        var isList = Array.Exists(_listNames, listName => string.Equals(listName, name, StringComparison.OrdinalIgnoreCase));
        if (isList && reader.TokenType == JsonTokenType.StartArray)
        {
            FoundList = true;
            _place = Place.ListInEnvelope;
            return true;
        }

        if (!TryReadValue(ref reader, out var value))
            return false;
        FoundList |= isList && value is null;
        _envelope[name] = value;
        return true;
    }

    private bool TryReadValue(ref Utf8JsonReader reader, out object? value)
    {
        value = null;
        var ahead = reader;
        if (!ahead.TrySkip())
            return false;
        value = _values.Read(ref reader);
        return true;
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        if (_length + bytes.Length > _buffer.Length)
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + bytes.Length));
        bytes.CopyTo(_buffer.AsSpan(_length));
        _length += bytes.Length;
    }
}
