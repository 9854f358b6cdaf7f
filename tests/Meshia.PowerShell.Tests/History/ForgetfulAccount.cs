namespace Meshia.PowerShell.Tests;

/// <summary>A service with sessions and experiments that a test changes, and that forgets what the test takes away.</summary>
internal sealed class ForgetfulAccount : IAsyncDisposable
{
    private ForgetfulAccount(ScriptedService service) => Service = service;

    public ScriptedService Service { get; private init; }

    /// <summary>The sessions' JSON, by their ids.</summary>
    public Dictionary<string, string> Sessions { get; private init; } = [];

    /// <summary>The JSON of the experiments, by their sessions.</summary>
    public Dictionary<string, List<string>> Experiments { get; private init; } = [];

    /// <summary>Sessions whose lists fail.</summary>
    public HashSet<string> Broken { get; private init; } = [];

    /// <summary>Whether lists leave out config and metrics.</summary>
    public bool HasShortLists { get; set; }

    public static async Task<ForgetfulAccount> StartAsync()
    {
        var (sessions, experiments, broken) = (new Dictionary<string, string>(), new Dictionary<string, List<string>>(), new HashSet<string>());
        ForgetfulAccount? account = null;
        var service = await ScriptedService.StartAsync(request => request.Endpoint.Split(' ', '?')[1].Split('/', StringSplitOptions.RemoveEmptyEntries) switch
        {
            ["sessions"] => Reply.Ok(SessionJson.List(sessions.Values)),
            ["sessions", var id, "experiments"] when broken.Contains(id) => Reply.Error(403, "not_allowed"),
            ["sessions", var id, "experiments"] when experiments.TryGetValue(id, out var list) => Reply.Ok($$"""{"experiments": [{{string.Join(",\n  ", account!.HasShortLists ? list.Select(Short) : list)}}]}"""),
            ["experiments", var id] when experiments.Values.SelectMany(list => list).FirstOrDefault(json => json.Contains($"\"{id}\"", StringComparison.Ordinal)) is { } json => Reply.Ok(json),
            _ => Reply.Error(404, "not_found"),
        });
        return account = new(service) { Sessions = sessions, Experiments = experiments, Broken = broken };
    }

    public void Add(string sessionId, string status, params string[] experiments) =>
        (Sessions[sessionId], Experiments[sessionId]) = (SessionJson.Of(sessionId, status: status), [.. experiments]);

    public static string Experiment(string id, string sessionId, string status = "completed", string metrics = "\"loss\": 0.5", string config = "\"optimizer\": {\"lr\": 0.001}", string createdAt = "2026-01-02T03:04:05Z") =>
        $$"""{"id": "{{id}}", "session_id": "{{sessionId}}", "name": "run of {{id}}", "status": "{{status}}", "config": { {{config}} }, "metrics": { {{metrics}} }, "artifacts": [], "created_at": "{{createdAt}}"}""";

    /// <summary>What was asked since the last time, without the list of sessions.</summary>
    public List<string> TakeRequests()
    {
        var all = Service.Requests.Select(request => request.Endpoint).ToList();
        var taken = all[_taken..];
        _taken = all.Count;
        return taken;
    }

    private int _taken;

    public ValueTask DisposeAsync() => Service.DisposeAsync();

    private static string Short(string json) => json[..json.IndexOf(", \"config\"", StringComparison.Ordinal)] + "}";
}
