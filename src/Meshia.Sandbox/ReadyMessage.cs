using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Meshia.Sandbox;

/// <summary>The one line on standard output.</summary>
internal sealed record ReadyMessage(string BaseUri, string StorageUri, string Data, int ProcessId, string? Key)
{
    public override string ToString() => JsonSerializer.Serialize(this, ReadyJson.Relaxed.ReadyMessage);
}

/// <summary>How that line is written: without reflection, which every start would wait for.</summary>
[JsonSerializable(typeof(ReadyMessage))]
internal sealed partial class ReadyJson : JsonSerializerContext
{
    public static ReadyJson Relaxed { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
