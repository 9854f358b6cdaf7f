using System.Globalization;

namespace Meshia;

/// <summary>
/// The fields of one object of the service, taken out one by one; what nobody took is <see cref="Rest"/>, so an unknown
/// field is never lost. A field of an unexpected kind is read as far as it makes sense and never fails the object.
/// </summary>
internal sealed class WireFields
{
    private readonly Dictionary<string, object?> _fields;

    public WireFields(Dictionary<string, object?> fields) => _fields = fields;

    /// <summary>The fields that nobody took, by their names on the wire.</summary>
    public Dictionary<string, object?> Rest => _fields;

    /// <summary>Looks into an object that the answer may have wrapped, as in <c>{"session":{…}}</c>.</summary>
    /// <param name="value">The answer's JSON.</param>
    /// <param name="wrappers">Names under which the object may be.</param>
    public static WireFields Of(object? value, params string[] wrappers)
    {
        if (value is not Dictionary<string, object?> map)
            throw new FormatException("The answer is JSON, but not an object.");
        if (!map.ContainsKey(WireNames.Id))
        {
            foreach (var wrapper in wrappers)
            {
                if (map.TryGetValue(wrapper, out var inner) && inner is Dictionary<string, object?> wrapped)
                    return new WireFields(wrapped);
            }
        }

        return new WireFields(map);
    }

    /// <summary>A text; a number where the service sends one is turned into its text.</summary>
    public string? Text(string name) => Take(name) switch
    {
        null => null,
        string text => text,
        bool flag => flag ? "true" : "false",
        Dictionary<string, object?> or object?[] => null,
        var other => Convert.ToString(other, CultureInfo.InvariantCulture),
    };

    /// <summary>A whole number, or null.</summary>
    public long? Integer(string name) => Number(name) is { } number && Math.Abs(number) < long.MaxValue ? (long)number : null;

    /// <summary>A number, also from a text, or null.</summary>
    public double? Number(string name) => ToNumber(Take(name));

    /// <summary>True or false, or null.</summary>
    public bool? Flag(string name) => Take(name) switch
    {
        bool flag => flag,
        string text when bool.TryParse(text, out var flag) => flag,
        _ => null,
    };

    /// <summary>A time: RFC 3339, or seconds (or milliseconds) since 1970.</summary>
    public DateTimeOffset? Time(string name) => ToTime(Take(name));

    /// <summary>A duration given in seconds.</summary>
    public TimeSpan? Seconds(string name) =>
        Number(name) is { } seconds && Math.Abs(seconds) < TimeSpan.MaxValue.TotalSeconds ? TimeSpan.FromTicks((long)(seconds * TimeSpan.TicksPerSecond)) : null;

    /// <summary>An object, empty where there is none.</summary>
    public Dictionary<string, object?> Map(string name) => Take(name) as Dictionary<string, object?> ?? [];

    /// <summary>A list, empty where there is none.</summary>
    public object?[] List(string name) => Take(name) as object?[] ?? [];

    /// <summary>Takes a field as it is.</summary>
    public object? Take(string name)
    {
        if (_fields.TryGetValue(name, out var value))
            _fields.Remove(name);
        return value;
    }

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
        return ToNumber(value) is { } number && Math.Abs(number) < 100_000_000_000_000
            ? DateTimeOffset.FromUnixTimeMilliseconds((long)(Math.Abs(number) < firstMilliseconds ? number * 1000 : number))
            : null;
    }
}
