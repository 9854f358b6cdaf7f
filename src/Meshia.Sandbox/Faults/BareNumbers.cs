using System.Text.Json;
using System.Text.Json.Nodes;

namespace Meshia.Sandbox.Faults;

/// <summary>Writes NaN and the infinities of JSON bare, as Python does. What comes out is not JSON.</summary>
internal static class BareNumbers
{
    public static byte[] Write(ReadOnlySpan<byte> json)
    {
        if (json.IsEmpty)
            return [];
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = Wire.Json.Encoder, SkipValidation = true }))
            Write(writer, JsonNode.Parse(json), isMetric: false);
        return buffer.ToArray();
    }

    private static void Write(Utf8JsonWriter writer, JsonNode? node, bool isMetric)
    {
        switch (node)
        {
            case JsonObject members:
                writer.WriteStartObject();
                foreach (var (name, value) in members)
                {
                    writer.WritePropertyName(name);
                    Write(writer, value, isMetric || name is "metrics" or "metric_summaries");
                }

                writer.WriteEndObject();
                break;
            case JsonArray items:
                writer.WriteStartArray();
                foreach (var item in items)
                    Write(writer, item, isMetric);
                writer.WriteEndArray();
                break;
            case JsonValue value when isMetric && value.TryGetValue(out string? text) && PythonJson.IsNotFinite(text):
                writer.WriteRawValue(text, skipInputValidation: true);
                break;
            case JsonValue value:
                value.WriteTo(writer);
                break;
            default:
                writer.WriteNullValue();
                break;
        }
    }
}
