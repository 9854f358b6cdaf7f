namespace Meshia.PowerShell;

/// <summary>Reads the objects of a list in an answer.</summary>
internal static class SandboxAnswer
{
    /// <summary>Makes an object of an item's fields; null of what is not an object.</summary>
    public static Func<object?, T?> Of<T>(Func<JsonFields, T> read)
        where T : class => value => value is Dictionary<string, object?> map ? read(new(map)) : null;

    /// <summary>Headers by name, in any case.</summary>
    public static IReadOnlyDictionary<string, string> Headers(JsonFields fields, string name) =>
        fields.Map(name).ToDictionary(pair => pair.Key, pair => pair.Value as string ?? "", StringComparer.OrdinalIgnoreCase);
}
