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

        var results = await client.WaitForExperimentsAsync([.. sessionIds.Keys], _options, sessionIds, Cancel).AllAsync();

        Assert.Equal(40, results.Count(result => result.End == WaitEnd.Reached));
        Assert.All(service.Requests, request => Assert.True(request.Endpoint is "GET /sessions/a/experiments" or "GET /sessions/b/experiments", request.Endpoint));
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
    public async Task Every_end_of_an_experiment_ends_the_wait_for_it(string status, WaitEnd end, string? wanted)
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok(Experiment("exp_1", "sess_1", "queued")), Reply.Ok(Experiment("exp_1", "sess_1", "compiling")), Reply.Ok(Experiment("exp_1", "sess_1", status)));
        using var client = service.Client();

        var result = Assert.Single(await client.WaitForExperimentsAsync(["exp_1"], new() { Timeout = TestClock.WaitTimeout, Statuses = wanted is null ? null : [wanted] }, cancellationToken: Cancel).AllAsync());

        Assert.Equal((end, status), (result.End, result.Item!.Status));
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

        var results = await client.WaitForExperimentsAsync(["exp_1", "exp_2"], _options, new Dictionary<string, string> { ["exp_1"] = "sess_1", ["exp_2"] = "sess_1" }, Cancel).AllAsync();

        Assert.Equal([0.5, 1L], results.Select(result => result.Item!.Metrics["loss"]));
        Assert.Equal(["GET /sessions/sess_1/experiments", "GET /experiments/exp_1"], service.Requests.Select(request => request.Endpoint));
    }

    [Fact]
    public async Task Long_runs_are_looked_at_seldom_and_short_ones_often()
    {
        Assert.InRange(await RequestsUntilAsync(endsAfter: TimeSpan.FromSeconds(30), usual: 10), 8, 25);
        Assert.InRange(await RequestsUntilAsync(endsAfter: TimeSpan.FromSeconds(900), usual: 7200), 25, 60);
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

        var results = await client.WaitForExperimentsAsync(["exp_1", "exp_2"], _options, new Dictionary<string, string> { ["exp_1"] = "sess_1", ["exp_2"] = "sess_1" }, Cancel).AllAsync();

        Assert.All(results, result => Assert.Equal(WaitEnd.Reached, result.End));
        return service.Requests.Count;
    }

    private static string Experiment(string id, string sessionId, string status) => $$$"""{"id":"{{{id}}}","session_id":"{{{sessionId}}}","status":"{{{status}}}","config":{"seed":1},"metrics":{},"error":null}""";
}
