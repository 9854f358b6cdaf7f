using System.Text.Json;

namespace Meshia;

/// <summary>An object or array of JSON that is whole, but of which nothing has been made yet.</summary>
internal sealed class UnreadJson(ReadOnlyMemory<byte> json)
{
    /// <param name="without">A name; what the objects in it hold under that is left out.</param>
    public object? Read(string? without = null)
    {
        var reader = new Utf8JsonReader(json.Span, JsonValue.AnyDepth);
        reader.Read();
        return new JsonValueReader { Source = json, Without = without }.Read(ref reader);
    }
}
