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

    /// <summary>A value is made while its end may be missing, and made again with the next piece, only up to this length.</summary>
    private const int LongestTry = 256 * 1024;

    private const int DeepestEnvelope = 3;

    private readonly string[] _listNames;
    private readonly JsonText _text = new();
    private readonly Stack<JsonObject> _spare = new();

    /// <summary>The objects around the list, the outermost first: as in <c>{"data":{"sessions":[…]}}</c>.</summary>
    private readonly List<JsonObject> _envelopes = [new()];

    private List<object?> _given = [];
    private JsonValueReader _values = new() { Source = default };
    private byte[] _buffer = new byte[InitialBuffer];
    private int _length;
    private int _level;
    private JsonReaderState _state = new(JsonValue.AnyDepth);
    private bool _isBare;
    private bool _foundNull;
    private bool _foundItems;
    private bool _hasItems;
    private Place _place = Place.Start;

    /// <param name="listName">The property under which the list is assumed to be; those of <see cref="ContractNames.ListWrappers"/> are read too.</param>
    public JsonItemReader(string listName) => _listNames = [listName, .. ContractNames.ListWrappers];

    private enum Place
    {
        Start,
        Envelope,
        List,
        End,
    }

    /// <summary>Whether each item keeps the bytes that it was read from (<see cref="JsonObject.Source"/>).</summary>
    public bool KeepsSource { get; init; }

    /// <summary>The properties beside the list; complete once the items have been read.</summary>
    public IReadOnlyDictionary<string, object?> Envelope => _envelopes[0];

    /// <summary>Whether a list was found at all.</summary>
    public bool FoundList => _foundItems || _foundNull;

    /// <summary>Whether what was found is null: an empty list, or no list at all where the answer has a message.</summary>
    public bool IsNull => _foundNull && !_foundItems;

    /// <summary>The name of a second list under another name of the list, which was not read; null if the answer has only one list.</summary>
    public string? OtherList
    {
        get
        {
            foreach (var envelope in _envelopes)
            {
                foreach (var pair in envelope)
                {
                    if (FieldName.IsOneOf(pair.Key, _listNames) && IsListOfObjects(pair.Value))
                        return pair.Key;
                }
            }

            return null;
        }
    }

    /// <summary>Takes the next bytes of the body and gives the items that they complete.</summary>
    /// <param name="bytes">The bytes, as received.</param>
    /// <param name="isLast">The body ends here; what is missing then is an error.</param>
    /// <returns>The items, until the next call: an object whose fields have all been taken by then is filled again.</returns>
    /// <exception cref="JsonException">The body is not JSON, ends too early, or has something behind its end.</exception>
    public List<object?> Next(ReadOnlyMemory<byte> bytes, bool isLast)
    {
        Append(_text.Next(bytes, isLast).Span);
        foreach (var used in _given)
        {
            if (used is JsonObject { Count: 0 } map && map.Comparer == StringComparer.OrdinalIgnoreCase)
                _spare.Push(map);
        }

        var items = new List<object?>(_given.Count);
        _given = items;
        // One for a chunk, so that its items share their names; not one for all, or the names of a list without end would fill the memory.
        _values = new() { Source = _buffer.AsMemory(0, _length), Spare = _spare, HidesKeys = true };
        var reader = new Utf8JsonReader(_buffer.AsSpan(0, _length), isLast, _state);
        var consumed = 0L;
        while (TakeOne(ref reader, items))
        {
            consumed = reader.BytesConsumed;
            _state = reader.CurrentState;
        }

        if (isLast && _place != Place.End)
            throw new JsonException("The answer ends too early.");
        _hasItems |= items.Count > 0;
        if (_place == Place.End && !_hasItems && OnlyList() is { } other)
        {
            _foundItems = true;
            items.AddRange(other);
        }

        _length -= (int)consumed;
        if (_length > LongestItem)
            throw new JsonException("An item of the list is too long.");
        Buffer.BlockCopy(_buffer, (int)consumed, _buffer, 0, _length);
        return items;
    }

    /// <summary>Takes one item or one property; false where the bytes at hand hold no whole one.</summary>
    private bool TakeOne(ref Utf8JsonReader reader, List<object?> items)
    {
        // At the end too: text after it is not part of the answer, and must not be ignored.
        if (!reader.Read() || _place == Place.End)
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
                _foundItems = _isBare = _place == Place.List;
                return true;
            case Place.Envelope when reader.TokenType == JsonTokenType.EndObject:
                if (_level-- == 0)
                    _place = Place.End;
                return true;
            case Place.Envelope:
                return TakeProperty(ref reader);
            case Place.List when reader.TokenType == JsonTokenType.EndArray:
                _place = _isBare ? Place.End : Place.Envelope;
                return true;
            default:
                var start = (int)reader.TokenStartIndex;
                if (!TryReadValue(ref reader, out var item))
                    return false;
                if (KeepsSource && item is JsonObject map)
                    map.Source = _buffer.AsSpan(start, (int)reader.BytesConsumed - start).ToArray();
                items.Add(item);
                return true;
        }
    }

    private bool TakeProperty(ref Utf8JsonReader reader)
    {
        var name = JsonValue.ReadText(ref reader);
        if (!reader.Read())
            return false;
        var isList = FieldName.IsOneOf(name, _listNames);
        if (isList && !_foundItems && reader.TokenType == JsonTokenType.StartArray)
        {
            _foundItems = true;
            _place = Place.List;
            return true;
        }

        var envelope = _envelopes[_level];
        if (isList && !_foundItems && reader.TokenType == JsonTokenType.StartObject && _level < DeepestEnvelope)
        {
            var inner = new JsonObject();
            envelope[name] = inner;
            _level++;
            _envelopes.RemoveRange(_level, _envelopes.Count - _level);
            _envelopes.Add(inner);
            return true;
        }

        if (!TryReadValue(ref reader, out var value))
            return false;
        _foundNull |= isList && value is null;
        envelope[name] = value;
        return true;
    }

    /// <summary>
    /// Where no item was found: the only list of objects with ids. Behind an empty list it is that one only where its name is one of
    /// the list: <c>{"data":[],"sessions":[…]}</c>.
    /// </summary>
    private object?[]? OnlyList()
    {
        var lists = _envelopes.SelectMany((envelope, level) => envelope.Where(pair => IsListOfObjects(pair.Value) && (!FoundList || FieldName.IsOneOf(pair.Key, _listNames))).Select(pair => (level, pair.Key, List: (object?[])pair.Value!))).ToList();
        if (lists.Count != 1)
            return null;
        _envelopes[lists[0].level].Remove(lists[0].Key);
        return lists[0].List;
    }

    private static bool IsListOfObjects(object? value) =>
        value is object?[] { Length: > 0 } list && Array.TrueForAll(list, item => item is Dictionary<string, object?> map && FieldName.Find(map, ContractNames.Id) is not null);

    private bool TryReadValue(ref Utf8JsonReader reader, out object? value)
    {
        value = null;
        var ahead = reader;
        if (_length > LongestTry && !ahead.TrySkip())
            return false;
        value = _values.Read(ref reader);
        return !_values.IsCut;
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        if (_length + bytes.Length > _buffer.Length)
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + bytes.Length));
        bytes.CopyTo(_buffer.AsSpan(_length));
        _length += bytes.Length;
    }
}
