using System.Text.Json.Nodes;

namespace Meshia.PowerShell.Tests;

/// <summary>What an answer of the service is.</summary>
internal enum MatrixKind
{
    /// <summary>A list of objects.</summary>
    List,

    /// <summary>An object with an id.</summary>
    Object,

    /// <summary>A comparison.</summary>
    Comparison,

    /// <summary>The address of a file.</summary>
    Address,

    /// <summary>Nothing.</summary>
    Empty,
}

/// <summary>A right answer of the service to a request, from which the matrix makes all others.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Name">The name of the list, or of the object.</param>
/// <param name="Items">The objects; one, where it is no list.</param>
/// <param name="IsRead">Whether the request was a GET.</param>
internal sealed record MatrixAnswer(MatrixKind Kind, string Name, IReadOnlyList<JsonObject> Items, bool IsRead)
{
    /// <summary>The answer in the form that the sandbox sends.</summary>
    public string Json => Kind switch
    {
        MatrixKind.List => $$"""{"{{Name}}":[{{Join(Items)}}]}""",
        MatrixKind.Empty => "",
        _ => Items[0].ToJsonString(),
    };

    public static string Join(IEnumerable<JsonObject> items) => string.Join(',', items.Select(item => item.ToJsonString()));

    /// <summary>The same with changed objects; in a comparison those of the experiments.</summary>
    public MatrixAnswer Change(Func<JsonObject, JsonObject> change)
    {
        if (Kind != MatrixKind.Comparison)
            return this with { Items = [.. Items.Select(item => change((JsonObject)item.DeepClone()))] };
        var whole = (JsonObject)Items[0].DeepClone();
        whole["experiments"] = new JsonArray([.. whole["experiments"]!.AsArray().Select(item => (JsonNode)change((JsonObject)item!.DeepClone()))]);
        return this with { Items = [whole] };
    }

    /// <summary>The answer to a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="origin">Where the service is.</param>
    /// <param name="created">The id of what a POST may have created, of which the list must know; else null.</param>
    public static MatrixAnswer? To(SeenRequest request, string origin, string? created)
    {
        var isRead = request.Method == "GET";
        return (request.Method, request.Endpoint.Split(' ', '?')[1].Split('/', StringSplitOptions.RemoveEmptyEntries)) switch
        {
            ("GET", ["sessions"]) when created is not null => new(MatrixKind.List, "sessions", [Session(created, "running", time: null)], isRead),
            ("GET", ["webhooks"]) when created is not null => new(MatrixKind.List, "webhooks", [Webhook(created, null)], isRead),
            ("GET", ["sessions"]) => new(MatrixKind.List, "sessions", [Session("sess_2", "stopped"), Session("sess_1", "stopped")], isRead),
            ("POST", ["sessions"]) => new(MatrixKind.Object, "session", [Session("sess_3", "provisioning", JsonNode.Parse(request.Body)!["name"]!.GetValue<string>())], isRead),
            ("GET", ["sessions", var id]) => new(MatrixKind.Object, "session", [Session(id, "running")], isRead),
            ("POST", ["sessions", var id, "stop"]) => new(MatrixKind.Object, "session", [Session(id, "stopping")], isRead),
            ("GET", ["sessions", var id, "experiments"]) => new(MatrixKind.List, "experiments", [Experiment("exp_1", id), Experiment("exp_2", id)], isRead),
            ("GET", ["experiments", var id]) => new(MatrixKind.Object, "experiment", [Experiment(id)], isRead),
            ("POST", ["experiments", "compare"]) => new(MatrixKind.Comparison, "comparison", [new JsonObject { ["experiments"] = new JsonArray(Experiment("exp_1"), Experiment("exp_2")) }], isRead),
            ("GET", ["experiments", var id, "artifacts"]) => new(MatrixKind.List, "artifacts", [Artifact("art_1", id), Artifact("art_2", id)], isRead),
            ("GET", ["artifacts", var id, "download"]) => new(MatrixKind.Address, "download", [new JsonObject { ["url"] = $"{origin}/files/{id}?signature=x" }], isRead),
            ("GET", ["webhooks"]) => new(MatrixKind.List, "webhooks", [Webhook("wh_1"), Webhook("wh_2")], isRead),
            ("POST", ["webhooks"]) => new(MatrixKind.Object, "webhook", [Webhook("wh_3")], isRead),
            ("DELETE", ["webhooks", _]) => new(MatrixKind.Empty, "webhook", [], isRead),
            _ => null,
        };
    }

    /// <summary>All times are after 1973 and before the tests run, so that a usage is always the same.</summary>
    private static JsonObject Session(string id, string status, string name = "matrix", string? time = "\"2026-01-02T03:04:05Z\"") => Object(
        $$"""{"id":"{{id}}","name":"{{name}}","gpu":"rtx4090","repo":"github:user/repo","status":"{{status}}","created_at":{{time ?? "null"}},"started_at":"2026-01-02T03:04:35Z","stopped_at":{{(status == "stopped" ? "\"2026-01-02T05:04:05Z\"" : "null")}}}""");

    private static JsonObject Experiment(string id, string sessionId = "sess_1") => Object(
        $$$"""{"id":"{{{id}}}","session_id":"{{{sessionId}}}","name":"baseline","status":"completed","config":{"optimizer":{"lr":0.01},"seed":{{{(id == "exp_1" ? "18446744073709551614" : "18446744073709551615")}}}},"metrics":{"loss":0.31,"accuracy":0.5},"artifacts":[{"id":"art_1","experiment_id":"{{{id}}}","name":"art_1.txt","size_bytes":9}],"duration_seconds":61.5,"created_at":"2026-01-02T03:04:05Z","completed_at":"2026-01-02T03:05:06Z"}""");

    private static JsonObject Artifact(string id, string experimentId) => Object(
        $$"""{"id":"{{id}}","experiment_id":"{{experimentId}}","name":"{{id}}.txt","size_bytes":9,"content_type":"text/plain","sha256":"ed589341c9fd5da96aaff4c5efa008226282a716186608d5a032ac75895a9c2f","created_at":"2026-01-02T03:04:05Z"}""");

    private static JsonObject Webhook(string id, string? time = "\"2026-01-02T03:04:05Z\"") => Object(
        $$"""{"id":"{{id}}","url":"https://matrix.example/hook","events":["plan.completed","plan.needs_input"],"active":true,"created_at":{{time ?? "null"}}}""");

    private static JsonObject Object(string json) => JsonNode.Parse(json)!.AsObject();
}
