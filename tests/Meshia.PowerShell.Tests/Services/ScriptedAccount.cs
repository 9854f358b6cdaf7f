using Microsoft.AspNetCore.Http;

namespace Meshia.PowerShell.Tests;

/// <summary>An account with two of each: answers that a test can foresee to the last letter.</summary>
internal static class ScriptedAccount
{
    /// <summary>What lies behind the address of every artifact.</summary>
    public const string Content = "the bytes";

    public static Task<ScriptedService> StartAsync() => ScriptedService.StartAsync((request, context) => AnswerAsync(request, context));

    public static Task AnswerAsync(SeenRequest request, HttpContext context) => Answer(request, $"http://{context.Request.Host}").SendAsync(context.Response);

    /// <param name="request">A request.</param>
    /// <param name="origin">Where the service is.</param>
    public static Reply Answer(SeenRequest request, string origin) => (request.Method, request.Endpoint.Split(' ', '?')[1].Split('/', StringSplitOptions.RemoveEmptyEntries)) switch
    {
        ("GET", ["sessions"]) => Reply.Ok($$"""{"sessions":[{{Session("sess_2")}},{{Session("sess_1")}}]}"""),
        ("POST", ["sessions"]) => Reply.Ok(Session("sess_3")),
        ("GET", ["sessions", var id]) => Reply.Ok(Session(id)),
        ("POST", ["sessions", var id, "stop"]) => Reply.Ok(Session(id)),
        ("GET", ["sessions", var id, "experiments"]) => Reply.Ok($$"""{"experiments":[{{Experiment("exp_1", id)}},{{Experiment("exp_2", id)}}]}"""),
        ("GET", ["experiments", var id]) => Reply.Ok(Experiment(id)),
        ("POST", ["experiments", "compare"]) => Reply.Ok($$$"""{"experiments":[{{{Experiment("exp_1")}}},{{{Experiment("exp_2")}}}],"config_diffs":[{"key":"optimizer.lr","values":{"exp_1":0.01,"exp_2":0.001}}],"metric_summaries":[{"metric":"loss","values":{"exp_1":0.31,"exp_2":0.28},"min":0.28,"max":0.31,"mean":0.295,"best":"exp_2"}]}"""),
        ("GET", ["experiments", var id, "artifacts"]) => Reply.Ok($$"""{"artifacts":[{{Artifact("art_1", id)}},{{Artifact("art_2", id)}}]}"""),
        ("GET", ["artifacts", var id, "download"]) => Reply.Ok($$"""{"url":"{{origin}}/files/{{id}}?signature=x"}"""),
        ("GET", ["files", _]) => new Reply(200, Content, "application/octet-stream"),
        ("GET", ["webhooks"]) => Reply.Ok($$"""{"webhooks":[{{Webhook("wh_1")}},{{Webhook("wh_2")}}]}"""),
        ("POST", ["webhooks"]) => Reply.Ok(Webhook("wh_3")),
        ("POST", ["hook"]) => new Reply(204),
        ("DELETE", ["webhooks", _]) => new Reply(204),
        // What only a sandbox has.
        ("GET", ["sandbox", "faults"]) => Reply.Ok($$"""{"faults":[{{Fault}}]}"""),
        ("GET", ["sandbox", "faults", _]) or ("POST", ["sandbox", "faults"]) => Reply.Ok(Fault),
        ("GET", ["sandbox", "requests"]) => Reply.Ok("""{"requests":[{"number":1,"request_id":"req_1","at":"2026-01-02T03:04:05Z","part":"api","method":"POST","path":"/sessions","query":"","headers":{"Authorization":"Bearer (redacted)"},"body":"{}","status":201,"response_headers":{},"response_body":"{}","is_truncated":false,"fault":"flt_1 Delay"}]}"""),
        ("GET", ["sandbox", "deliveries"]) => Reply.Ok("""{"deliveries":[{"id":"dlv_1","message_id":"msg_1","webhook_id":"wh_1","event":"session.stopped","attempt":1,"request_body":"{}","response_status":204,"latency_ms":12.5,"error":null,"fault":null,"created_at":"2026-01-02T03:04:05Z"}]}"""),
        ("GET", ["sandbox", "state"]) => Reply.Ok("{}"),
        ("POST", ["sandbox", "clock", "step"]) => Reply.Ok("""{"now":"2026-01-02T03:04:05Z","stands_still":true,"events":7}"""),
        ("POST", ["sandbox", "experiments"]) => Reply.Ok(Experiment("exp_3")),
        ("POST" or "PUT" or "DELETE", ["sandbox", ..]) => new Reply(204),
        _ => Reply.Error(404, "not_found"),
    };

    private const string Fault = """{"id":"flt_1","on":"GET *","effect":"Status","probability":1,"skip":0,"count":3,"seed":null,"status":503,"matches":2,"hits":1}""";

    private static string Session(string id) =>
        $$"""{"id":"{{id}}","name":"llama-finetune","gpu":"rtx4090","repo":"github:user/repo","status":"running","created_at":"2026-01-02T03:04:05Z","started_at":"2026-01-02T03:04:35Z","stopped_at":null}""";

    private static string Experiment(string id, string sessionId = "sess_1") =>
        $$$"""{"id":"{{{id}}}","session_id":"{{{sessionId}}}","name":"baseline","status":"completed","config":{"optimizer":{"lr":0.01,"betas":[0.9,0.95]}},"metrics":{"loss":0.31,"eval":{"loss":0.4}},"artifacts":[{{{Artifact("art_1", id)}}}],"duration_seconds":61.5,"created_at":"2026-01-02T03:04:05Z","completed_at":"2026-01-02T03:05:06Z","error":null}""";

    private static string Artifact(string id, string experimentId) =>
        $$"""{"id":"{{id}}","experiment_id":"{{experimentId}}","name":"{{id}}.txt","size_bytes":9,"content_type":"text/plain","created_at":"2026-01-02T03:04:05Z"}""";

    private static string Webhook(string id) =>
        $$"""{"id":"{{id}}","url":"https://your-server.com/meshia-hook/{{id}}","events":["session.started","experiment.failed"],"active":true,"created_at":"2026-01-02T03:04:05Z"}""";
}
