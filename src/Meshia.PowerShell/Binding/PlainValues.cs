using System.Collections;
using System.Collections.Specialized;
using System.Globalization;
using System.Management.Automation;
using System.Numerics;

namespace Meshia.PowerShell;

/// <summary>Between what a PowerShell user writes or reads (objects, hashtables) and the plain values of JSON.</summary>
internal static class PlainValues
{
    /// <summary>Deeper nesting is a circle rather than data.</summary>
    private const int DeepestLevel = 60;
    private const string DeserializedTime = "Deserialized.System.DateTimeOffset";

    /// <exception cref="ArgumentException">The value is nested too deeply, or is an object that JSON has no form for.</exception>
    public static object? FromPowerShell(object? value, int level = 0)
    {
        if (level > DeepestLevel)
            throw new ArgumentException($"The value is nested more than {DeepestLevel} levels deep.");
        var inner = value is PSObject wrapped && wrapped.BaseObject is not PSCustomObject ? wrapped.BaseObject : value;
        return inner switch
        {
            SwitchParameter flag => flag.ToBool(),
            IDictionary map => Entries(map).ToDictionary(entry => entry.Key.ToString()!, entry => FromPowerShell(entry.Value, level + 1)),
            // After a job, remoting or CliXml a time is an object with properties.
            PSObject { Properties: var properties } time when time.TypeNames.Contains(DeserializedTime) && properties[nameof(DateTimeOffset.UtcDateTime)]?.Value is DateTime utc => new DateTimeOffset(DateTime.SpecifyKind(utc, DateTimeKind.Utc)),
            PSObject custom => custom.Properties.ToDictionary(property => property.Name, property => FromPowerShell(property.Value, level + 1)),
            string text => text,
            // A sequence of its own nodes, in which no value is.
            System.Xml.XmlNode => throw NotData(inner.GetType()),
            IEnumerable items => items.Cast<object?>().Select(item => FromPowerShell(item, level + 1)).ToArray(),
            Uri uri => uri.AbsoluteUri,
            Enum name => name.ToString(),
            char or Guid or Version or TimeSpan => Convert.ToString(inner, CultureInfo.InvariantCulture),
            null or bool or DateTime or DateTimeOffset or BigInteger or decimal => inner,
            ValueType when inner.GetType().IsPrimitive => inner,
            _ => Properties(inner, level),
        };
    }

    /// <summary>
    /// The properties of an object of this module, of a class in a script or of other data, as ConvertTo-Json gives
    /// them. What .NET itself offers (a process, a file) is not data: it holds handles, and most of it fails to be read.
    /// </summary>
    private static Dictionary<string, object?> Properties(object value, int level)
    {
        var type = value.GetType();
        if (type.Namespace is { } space && (space == "System" || space.StartsWith("System.", StringComparison.Ordinal) || space.StartsWith("Microsoft.", StringComparison.Ordinal)))
            throw NotData(type);
        try
        {
            return PSObject.AsPSObject(value).Properties.Where(property => property.IsGettable)
                .ToDictionary(property => property.Name, property => FromPowerShell(property.Value, level + 1));
        }
        catch (GetValueException failure)
        {
            throw new ArgumentException($"A {type.FullName} cannot be sent: {failure.Message}", failure);
        }
    }

    private static ArgumentException NotData(Type type) => new($"A {type.FullName} cannot be converted to JSON. Select the properties to send: … | Select-Object -Property Name, …; or use a hashtable.");

    /// <summary>The properties of an object that came back from a job, remoting or JSON, as plain values; empty for any other object.</summary>
    /// <exception cref="ArgumentException">A value is nested too deeply, or is an object that JSON has no form for.</exception>
    public static Dictionary<string, object?> PropertiesOf(PSObject value, StringComparer names) => value.BaseObject is PSCustomObject
        ? value.Properties.ToDictionary(property => property.Name, property => FromPowerShell(property.Value), names)
        : new Dictionary<string, object?>();

    /// <summary>The entries of a hashtable or of any other dictionary, which as a mere sequence gives pairs of its own type.</summary>
    public static IEnumerable<DictionaryEntry> Entries(IDictionary map)
    {
        foreach (DictionaryEntry entry in map)
            yield return entry;
    }

    /// <summary>Objects with properties, as Invoke-RestMethod gives them; a dictionary where the names can be none of properties.</summary>
    public static object? ToPowerShell(object? value)
    {
        switch (value)
        {
            // An empty name, or names that differ in their case only.
            case IDictionary<string, object?> map when map.ContainsKey("") || map.Keys.Distinct(StringComparer.OrdinalIgnoreCase).Count() < map.Count:
                var named = new OrderedDictionary(StringComparer.Ordinal);
                foreach (var pair in map)
                    named.Add(pair.Key, ToPowerShell(pair.Value));
                return named;
            case IDictionary<string, object?> map:
                var custom = new PSObject();
                foreach (var pair in map)
                    custom.Properties.Add(new PSNoteProperty(pair.Key, ToPowerShell(pair.Value)));
                return custom;
            case object?[] items:
                return items.Select(ToPowerShell).ToArray();
            default:
                return value;
        }
    }
}
