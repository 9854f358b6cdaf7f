using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text.Json.Nodes;
using NodeObject = System.Text.Json.Nodes.JsonObject;
using NodeValue = System.Text.Json.Nodes.JsonValue;

namespace Meshia.Client.Tests;

/// <summary>An endpoint of the API: a right answer, and how the client reads it.</summary>
/// <param name="Name">The endpoint, as the documentation writes it.</param>
/// <param name="Item">The object of the answer; of each item for a list.</param>
/// <param name="List">The name of the list; null for a single object.</param>
/// <param name="Wrapper">The name under which a single object may be.</param>
/// <param name="ReadAsync">Calls the client.</param>
internal sealed record AnswerForm(string Name, string Item, string? List, string? Wrapper, Func<MeshiaClient, CallOptions, Task<List<object?>>> ReadAsync)
{
    public const string Session = """{"id":"s_m1","name":"m2","gpu":"m3","repo":"m4","status":"running","created_at":"2025-06-01T12:00:00Z","cost":{"amount":70001.5,"currency":"m5"}}""";
    public const string Experiment = """{"id":"e_m1","session_id":"m2","name":"m3","status":"completed","config":{"lr":0.25,"deep":{"a":["m4",70002]}},"metrics":{"loss":70003.25,"text":"m5"},"artifacts":[{"id":"m6","name":"m7"}],"duration_seconds":70004,"error":{"code":"m8","message":"m9"},"created_at":"2025-06-01T12:00:00Z"}""";
    public const string Artifact = """{"id":"a_m1","experiment_id":"m2","name":"m3","size_bytes":70001,"content_type":"m4","sha256":"m5","created_at":"2025-06-01T12:00:00Z"}""";
    public const string Webhook = """{"id":"w_m1","url":"https://m2/","events":["plan.completed","m3"],"active":true,"created_at":"2025-06-01T12:00:00Z"}""";

    public static IReadOnlyList<AnswerForm> All { get; } =
    [
        new("GET /sessions", Session, "sessions", "session", (client, call) => ListAsync(client.GetSessionsAsync(null, call))),
        new("GET /sessions/:id", Session, null, "session", async (client, call) => [await client.GetSessionAsync("x", call)]),
        new("POST /sessions", Session, null, "session", async (client, call) => [await client.CreateSessionAsync("x", "rtx4090", null, call)]),
        new("POST /sessions/:id/stop", Session, null, "session", async (client, call) => [await client.StopSessionAsync("x", call)]),
        new("GET /sessions/:id/experiments", Experiment, "experiments", "experiment", (client, call) => ListAsync(client.GetExperimentsAsync("x", call))),
        new("GET /experiments/:id", Experiment, null, "experiment", async (client, call) => [await client.GetExperimentAsync("x", call)]),
        new("GET /experiments/:id/artifacts", Artifact, "artifacts", "artifact", (client, call) => ListAsync(client.GetArtifactsAsync("x", call))),
        new("GET /webhooks", Webhook, "webhooks", "webhook", (client, call) => ListAsync(client.GetWebhooksAsync(call))),
        new("POST /webhooks", Webhook, null, "webhook", async (client, call) => [await client.CreateWebhookAsync(new("https://h/"), ["plan.completed"], null, call)]),
    ];

    /// <summary>Everything that reads what the service sends: the endpoints, any other request, and the events of a webhook.</summary>
    public static IReadOnlyList<AnswerForm> Readers { get; } =
    [
        .. All,
        new("any request", Experiment, null, null, async (client, call) => [await client.SendAsync(HttpMethod.Get, "x", call: call)]) { IsBare = true, IdName = "" },
        new("a delivery", """{"event":"experiment.completed","timestamp":"2025-06-01T12:00:00Z","session_id":"m2","data":{"experiment_id":"m3","metrics":{"loss":70003.25},"duration_seconds":70004}}""", null, null, async (client, call) =>
            [WebhookEvent.ReadUnverified(Meshia.JsonValue.ToBytes(await client.SendAsync(HttpMethod.Get, "x", call: call)))]) { IsBare = true, IdName = "event" },
    ];

    /// <summary>The field that no object can be without; empty where an object needs none.</summary>
    public string IdName { get; init; } = "id";

    /// <summary>Whether the object is never wrapped.</summary>
    public bool IsBare { get; init; }

    public NodeObject NewItem() => JsonNode.Parse(Item)!.AsObject();

    /// <summary>Everything that is in what was read, as texts.</summary>
    public static HashSet<string> Dump(IEnumerable<object?> things)
    {
        var texts = new HashSet<string>(StringComparer.Ordinal);
        foreach (var thing in things)
            Add(thing);
        return texts;

        void Add(object? value)
        {
            switch (value)
            {
                case null:
                    break;
                case string text:
                    texts.Add(text);
                    break;
                case IDictionary map:
                    foreach (DictionaryEntry entry in map)
                    {
                        Add(entry.Key);
                        Add(entry.Value);
                    }

                    break;
                case IEnumerable items:
                    foreach (var item in items)
                        Add(item);
                    break;
                case TimeSpan time:
                    Add(time.TotalSeconds);
                    break;
                case IFormattable number:
                    texts.Add(number.ToString(value is DateTimeOffset ? "yyyy-MM-ddTHH:mm:ssZ" : null, CultureInfo.InvariantCulture));
                    break;
                case bool:
                    break;
                default:
                    foreach (var property in value.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.GetIndexParameters().Length == 0))
                        Add(property.GetValue(value));
                    break;
            }
        }
    }

    /// <summary>The texts and numbers of an answer by which a loss is seen.</summary>
    public static IEnumerable<string> Marks(JsonNode? node) => node switch
    {
        NodeObject map => map.SelectMany(pair => Marks(pair.Value)),
        JsonArray items => items.SelectMany(Marks),
        NodeValue value when value.TryGetValue<string>(out var text) => text.Contains('m', StringComparison.Ordinal) && text.Any(char.IsDigit) ? [text] : [],
        NodeValue value when value.ToJsonString() is var number && number.StartsWith("7000", StringComparison.Ordinal) => [number],
        _ => [],
    };

    private static async Task<List<object?>> ListAsync<T>(IAsyncEnumerable<T> items)
    {
        var all = new List<object?>();
        await foreach (var item in items)
            all.Add(item);
        return all;
    }
}
