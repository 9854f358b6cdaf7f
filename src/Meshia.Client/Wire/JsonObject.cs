namespace Meshia;

/// <summary>An object of JSON as a dictionary.</summary>
internal sealed class JsonObject : JsonMap<object?>
{
    public JsonObject()
        : this(new Dictionary<string, object?>(), StringComparer.OrdinalIgnoreCase)
    {
    }

    public JsonObject(IDictionary<string, object?> other, StringComparer comparer)
        : base(other, comparer)
    {
    }
}
