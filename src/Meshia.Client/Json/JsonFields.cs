using System.Globalization;
using System.Numerics;

namespace Meshia;

/// <summary>
/// The fields of one object of the service, taken out one by one; the other fields are <see cref="Rest"/>, so an unknown
/// field is never lost. A field of an unexpected kind never fails the object: it is read as far as it makes sense, and
/// where it makes none it stays in the rest.
/// </summary>
internal sealed class JsonFields
{
    /// <summary>An object in a list of one, in <c>result</c>, in <c>data</c>, in its own name.</summary>
    private const int MostWrappers = 4;

    private static readonly string _secondId = JsonValueReader.Again(ContractNames.Id, 2);

    private readonly Dictionary<string, object?> _fields;
    private List<string>? _missing;
    private List<string>? _nulls;

    public JsonFields(Dictionary<string, object?> fields) => _fields = fields;

    /// <summary>Whether fields were not read.</summary>
    public bool HasRest => _fields.Count > 0;

    /// <summary>The fields that were not read, by their names in the JSON. A map that is empty is not kept: <see cref="JsonItemReader"/> fills it again.</summary>
    public Dictionary<string, object?> Rest => _fields.Count == 0 ? new JsonObject() : _fields;

    /// <summary>Looks into an object that the answer may have wrapped, as in <c>{"session":{…}}</c>.</summary>
    /// <param name="value">The answer's JSON.</param>
    /// <param name="wrappers">Names under which the object may be.</param>
    public static JsonFields Of(object? value, params string[] wrappers)
    {
        for (var level = 0; ; level++)
        {
            if (value is object?[] { Length: 1 } alone && level < MostWrappers)
                value = alone[0];
            else if (value is not Dictionary<string, object?> map)
                throw new FormatException(value is null ? "null" : "JSON that is not an object");
            else if (level == MostWrappers || FieldName.Find(map, ContractNames.Id) is not null || Wrapped(map, wrappers.Concat(ContractNames.ObjectWrappers)) is not { } inner)
                return new JsonFields(map);
            else
                value = inner;
        }
    }

    private static object? Wrapped(Dictionary<string, object?> map, IEnumerable<string> wrappers) => wrappers
        .Select(wrapper => FieldName.Find(map, wrapper) is { } name ? map[name] : null)
        .FirstOrDefault(inner => inner is Dictionary<string, object?> or object?[] { Length: 1 });

    /// <summary>The id, which no object can be without.</summary>
    /// <param name="what">The object, for the error.</param>
    /// <param name="otherName">[A] Another name of it.</param>
    public string Id(string what, string otherName)
    {
        // What is done because of an id, as stopping, must be done to the right thing.
        if (FieldName.Find(_fields, ContractNames.Id) is { } name && (_fields[name] is bool or double || (_fields[name] is decimal number && number != decimal.Truncate(number))))
            throw new FormatException($"{what} whose id is {ToText(_fields[name])}");
        if (_fields.ContainsKey(_secondId))
            throw new FormatException($"{what} with two ids");
        var id = Text(ContractNames.Id) is { } own && !string.IsNullOrWhiteSpace(own) ? own : Text(otherName);
        return !string.IsNullOrWhiteSpace(id) ? id! : throw new FormatException($"{what} without an id");
    }

    /// <summary>Remembers a field as missing that the contract says is there. Null is an answer too.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="isThere">Whether it was read.</param>
    public void Expect(string name, bool isThere)
    {
        if (!isThere && _nulls?.Contains(name) != true && _missing?.Contains(name) != true)
            (_missing ??= []).Add(name);
    }

    /// <summary>What of an object was not to be found or read, in a sentence; null if all is well.</summary>
    /// <param name="what">The object.</param>
    public FieldDoubt? Doubt(string what) => _missing is null || _fields.Count == 0
        ? null
        : new($"{what} {string.Join(" ", _missing)}", $"The service sent {what} whose {_missing} could not be read. It has these fields that this version does not know or cannot read: {_fields.Keys}. See AdditionalProperties.");

    /// <summary>A word: one that is known is written as the contract writes it, in any case.</summary>
    public string? Word(string name, IReadOnlyList<string> known)
    {
        var word = Text(name);
        for (var place = 0; word is not null && place < known.Count; place++)
        {
            if (FieldName.AreSame(known[place], word))
                return known[place];
        }

        return word;
    }

    /// <summary>A text; a number where the service sends one is turned into its text.</summary>
    public string? Text(string name) => Take(name, ToText);

    /// <summary>A whole number, or null.</summary>
    public long? Integer(string name) => Take<long?>(name, value => ToInteger(value));

    /// <summary>A number, also from a text, or null.</summary>
    public double? Number(string name) => Take(name, ToNumber);

    /// <summary>True or false, or null.</summary>
    public bool? Flag(string name) => Take<bool?>(name, value => value switch
    {
        bool flag => flag,
        string text when bool.TryParse(text, out var flag) => flag,
        0L or "0" => false,
        1L or "1" => true,
        _ => null,
    });

    /// <summary>A time: RFC 3339, the form of HTTP, or seconds, milliseconds, microseconds or nanoseconds since 1970.</summary>
    public DateTimeOffset? Time(string name) => Take(name, WireTime.Read);

    /// <summary>A duration given in seconds.</summary>
    public TimeSpan? Seconds(string name) => Take<TimeSpan?>(name, value =>
        ToNumber(value) is { } seconds && Math.Abs(seconds) < TimeSpan.MaxValue.TotalSeconds ? TimeSpan.FromTicks((long)Math.Round(seconds * TimeSpan.TicksPerSecond)) : null);

    /// <summary>An object, empty if there is none.</summary>
    public Dictionary<string, object?> Map(string name) => Take(name, ToMap) ?? new JsonObject();

    /// <summary>A list, empty if there is none.</summary>
    public object?[] List(string name) => Take(name, value => value as object?[]) ?? [];

    /// <summary>The items of a list that can be read. Where one cannot, all of them stay in the rest too.</summary>
    public IEnumerable<T> All<T>(string name, Func<object?, T?> read)
        where T : class
    {
        T[] readable = [];
        Take(name, value => (readable = (value as object?[] ?? []).Select(read).OfType<T>().ToArray()).Length == (value as object?[])?.Length ? readable : null);
        return readable;
    }

    /// <summary>Reads a field of which more may be known than what is read: then it stays in the rest too.</summary>
    public T? Part<T>(string name, Func<object?, T?> read)
        where T : class => Find(name) is { } found && _fields[found] is var value && HoldsMore(value) && read(value) is { } part ? part : Take(name, read);

    private static bool HoldsMore(object? value) =>
        (value is Dictionary<string, object?> map && (map.Count > 1 || map.ContainsValue(false))) || (value is object?[] items && !Array.TrueForAll(items, item => item is string));

    /// <summary>Names: texts, objects that hold a name, an object of flags, or one text.</summary>
    public string[] Names(string name) => Part(name, value => value switch
    {
        object?[] items when items.Select(NameOf).ToArray() is var names && !names.Contains(null) => [.. names.OfType<string>().Where((_, place) => !IsOff(items[place]))],
        Dictionary<string, object?> flags when flags.Values.All(flag => flag is bool) => flags.Where(flag => flag.Value is true).Select(flag => flag.Key).ToArray(),
        string text when text.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries) is var names && Array.TrueForAll(names, name => char.IsLetter(name[0])) => names,
        _ => null,
    }) ?? [];

    private static bool IsOff(object? item) => item is Dictionary<string, object?> map && map.Any(pair => pair.Value is false && FieldName.IsOneOf(pair.Key, ["enabled", ContractNames.Active]));

    /// <summary>Takes a field as it is.</summary>
    public object? Take(string name) => Take(name, value => value);

    /// <summary>Takes a field if it can be read; one that is null is taken too.</summary>
    public T? Take<T>(string name, Func<object?, T?> read)
    {
        var found = name;
        if (!_fields.TryGetValue(name, out var value))
        {
            if (Find(name) is not { } other)
                return default;
            (found, value) = (other, _fields[other]);
        }

        var result = read(value);
        if (value is null)
            (_nulls ??= new(1)).Add(name);
        if (value is null || result is not null)
            _fields.Remove(found);
        else
            (_missing ??= []).Add(name);
        return result;
    }

    private string? Find(string name) => FieldName.Find(_fields, name);

    /// <summary>An object, or a list of named values: <c>[{"name":"loss","value":0.3}]</c>. A name that comes again has its values in turn, as a history.</summary>
    internal static Dictionary<string, object?>? ToMap(object? value)
    {
        if (value is Dictionary<string, object?> map)
            return map;
        if (value is not object?[] { Length: > 0 } items)
            return value is object?[]? new JsonObject() : null;
        var named = items.Select(item => item is Dictionary<string, object?> pair && NameOf(item) is { } name && FieldName.Find(pair, ContractNames.Value) is { } field ? (Name: name, Pair: pair, Value: pair[field]) : default).ToArray();
        if (Array.Exists(named, pair => pair.Name is null))
            return null;
        var result = new JsonObject(named.Length, StringComparer.Ordinal);
        foreach (var group in named.GroupBy(pair => pair.Name, StringComparer.Ordinal))
        {
            // A point with more than a name and a value, as a step, stays whole.
            var values = group.Select(pair => pair.Pair.Count > 2 ? pair.Pair : pair.Value).ToArray();
            result.Add(group.Key, values.Length == 1 ? values[0] : values);
        }

        return result;
    }

    private static string? NameOf(object? item) => item switch
    {
        string text => text,
        Dictionary<string, object?> map => ContractNames.NamesOfNames.Select(name => FieldName.Find(map, name) is { } found ? map[found] as string : null).FirstOrDefault(name => name is not null),
        _ => null,
    };

    internal static string? ToText(object? value) => value switch
    {
        null or Dictionary<string, object?> or object?[] => null,
        string text => text,
        bool flag => flag ? "true" : "false",
        var other => Convert.ToString(other, CultureInfo.InvariantCulture),
    };

    internal static double? ToNumber(object? value) => value switch
    {
        long or double or decimal or BigInteger => ExactNumber.ToDouble(value),
        string text when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => number,
        _ => null,
    };

    /// <summary>A whole number that fits a <see cref="long"/>, also from a text; null for any other value.</summary>
    internal static long? ToInteger(object? value)
    {
        var number = value is string text && ToNumber(text) is { } nearest && text.Trim() is var digits && char.IsDigit(digits[digits.Length - 1]) ? ExactNumber.Read(digits, nearest) : value;
        return ExactNumber.ToWhole(number) is { } whole && whole >= long.MinValue && whole <= long.MaxValue ? (long)whole : null;
    }
}
