using System.Globalization;

namespace Meshia;

/// <summary>
/// The fields of one object of the service, taken out one by one; what nobody took is <see cref="Rest"/>, so an unknown
/// field is never lost. A field of an unexpected kind never fails the object: it is read as far as it makes sense, and
/// where it makes none it stays in the rest.
/// </summary>
internal sealed class JsonFields
{
    private readonly Dictionary<string, object?> _fields;

    public JsonFields(Dictionary<string, object?> fields) => _fields = fields;

    /// <summary>The fields that nobody took, by their names on the wire. A map that is empty is not kept: <see cref="JsonItemReader"/> fills it again.</summary>
    public Dictionary<string, object?> Rest => _fields.Count == 0 ? new JsonObject() : _fields;

    /// <summary>Looks into an object that the answer may have wrapped, as in <c>{"session":{…}}</c>.</summary>
    /// <param name="value">The answer's JSON.</param>
    /// <param name="wrappers">Names under which the object may be.</param>
    public static JsonFields Of(object? value, params string[] wrappers)
    {
        if (value is not Dictionary<string, object?> map)
            throw new FormatException("JSON that is not an object");
        if (!map.ContainsKey(ContractNames.Id))
        {
            foreach (var wrapper in wrappers)
            {
                if (map.TryGetValue(wrapper, out var inner) && inner is Dictionary<string, object?> wrapped)
                    return new JsonFields(wrapped);
            }
        }

        return new JsonFields(map);
    }

    /// <summary>The id, which no object can be without.</summary>
    /// <param name="what">The object, for the error.</param>
    public string Id(string what) => Text(ContractNames.Id) is { Length: > 0 } id ? id : throw new FormatException($"{what} without an id");

    /// <summary>A text; a number where the service sends one is turned into its text.</summary>
    public string? Text(string name) => Take(name, ToText);

    /// <summary>A whole number, or null.</summary>
    public long? Integer(string name) => Take<long?>(name, value => ToNumber(value) is { } number && Math.Abs(number) < long.MaxValue ? (long)number : null);

    /// <summary>A number, also from a text, or null.</summary>
    public double? Number(string name) => Take(name, ToNumber);

    /// <summary>True or false, or null.</summary>
    public bool? Flag(string name) => Take<bool?>(name, value => value switch
    {
        bool flag => flag,
        string text when bool.TryParse(text, out var flag) => flag,
        _ => null,
    });

    /// <summary>A time: RFC 3339, or seconds (or milliseconds) since 1970.</summary>
    public DateTimeOffset? Time(string name) => Take(name, ToTime);

    /// <summary>A duration given in seconds.</summary>
    public TimeSpan? Seconds(string name) => Take<TimeSpan?>(name, value =>
        ToNumber(value) is { } seconds && Math.Abs(seconds) < TimeSpan.MaxValue.TotalSeconds ? TimeSpan.FromTicks((long)(seconds * TimeSpan.TicksPerSecond)) : null);

    /// <summary>An object, empty where there is none.</summary>
    public Dictionary<string, object?> Map(string name) => Take(name, value => value as Dictionary<string, object?>) ?? new JsonObject();

    /// <summary>A list, empty where there is none.</summary>
    public object?[] List(string name) => Take(name, value => value as object?[]) ?? [];

    /// <summary>Takes a field as it is.</summary>
    public object? Take(string name) => Take(name, value => value);

    /// <summary>Takes a field if it can be read; one that is null is taken too.</summary>
    public T? Take<T>(string name, Func<object?, T?> read)
    {
        if (!_fields.TryGetValue(name, out var value))
            return default;
        var result = read(value);
        if (value is null || result is not null)
            _fields.Remove(name);
        return result;
    }

    internal static string? ToText(object? value) => value switch
    {
        null or Dictionary<string, object?> or object?[] => null,
        string text => text,
        bool flag => flag ? "true" : "false",
        var other => Convert.ToString(other, CultureInfo.InvariantCulture),
    };

    internal static double? ToNumber(object? value) => value switch
    {
        long number => number,
        double number => number,
        string text when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => number,
        _ => null,
    };

    internal static DateTimeOffset? ToTime(object? value)
    {
        if (value is string text && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time))
            return time;

        // An epoch number beyond the year 5000 in seconds can only be milliseconds.
        const double firstMilliseconds = 100_000_000_000;
        if (ToNumber(value) is not { } number)
            return null;
        var milliseconds = Math.Abs(number) < firstMilliseconds ? number * 1000 : number;
        return milliseconds >= DateTimeOffset.MinValue.ToUnixTimeMilliseconds() && milliseconds <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
            ? DateTimeOffset.FromUnixTimeMilliseconds((long)milliseconds)
            : null;
    }
}
