// Every operation of the description, by a client that Kiota has generated from it, with each answer and each kind of error.
// Arguments: the address of the API, and the key of the sandbox.
using System.Net.Http.Json;
using System.Text.Json;
using Generated;
using Generated.Models;
using Microsoft.Kiota.Abstractions;
using Microsoft.Kiota.Abstractions.Authentication;
using Microsoft.Kiota.Http.HttpClientLibrary;

var (address, key) = (args[0], args[1]);
using var control = new HttpClient { BaseAddress = new Uri(new Uri(address), "/sandbox/"), DefaultRequestHeaders = { Authorization = new("Bearer", key) } };
var (api, unknown) = (Client(key), Client("msh_unknown"));
var trial = Client((await ControlAsync("keys", new { account = "trial", plan = "trial" })).GetProperty("key").GetString()!);
var (operations, errors) = (0, 0);

var session = (await api.Sessions.PostAsync(Session("kiota", NewSession_gpu.Rtx4090)))!;
Check("createSession", session is { Status: Session_status.Provisioning, CreatedAt: not null });
await ControlAsync("clock/step", new { seconds = 600 });
Check("listSessions", (await api.Sessions.GetAsync(request => request.QueryParameters.Status = "running"))!.Sessions!.Single().Id == session.Id);
Check("getSession", (await api.Sessions[session.Id!].GetAsync())!.Status == Session_status.Running);
var experiments = (await api.Sessions[session.Id!].Experiments.GetAsync())!.Experiments!;
Check("listExperiments", experiments.Count > 1);
Check("getExperiment", (await api.Experiments[experiments[1].Id!].GetAsync()) is { Status: not null, DurationSeconds: > 0, Metrics.AdditionalData.Count: > 0 });
var artifacts = (await api.Experiments[experiments[0].Id!].Artifacts.GetAsync())!.Artifacts!;
Check("listArtifacts", artifacts.Count > 0 && artifacts[0].SizeBytes > 0);
Check("downloadArtifact", (await api.Artifacts[artifacts[0].Id!].Download.GetAsync())!.Url!.StartsWith("http", StringComparison.Ordinal));
Check("compareExperiments", (await api.Experiments.Compare.PostAsync(new() { ExperimentIds = [.. experiments.Select(experiment => experiment.Id!)] }))!.MetricSummaries!.Count > 0);
var webhook = (await api.Webhooks.PostAsync(Webhook("https://localhost:1/x")))!;
Check("createWebhook", webhook.Id is not null);
Check("listWebhooks", (await api.Webhooks.GetAsync())!.Webhooks!.Single().Id == webhook.Id);
await api.Webhooks[webhook.Id!].DeleteAsync();
Check("deleteWebhook", (await api.Webhooks.GetAsync())!.Webhooks!.Count == 0);
Check("stopSession", (await api.Sessions[session.Id!].Stop.PostAsync())!.Status is Session_status.Stopping or Session_status.Stopped);

await FailsAsync(400, "invalid_request", () => api.Sessions.PostAsync(Session("", NewSession_gpu.Rtx4090)));
await FailsAsync(400, "invalid_request", () => api.Experiments.Compare.PostAsync(new() { ExperimentIds = [] }));
await FailsAsync(400, "invalid_request", () => api.Webhooks.PostAsync(Webhook("ftp://x")));
await FailsAsync(403, "plan_limit", () => trial.Sessions.PostAsync(Session("a", NewSession_gpu.H100)));
await FailsAsync(403, "plan_limit", () => trial.Webhooks.PostAsync(Webhook("https://localhost:1/x")));
(string? NotFound, Func<MeshiaClient, Task> Call)[] all =
[
    (null, client => client.Sessions.GetAsync()),
    (null, client => client.Sessions.PostAsync(Session("b", NewSession_gpu.A100))),
    ("session_not_found", client => client.Sessions["none"].GetAsync()),
    ("session_not_found", client => client.Sessions["none"].Stop.PostAsync()),
    ("session_not_found", client => client.Sessions["none"].Experiments.GetAsync()),
    ("experiment_not_found", client => client.Experiments["none"].GetAsync()),
    ("experiment_not_found", client => client.Experiments["none"].Artifacts.GetAsync()),
    ("experiment_not_found", client => client.Experiments.Compare.PostAsync(new() { ExperimentIds = ["a", "b"] })),
    ("artifact_not_found", client => client.Artifacts["none"].Download.GetAsync()),
    (null, client => client.Webhooks.GetAsync()),
    (null, client => client.Webhooks.PostAsync(Webhook("https://localhost:1/x"))),
    ("webhook_not_found", client => client.Webhooks["none"].DeleteAsync()),
];
foreach (var (notFound, call) in all)
{
    if (notFound is not null)
        await FailsAsync(404, notFound, () => call(api));
    await FailsAsync(401, "unauthorized", () => call(unknown));
}

await ControlAsync("faults", new { on = "*", effect = "throttle" });
foreach (var (_, call) in all)
    await FailsAsync(429, "rate_limited", () => call(api));
Console.WriteLine($"{operations} operations, {errors} errors");

// An HttpClient of its own: Kiota's repeats what was refused with 429.
MeshiaClient Client(string apiKey) => new(new HttpClientRequestAdapter(new BearerKey(apiKey), httpClient: new HttpClient()) { BaseUrl = address });

static NewSession Session(string name, NewSession_gpu gpu) => new() { Name = name, Gpu = gpu, Repo = "github:user/repo" };

static NewWebhook Webhook(string url) => new() { Url = url, Events = [NewWebhook_events.SessionStarted], Secret = "secret" };

async Task<JsonElement> ControlAsync(string path, object body)
{
    using var response = await control.PostAsJsonAsync(path, body);
    return await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>();
}

void Check(string operation, bool isRight)
{
    if (!isRight)
        throw new InvalidOperationException($"{operation} gave a wrong answer.");
    operations++;
}

async Task FailsAsync(int status, string code, Func<Task> call)
{
    try
    {
        await call();
    }
    catch (Error error) when (error.ResponseStatusCode == status && error.ErrorProp is { Message.Length: > 0 } typed && typed.Code == code)
    {
        errors++;
        return;
    }

    throw new InvalidOperationException($"An error {status} {code} was expected.");
}

internal sealed class BearerKey(string key) : IAuthenticationProvider
{
    public Task AuthenticateRequestAsync(RequestInformation request, Dictionary<string, object>? additionalAuthenticationContext = null, CancellationToken cancellationToken = default)
    {
        request.Headers.Add("Authorization", $"Bearer {key}");
        return Task.CompletedTask;
    }
}
