using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Meshia.Sandbox;

/// <summary>
/// JSON whose numbers may be <c>NaN</c> and the infinities. Everywhere, on the wire too, they are the strings "NaN", "Infinity"
/// and "-Infinity", so that it is valid JSON; only a fault writes them bare, as Python does.
/// </summary>
[JsonConverter(typeof(Converter))]
internal sealed class PythonJson(JsonNode root)
{
    public JsonNode Root => root;

    public string StoredText => root.ToJsonString();

    public static PythonJson Parse(string storedText) => new(JsonNode.Parse(storedText)!);

    public override string ToString() => root.ToJsonString(Wire.Json);

    /// <summary>The number that a node holds; null if it holds none.</summary>
    public static double? Number(JsonNode? node) => node?.GetValueKind() switch
    {
        JsonValueKind.Number => node.Deserialize<double>(),
        JsonValueKind.String when IsNotFinite(node.GetValue<string>()) => double.Parse(node.GetValue<string>(), CultureInfo.InvariantCulture),
        _ => null,
    };

    public static bool IsNotFinite(string text) => text is "NaN" or "Infinity" or "-Infinity";

    private sealed class Converter : JsonConverter<PythonJson>
    {
        public override PythonJson Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            throw new NotSupportedException();

        public override void Write(Utf8JsonWriter writer, PythonJson value, JsonSerializerOptions options) =>
            value.Root.WriteTo(writer, options);
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

    /// <summary>Answers with JSON. Nothing is flushed: it leaves with the end of the answer, in one piece.</summary>
    public static void Write(HttpResponse response, byte[] json)
    {
        response.ContentType = "application/json; charset=utf-8";
        response.ContentLength = json.Length;
        response.BodyWriter.Write(json);
    }

    public static string Time(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private sealed class TimeConverter : JsonConverter<DateTimeOffset>
    {
        public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.GetDateTimeOffset();

        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
            writer.WriteStringValue(Time(value));
    }
}
