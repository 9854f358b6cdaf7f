using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Meshia.PowerShell.Tests;

/// <summary>The forms of fields, objects and lists. docs/wire-contract.md names those that are accepted, in the same words.</summary>
internal static class MatrixForms
{
    private const string Time = "2026-01-02T03:04:05Z";

    /// <summary>The fields of an object.</summary>
    public static IReadOnlyList<MatrixForm> OfFields { get; } =
    [
        Field("createdAt", Named(name => Regex.Replace(name, "_(.)", match => match.Groups[1].Value.ToUpperInvariant()))),
        Field("CreatedAt", Named(name => string.Concat(name.Split('_').Select(part => char.ToUpperInvariant(part[0]) + part[1..])))),
        Field("CREATED_AT", Named(name => name.ToUpperInvariant())),
        Field("created-at", Named(name => name.Replace('_', '-'))),
        Field("state", Renamed("status", "state")),
        Field("created", Renamed("created_at", "created")),
        Field("size", Renamed("size_bytes", "size")),
        Field("bytes", Renamed("size_bytes", "bytes")),
        Field("file_size", Renamed("size_bytes", "file_size")),
        Field("filename", item => item.ContainsKey("size_bytes") ? Renamed("name", "filename")(item) : item),
        Field("gpu_type", Renamed("gpu", "gpu_type")),
        Field("session_id", item => item.ContainsKey("gpu") ? Renamed("id", "session_id")(item) : item),
        Field("experiment_id", item => item.ContainsKey("config") ? Renamed("id", "experiment_id")(item) : item),
        Field("webhook_id", item => item.ContainsKey("events") ? Renamed("id", "webhook_id")(item) : item),
        Field("duration", Renamed("duration_seconds", "duration")),
        Field("endpoint", Renamed("url", "endpoint")),
        Field("\"9\"", Valued(value => value.GetValueKind() == JsonValueKind.Number ? value.ToJsonString() : value)),
        Field("\"9.0\"", Set("size_bytes", "\"9.0\"")),
        Field("RUNNING", Valued(value => value.GetValueKind() == JsonValueKind.String && value.GetValue<string>() is "running" or "stopped" or "stopping" or "provisioning" or "completed" ? value.GetValue<string>().ToUpperInvariant() : value)),
        Field("[{\"name\",\"value\"}]", item => NameValues(item, "metrics", "name")),
        Field("[{\"key\",\"value\"}]", item => NameValues(item, "config", "key")),
        Field("[{\"name\"}]", item => Events(item, events => new JsonArray([.. events.Select(name => (JsonNode)new JsonObject { ["name"] = name })]))),
        Field("{\"plan.completed\":true}", item => Events(item, events => new JsonObject(events.Select(name => KeyValuePair.Create(name, (JsonNode?)true))))),
        Field("\"plan.completed, plan.needs_input\"", item => Events(item, events => string.Join(", ", events))),
        Field("a field that nobody knows", item => Added(item, "zz_new", JsonValue.Create("m90")), "unknown-fields"),
        Field("1767323045", Timed("1767323045"), "times"),
        Field("1767323045000", Timed("1767323045000"), "times"),
        Field("1767323045000000", Timed("1767323045000000"), "times"),
        Field("\"1767323045\"", Timed("\"1767323045\""), "times"),
        Field("2026-01-02T03:04:05", Timed("\"2026-01-02T03:04:05\""), "times"),
        Field("2026-01-02 03:04:05Z", Timed("\"2026-01-02 03:04:05Z\""), "times"),
        Field("2026-01-02T08:34:05+0530", Timed("\"2026-01-02T08:34:05+0530\""), "times"),
        Field("2026-01-02T03:04:05.000000000Z", Timed("\"2026-01-02T03:04:05.000000000Z\""), "times"),
        Field("Fri, 02 Jan 2026 03:04:05 GMT", Timed("\"Fri, 02 Jan 2026 03:04:05 GMT\""), "times"),
        Bad("a time that .NET would take for a day of this year", Set("created_at", "\"1,5\""), "created_at"),
        Bad("a date in digits", Set("created_at", "20260102"), "created_at"),
        Bad("a state under another name", Renamed("status", "lifecycle"), "status"),
        Bad("a size in words", Set("size_bytes", "\"9 B\""), "size_bytes"),
        Bad("a size that is no number", Set("size_bytes", "1e400"), "size_bytes"),
        Bad("a duration in words", Set("duration_seconds", "\"a minute\""), "duration_seconds"),
        Bad("metrics that are a text", Set("metrics", "\"0.31\""), "metrics"),
        Bad("metrics that are a list of numbers", Set("metrics", "[0.31]"), "metrics"),
        Bad("a name that is an object", Set("name", "{\"first\":\"x\"}"), "name"),
        Bad("events that are numbers", item => Events(item, _ => new JsonArray(1, 2)), "events"),
        Bad("no id", item => Without(item, "id"), "without an id"),
        Bad("an id that is null", Set("id", "null"), "without an id"),
        Bad("an id that is blank", Set("id", "\"  \""), "without an id"),
        Bad("an id that is true", Set("id", "true"), "id is true"),
        Bad("an id that is a fraction", Set("id", "1.5"), "id is 1.5"),
        Bad("an id that is an object", Set("id", "{}"), "without an id"),
    ];

    /// <summary>Where an object is in the answer.</summary>
    public static IReadOnlyList<MatrixForm> OfObjects { get; } =
    [
        .. new[] { "data", "result", "results", "item", "payload", "response" }.Select(name => Object(name, (item, _) => $$"""{"{{name}}":{{item}} }""")),
        Object("{\"session\":{…}}", (item, name) => $$"""{"{{name}}":{{item}} }"""),
        Object("{\"data\":{\"session\":{…}}}", (item, name) => $$"""{"success":true,"data":{"{{name}}":{{item}} } }"""),
        Object("[{…}]", (item, _) => $"[{item}]"),
        new("session-stop", "an object that is cut off", MatrixOutcome.Said) { Body = answer => answer.Kind is MatrixKind.Object or MatrixKind.Comparison ? answer.Json[..^2] : null, Word = "cut off" },
        new("error-others", "a number instead of an object", MatrixOutcome.Said) { Body = answer => answer.Kind is MatrixKind.Object or MatrixKind.Comparison ? "42" : null, Word = "not an object" },
    ];

    /// <summary>Where a list is in the answer, and what is in it.</summary>
    public static IReadOnlyList<MatrixForm> OfLists { get; } =
    [
        List("[…]", (items, _) => $"[{items}]"),
        .. new[] { "data", "items", "results", "result", "list", "records", "payload", "response" }.Select(name => List(name, (items, _) => $$"""{"{{name}}":[{{items}}]}""")),
        List("_embedded", (items, name) => $$"""{"_embedded":{"{{name}}":[{{items}}]},"page":{"totalElements":2,"totalPages":1,"number":0} }"""),
        List("{\"data\":{\"sessions\":[…]}}", (items, name) => $$"""{"success":true,"data":{"{{name}}":[{{items}}],"total":2} }"""),
        List("{\"sessions\":{\"data\":[…]}}", (items, name) => $$"""{"{{name}}":{"data":[{{items}}]} }"""),
        List("{\"data\":[],\"sessions\":[…]}", (items, name) => $$"""{"data":[],"{{name}}":[{{items}}]}"""),
        List("{\"things\":[…]}", (items, _) => $$"""{"meta":{"version":1},"things":[{{items}}]}"""),
        List("an item on two pages", (items, _) => $"[{items},{items}]"),
        new("list-forms", "204", MatrixOutcome.Nothing) { Send = (answer, _, context) => Status(answer.Kind == MatrixKind.List, context, 204) },
        OddItem("null", "null"),
        OddItem("an item without an id", "{\"name\":\"m\"}"),
        OddItem("an item with two ids", "{\"id\":\"a\",\"id\":\"b\"}"),
        OddItem("a number", "7"),
        OddItem("a list in the list", "[[]]"),
        new("list-forms", "a list that is cut off", MatrixOutcome.Said) { Body = answer => answer.Kind == MatrixKind.List ? answer.Json[..^3] : null, Word = "cut off" },
        new("list-forms", "text behind the end of a list", MatrixOutcome.Said) { Body = answer => answer.Kind == MatrixKind.List ? answer.Json + "<html>" : null, Word = "not JSON" },
        new("list-forms", "an object without a list", MatrixOutcome.Said) { Body = answer => answer.Kind == MatrixKind.List ? "{\"hello\":1}" : null, Word = "without a list" },
    ];

    private static MatrixForm Field(string name, Func<JsonObject, JsonObject> change, string fact = "field-forms") => new(fact, name, MatrixOutcome.Same) { Body = answer => Changed(answer, change) };

    private static MatrixForm Bad(string name, Func<JsonObject, JsonObject> change, string word) => new("field-forms", name, MatrixOutcome.Said) { Body = answer => Changed(answer, change), Word = word };

    private static MatrixForm Object(string name, Func<string, string, string> wrap) =>
        new("field-forms", name, MatrixOutcome.Same) { Body = answer => answer.Kind is MatrixKind.Object or MatrixKind.Comparison ? wrap(answer.Json, answer.Name) : null };

    private static MatrixForm List(string name, Func<string, string, string> wrap) =>
        new("list-forms", name, MatrixOutcome.Same) { Body = answer => answer.Kind == MatrixKind.List ? wrap(MatrixAnswer.Join(answer.Items), answer.Name) : null };

    private static MatrixForm OddItem(string name, string item) => new("list-forms", name, MatrixOutcome.SaidAndOthers)
    {
        Body = answer => answer.Kind == MatrixKind.List ? $"[{answer.Items[0].ToJsonString()},{item},{MatrixAnswer.Join(answer.Items.Skip(1))}]" : null,
        Word = "item 2",
    };

    private static string? Changed(MatrixAnswer answer, Func<JsonObject, JsonObject> change) =>
        answer.Kind is MatrixKind.Empty or MatrixKind.Address || answer.Change(change).Json is not { } json || json == answer.Json ? null : json;

    private static Task<bool> Status(bool isOfAnswer, Microsoft.AspNetCore.Http.HttpContext context, int status)
    {
        if (isOfAnswer)
            context.Response.StatusCode = status;
        return Task.FromResult(isOfAnswer);
    }

    private static Func<JsonObject, JsonObject> Named(Func<string, string> rename) => item => new(item.Select(pair => KeyValuePair.Create(rename(pair.Key), pair.Value?.DeepClone())));

    private static Func<JsonObject, JsonObject> Renamed(string name, string other) => Named(own => own == name ? other : own);

    private static Func<JsonObject, JsonObject> Valued(Func<JsonNode, JsonNode?> change) => item => new(item.Select(pair => KeyValuePair.Create(pair.Key, pair.Value is JsonValue value ? change(value)?.DeepClone() : pair.Value?.DeepClone())));

    private static Func<JsonObject, JsonObject> Set(string name, string json) => item => item.ContainsKey(name) ? new(item.Select(pair => KeyValuePair.Create(pair.Key, pair.Key == name ? JsonNode.Parse(json) : pair.Value?.DeepClone()))) : item;

    /// <summary>The time of creation, in another form.</summary>
    private static Func<JsonObject, JsonObject> Timed(string json) => Valued(value => value.GetValueKind() == JsonValueKind.String && value.GetValue<string>() == Time ? JsonNode.Parse(json) : value);

    private static JsonObject Added(JsonObject item, string name, JsonNode? value)
    {
        item[name] = value;
        return item;
    }

    private static JsonObject Without(JsonObject item, string name)
    {
        item.Remove(name);
        return item;
    }

    private static JsonObject NameValues(JsonObject item, string name, string nameOfName) => item[name] is JsonObject map
        ? Added((JsonObject)item.DeepClone(), name, new JsonArray([.. map.Select(pair => (JsonNode)new JsonObject { [nameOfName] = pair.Key, ["value"] = pair.Value?.DeepClone() })]))
        : item;

    private static JsonObject Events(JsonObject item, Func<string[], JsonNode> form) => item["events"] is JsonArray events
        ? Added((JsonObject)item.DeepClone(), "events", form([.. events.Select(name => name!.GetValue<string>())]))
        : item;
}
