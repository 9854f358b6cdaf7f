namespace Meshia.Client.Tests;

public class ExperimentWaitTests
{
    private static readonly WaitOptions _options = new() { Timeout = TestClock.WaitTimeout };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_list_serves_all_that_wait_for_a_session()
    {
        var rounds = 0;
        await using var service = await ScriptedService.StartAsync(request =>
        {
            var session = request.Path.Split('/')[4];
            return Reply.Ok($"[{string.Join(',', Enumerable.Range(1, 20).Select(number => Experiment($"exp_{session}_{number}", session, number <= rounds++ ? "completed" : "running")))}]");
        });
        using var client = service.Client();
        var sessions = new[] { "a", "b" };
        var sessionIds = sessions.SelectMany(session => Enumerable.Range(1, 20).Select(number => (Id: $"exp_{session}_{number}", session))).ToDictionary(pair => pair.Id, pair => pair.session);

        var results = await client.WaitForExperimentsAsync([.. sessionIds.Keys], _options, sessionIds, cancellationToken: Cancel).AllAsync();

        Assert.Equal(40, results.Count(result => result.End == WaitEnd.Reached));
        Each.Of(service.Requests, request => Assert.True(request.Endpoint is "GET /sessions/a/experiments" or "GET /sessions/b/experiments", request.Endpoint));
    }

    [Fact]
    public async Task One_that_is_known_by_its_id_only_is_asked_for_its_session_once()
    {
        var lists = 0;
        await using var service = await ScriptedService.StartAsync(request => Reply.Ok(request.Endpoint switch
        {
            "GET /sessions/sess_1/experiments" => $"[{Experiment("exp_1", "sess_1", "completed")},{Experiment("exp_2", "sess_1", ++lists > 2 ? "completed" : "running")},{Experiment("exp_3", "sess_1", lists > 2 ? "completed" : "running")}]",
            _ => Experiment(request.Endpoint.Split('/')[^1], "sess_1", "running"),
        }));
        using var client = service.Client();

        await client.WaitForExperimentsAsync(["exp_1", "exp_2", "exp_3"], _options, cancellationToken: Cancel).AllAsync();

        Assert.Equal(
            ["GET /experiments/exp_1", "GET /experiments/exp_2", "GET /experiments/exp_3", "GET /sessions/sess_1/experiments", "GET /sessions/sess_1/experiments"],
            service.Requests.Take(5).Select(request => request.Endpoint));
    }

    [Theory]
    [InlineData("completed", WaitEnd.Reached, null)]
    [InlineData("failed", WaitEnd.Reached, null)]
    [InlineData("failed", WaitEnd.Missed, "completed")]
    [InlineData("completed", WaitEnd.Missed, "running")]
    [InlineData("running", WaitEnd.Reached, "running")]
    [InlineData("Failed", WaitEnd.Reached, null)]
    [InlineData("Failed", WaitEnd.Missed, "completed")]
    [InlineData("running", WaitEnd.Missed, "queued")]
    [InlineData("Succeeded", WaitEnd.Reached, null)]
    [InlineData("done", WaitEnd.Missed, "failed")]
    [InlineData("cancelled", WaitEnd.Missed, null)]
    [InlineData("timed_out", WaitEnd.Missed, null)]
    [InlineData("cancelled", WaitEnd.Reached, "Cancelled")]
    public async Task Every_end_of_an_experiment_ends_the_wait_for_it(string status, WaitEnd end, string? wanted)
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok(Experiment("exp_1", "sess_1", "preparing")), Reply.Ok(Experiment("exp_1", "sess_1", "compiling")), Reply.Ok(Experiment("exp_1", "sess_1", status)));
        using var client = service.Client();

        var result = Assert.Single(await client.WaitForExperimentsAsync(["exp_1"], new() { Timeout = TestClock.WaitTimeout, Statuses = wanted is null ? null : [wanted] }, cancellationToken: Cancel).AllAsync());

        // A known word is written as the contract writes it.
        Assert.Equal((end, status == "Failed" ? ExperimentStatus.Failed : status), (result.End, result.Item!.Status));
    }

    [Theory]
    [InlineData("preempted", "it is preempted: no GPU")]
    [InlineData("running", "it is stopped: no GPU")]
    public async Task A_time_of_the_end_ends_it_with_the_services_reason_unless_its_state_is_known_to_go_on(string status, string reason)
    {
        var looks = 0;
        await using var service = await ScriptedService.StartAsync(_ => Reply.Ok($$"""{"id":"exp_1","status":"{{(++looks < 3 ? status : "stopped")}}","config":{"seed":1},"completed_at":"2025-06-01T12:00:00Z","error":"no GPU"}"""));
        using var client = service.Client();

        var result = Assert.Single(await client.WaitForExperimentsAsync(["exp_1"], _options, cancellationToken: Cancel).AllAsync());

        Assert.Equal((WaitEnd.Missed, reason), (result.End, result.Reason));
    }

    [Theory]
    [InlineData("exp_done", "exp_500")]
    [InlineData("exp_500", "exp_done")]
    public async Task One_that_fails_for_a_while_holds_up_no_other_and_is_asked_for_again(params string[] ids)
    {
        var failures = 0;
        await using var service = await ScriptedService.StartAsync(request => request.Endpoint == "GET /experiments/exp_500" && failures++ < 3
            ? Reply.Error(500, "server_error")
            : Reply.Ok(Experiment(request.Endpoint.Split('/')[^1], "sess_1", "completed")));
        var (client, messages) = service.HeardClient();
        using var end = client;

        var results = await client.WaitForExperimentsAsync(ids, _options, cancellationToken: Cancel).AllAsync();

        Assert.Equal([("exp_done", WaitEnd.Reached), ("exp_500", WaitEnd.Reached)], results.Select(result => (result.Id, result.End)));
        // The next look is the retry: each request counts.
        Assert.Equal(5, service.Requests.Count);
        Assert.StartsWith("Still waiting for exp_500, although the last request failed: As the test says.", Assert.Single(messages.Warnings()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_is_never_seen_says_why_when_the_time_is_over()
    {
        await using var service = await ScriptedService.StartAsync(request => request.Endpoint == "GET /experiments/exp_500" ? Reply.Error(500, "server_error") : Reply.Ok(Experiment("exp_done", "sess_1", "completed")));
        using var client = service.Client();

        var results = await client.WaitForExperimentsAsync(["exp_500", "exp_done"], _options, cancellationToken: Cancel).AllAsync();

        Assert.Equal([("exp_done", WaitEnd.Reached), ("exp_500", WaitEnd.TimedOut)], results.Select(result => (result.Id, result.End)));
        Assert.StartsWith("it is not known after 1009 s, and the last request failed: As the test says.", results[1].Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(403)]
    [InlineData(422)]
    public async Task A_refusal_of_one_is_its_own_and_the_others_go_on(int status)
    {
        var looks = 0;
        await using var service = await ScriptedService.StartAsync(request => request.Endpoint.Split('/')[^1] switch
        {
            "exp_bad" => Reply.Error(status, "refused"),
            "exp_run" => Reply.Ok(Experiment("exp_run", "sess_1", ++looks < 3 ? "running" : "completed")),
            var id => Reply.Ok(Experiment(id, "sess_2", "completed")),
        });
        using var client = service.Client();

        var results = await client.WaitForExperimentsAsync(["exp_run", "exp_bad", "exp_done"], _options, cancellationToken: Cancel).AllAsync();

        Assert.Equal([("exp_bad", WaitEnd.Refused), ("exp_done", WaitEnd.Reached), ("exp_run", WaitEnd.Reached)], results.Select(result => (result.Id, result.End)));
        Assert.Equal("refused", results[0].Failure!.Code);
    }

    [Theory]
    [InlineData(500, WaitEnd.Reached)]
    [InlineData(403, WaitEnd.Refused)]
    [InlineData(404, WaitEnd.Reached)]
    public async Task A_failure_to_fetch_what_a_list_left_out_is_that_of_one(int status, WaitEnd end)
    {
        var failures = 0;
        await using var service = await ScriptedService.StartAsync(request => request.Endpoint switch
        {
            "GET /sessions/sess_1/experiments" => Reply.Ok($$"""[{"id":"exp_1","session_id":"sess_1","status":"completed"},{{Experiment("exp_2", "sess_1", "completed")}}]"""),
            _ => failures++ < 1 ? Reply.Error(status, "no") : Reply.Ok(Experiment("exp_1", "sess_1", "completed")),
        });
        using var client = service.Client();

        var results = await client.WaitForExperimentsAsync(["exp_1", "exp_2"], _options, new Dictionary<string, string> { ["exp_1"] = "sess_1", ["exp_2"] = "sess_1" }, cancellationToken: Cancel).AllAsync();

        Assert.Equal([("exp_1", end), ("exp_2", WaitEnd.Reached)], results.OrderBy(result => result.Id).Select(result => (result.Id, result.End)));
    }

    [Fact]
    public async Task A_key_that_is_refused_ends_it_for_all()
    {
        await using var service = await ScriptedService.StartAsync(request => request.Endpoint.EndsWith("exp_2", StringComparison.Ordinal) ? Reply.Error(401, "revoked") : Reply.Ok(Experiment("exp_1", "sess_1", "running")));
        using var client = service.Client();

        Assert.Equal("revoked", (await TestClient.FailsAsync(() => client.WaitForExperimentsAsync(["exp_1", "exp_2"], _options, cancellationToken: Cancel).AllAsync())).Code);
    }

    [Fact]
    public async Task One_list_tells_of_all_their_sessions()
    {
        var sessions = Enumerable.Range(1, 5).Select(number => $"sess_{number}").ToList();
        await using var service = await ScriptedService.StartAsync(request => Reply.Ok(request.Endpoint == "GET /sessions"
            ? $"[{string.Join(',', sessions.Select(id => $$"""{"id":"{{id}}","status":"terminated"}"""))}]"
            : Experiment(request.Endpoint.Split('/')[^1], request.Endpoint.Split('/')[^1].Replace("exp", "sess", StringComparison.Ordinal), "running")));
        using var client = service.Client();

        var results = await client.WaitForExperimentsAsync([.. Enumerable.Range(1, 5).Select(number => $"exp_{number}")], _options, cancellationToken: Cancel).AllAsync();

        Each.Of(results, result => Assert.EndsWith("is terminated", result.Reason, StringComparison.Ordinal));
        Assert.Equal(["GET /sessions"], service.Requests.Select(request => request.Endpoint).Where(endpoint => endpoint.StartsWith("GET /sessions", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("stopped")]
    [InlineData("failed")]
    [InlineData("gone")]
    public async Task One_that_its_session_left_behind_is_not_waited_for_until_the_end(string session)
    {
        await using var service = await ScriptedService.StartAsync(request => request.Endpoint switch
        {
            "GET /sessions/sess_1" => session == "gone" ? Reply.Error(404, "session_not_found") : Reply.Ok($$"""{"id":"sess_1","status":"{{session}}"}"""),
            "GET /sessions/sess_1/experiments" => session == "gone" ? Reply.Error(404, "session_not_found") : Reply.Ok($"[{Experiment("exp_1", "sess_1", "running")},{Experiment("exp_2", "sess_1", "queued")}]"),
            _ => Reply.Ok(Experiment(request.Endpoint.Split('/')[^1], "sess_1", "running")),
        });
        var clock = new TestClock();
        using var client = service.Client(clock);
        var began = clock.GetUtcNow();

        var results = await client.WaitForExperimentsAsync(["exp_1", "exp_2"], _options, cancellationToken: Cancel).AllAsync();

        Assert.Equal([WaitEnd.Missed, WaitEnd.Missed], results.Select(result => result.End));
        Assert.Equal($"it is running, and its session sess_1 is {(session == "gone" ? "deleted" : session)}", results[0].Reason);
        Assert.True(clock.GetUtcNow() - began < TimeSpan.FromMinutes(1), "It was waited for although its session was over.");
    }

    [Fact]
    public async Task One_that_is_deleted_ends_its_wait()
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok(Experiment("exp_1", "sess_1", "running")), Reply.Error(404, "experiment_not_found"));
        using var client = service.Client();

        var result = Assert.Single(await client.WaitForExperimentsAsync(["exp_1"], _options, cancellationToken: Cancel).AllAsync());

        Assert.Equal((WaitEnd.Gone, "experiment_not_found"), (result.End, result.Failure!.Code));
    }

    [Fact]
    public async Task What_a_list_left_out_is_fetched_at_the_end()
    {
        await using var service = await ScriptedService.StartAsync(request => Reply.Ok(request.Endpoint == "GET /sessions/sess_1/experiments"
            ? """[{"id":"exp_1","session_id":"sess_1","status":"completed"},{"id":"exp_2","session_id":"sess_1","status":"completed","metrics":{"loss":1}}]"""
            : """{"id":"exp_1","session_id":"sess_1","status":"completed","metrics":{"loss":0.5}}"""));
        using var client = service.Client();

        var results = await client.WaitForExperimentsAsync(["exp_1", "exp_2"], _options, new Dictionary<string, string> { ["exp_1"] = "sess_1", ["exp_2"] = "sess_1" }, cancellationToken: Cancel).AllAsync();

        Assert.Equal([0.5, 1L], results.Select(result => result.Item!.Metrics["loss"]));
        Assert.Equal(["GET /sessions/sess_1/experiments", "GET /experiments/exp_1"], service.Requests.Select(request => request.Endpoint));
    }

    [Fact]
    public async Task Long_runs_are_looked_at_seldom_and_short_ones_often()
    {
        Assert.InRange(await RequestsUntilAsync(endsAfter: TimeSpan.FromSeconds(30), usual: 10), 8, 25);
        Assert.InRange(await RequestsUntilAsync(endsAfter: TimeSpan.FromSeconds(900), usual: 7200), 25, 70);
    }

    private static async Task<int> RequestsUntilAsync(TimeSpan endsAfter, int usual)
    {
        var clock = new TestClock();
        var began = clock.GetUtcNow();
        await using var service = await ScriptedService.StartAsync(_ =>
        {
            var status = clock.GetUtcNow() - began >= endsAfter ? "completed" : "running";
            return Reply.Ok($$"""[{{Experiment("exp_1", "sess_1", status)}},{{Experiment("exp_2", "sess_1", status)}},{"id":"exp_3","status":"completed","duration_seconds":{{usual}}}]""");
        });
        using var client = TestClient.For(service.BaseUri, clock, requestsPerMinute: 60);

        var results = await client.WaitForExperimentsAsync(["exp_1", "exp_2"], _options, new Dictionary<string, string> { ["exp_1"] = "sess_1", ["exp_2"] = "sess_1" }, cancellationToken: Cancel).AllAsync();

        Each.Of(results, result => Assert.Equal(WaitEnd.Reached, result.End));
        return service.Requests.Count;
    }

    private static string Experiment(string id, string sessionId, string status) => $$$"""{"id":"{{{id}}}","session_id":"{{{sessionId}}}","status":"{{{status}}}","config":{"seed":1},"metrics":{},"error":null}""";
}
