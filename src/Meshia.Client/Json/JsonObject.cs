namespace Meshia;

/// <summary>An object of JSON as a dictionary.</summary>
internal sealed class JsonObject(int capacity, StringComparer comparer) : JsonMap<object?>(capacity, comparer)
{
    public JsonObject()
        : this(0, StringComparer.OrdinalIgnoreCase)
    {
    }

    /// <summary>The bytes that it was read from, where the reader was told to keep them.</summary>
    public ReadOnlyMemory<byte>? Source { get; set; }

    /// <summary>The same, with names that are found in their own case only.</summary>
    public JsonObject WithCase()
    {
        var result = new JsonObject(Count, StringComparer.Ordinal);
        foreach (var pair in this)
            result.Add(pair.Key, pair.Value);
        return result;
    }
}
