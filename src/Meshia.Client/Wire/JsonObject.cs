namespace Meshia;

/// <summary>An object of JSON as a dictionary.</summary>
internal sealed class JsonObject(int capacity, StringComparer comparer) : JsonMap<object?>(capacity, comparer)
{
    public JsonObject()
        : this(0, StringComparer.OrdinalIgnoreCase)
    {
    }
}
