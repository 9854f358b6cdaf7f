using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Meshia.Sandbox;

/// <summary>
/// JSON as Python writes it: with bare <c>NaN</c> and <c>Infinity</c>. In memory and in the database
/// they are strings, so that every JSON reader can be used; only the wire shows them bare.
/// </summary>
[JsonConverter(typeof(Converter))]
internal sealed class PythonJson(JsonNode root)
{
    public JsonNode Root => root;

    public string StoredText => root.ToJsonString();

    public static PythonJson Parse(string storedText) => new(JsonNode.Parse(storedText)!);

    public override string ToString() => JsonSerializer.Serialize(this, Wire.Json);

    /// <summary>The number that a node holds; null where it holds none.</summary>
    public static double? Number(JsonNode? node) => node?.GetValueKind() switch
    {
        JsonValueKind.Number => node.Deserialize<double>(),
        JsonValueKind.String when IsBare(node.GetValue<string>()) => double.Parse(node.GetValue<string>(), CultureInfo.InvariantCulture),
        _ => null,
    };

    private static bool IsBare(string text) => text is "NaN" or "Infinity" or "-Infinity";

    private static void Write(Utf8JsonWriter writer, JsonNode? node)
    {
        switch (node)
        {
            case JsonObject members:
                writer.WriteStartObject();
                foreach (var (name, value) in members)
                {
                    writer.WritePropertyName(name);
                    Write(writer, value);
                }

                writer.WriteEndObject();
                break;
            case JsonArray items:
                writer.WriteStartArray();
                foreach (var item in items)
                    Write(writer, item);
                writer.WriteEndArray();
                break;
            case JsonValue value when value.TryGetValue(out string? text) && IsBare(text):
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

    private sealed class Converter : JsonConverter<PythonJson>
    {
        public override PythonJson Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            throw new NotSupportedException();

        public override void Write(Utf8JsonWriter writer, PythonJson value, JsonSerializerOptions options) =>
            PythonJson.Write(writer, value.Root);
    }
}

/// <summary>[A] How values look on the wire: snake_case names, UTF-8, RFC 3339 times in UTC with milliseconds.</summary>
internal static class Wire
{
    public static JsonSerializerOptions Json { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new TimeConverter() },
    };

    public static string Time(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>Now, in the precision that is stored and shown.</summary>
    public static DateTimeOffset GetUtcNowInMilliseconds(this TimeProvider time) =>
        DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());

    private sealed class TimeConverter : JsonConverter<DateTimeOffset>
    {
        public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.GetDateTimeOffset();

        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
            writer.WriteStringValue(Time(value));
    }
}
