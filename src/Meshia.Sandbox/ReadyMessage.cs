using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Meshia.Sandbox;

/// <summary>The one line on standard output.</summary>
internal sealed record ReadyMessage(string BaseUri, string StorageUri, string Data, int ProcessId, string? Key)
{
    // Written by hand: a serializer has code compiled that every start would wait for.
    public override string ToString()
    {
        using var line = new MemoryStream();
        using (var json = new Utf8JsonWriter(line, new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("base_uri", BaseUri);
            json.WriteString("storage_uri", StorageUri);
            json.WriteString("data", Data);
            json.WriteNumber("process_id", ProcessId);
            if (Key is not null)
                json.WriteString("key", Key);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(line.ToArray());
    }
}
