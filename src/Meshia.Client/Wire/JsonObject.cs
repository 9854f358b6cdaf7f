using System.Text;

namespace Meshia;

/// <summary>An object of JSON as a dictionary. Its text is JSON again, which is what Export-Csv writes of it.</summary>
internal sealed class JsonObject : Dictionary<string, object?>
{
    public JsonObject()
        : base(StringComparer.OrdinalIgnoreCase)
    {
    }

    public JsonObject(IDictionary<string, object?> other, StringComparer comparer)
        : base(other, comparer)
    {
    }

    public override string ToString() => Encoding.UTF8.GetString(JsonValue.ToBytes(this));
}
