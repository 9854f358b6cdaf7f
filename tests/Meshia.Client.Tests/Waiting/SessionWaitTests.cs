using System.Collections.Concurrent;

namespace Meshia.Client.Tests;

public class SessionWaitTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Forty_sessions_are_waited_for_within_the_budget_and_each_is_seen_at_the_next_look()
    {
        var clock = new TestClock();
        var began = clock.GetUtcNow();
        var random = new Random(6);
        var startsAt = Enumerable.Range(1, 40).ToDictionary(number => $"sess_{number}", number => TimeSpan.FromSeconds(number == 1 ? 600 : random.Next(0, 600)));
        var looks = new ConcurrentQueue<TimeSpan>();
        await using var service = await ScriptedService.StartAsync(request =>
        {
            looks.Enqueue(clock.GetUtcNow() - began);
            return Reply.Ok(request.Endpoint == "GET /sessions"
                ? $"[{string.Join(',', startsAt.Select(session => Session(session.Key, StatusOf(session.Key))))}]"
                : Session("sess_1", StatusOf("sess_1")));
        });
        using var client = TestClient.For(service.BaseUri, clock, requestsPerMinute: 60);
        string StatusOf(string id) => looks.Last() >= startsAt[id] ? "running" : "provisioning";

        var seenAt = new Dictionary<string, TimeSpan>();
        await foreach (var result in client.WaitForSessionsAsync([.. startsAt.Keys], Options(), cancellationToken: Cancel))
        {
            Assert.Equal((WaitEnd.Reached, "running"), (result.End, result.Item!.Status));
            seenAt[result.Id] = looks.Last();
        }

        Assert.Equal(40, seenAt.Count);
        Each.Of(startsAt, session => Assert.Equal(looks.First(look => look >= session.Value), seenAt[session.Key]));
        Assert.True(looks.Last() >= TimeSpan.FromMinutes(10), "The last session starts after ten minutes.");
        // The last one alone is looked at by its id.
        Each.Of(service.Requests, request => Assert.True(request.Endpoint is "GET /sessions" or "GET /sessions/sess_1", request.Endpoint));
        Each.Of(looks, look => Assert.InRange(looks.Count(other => other > look - TimeSpan.FromMinutes(1) && other <= look), 1, 30));
        Each.Of(looks.Zip(looks.Skip(1)), pair => Assert.InRange((pair.Second - pair.First).TotalSeconds, 1, 60));
    }

    [Theory]
    [InlineData("running", WaitEnd.Reached)]
    [InlineData("stopped", WaitEnd.Missed)]
    [InlineData("failed", WaitEnd.Missed)]
    [InlineData("stopping", WaitEnd.Missed)]
    [InlineData("stopped", WaitEnd.Reached, "stopped")]
    [InlineData("failed", WaitEnd.Missed, "stopped")]
    [InlineData("failed", WaitEnd.Reached, "stopped", "failed")]
    [InlineData("hibernating", WaitEnd.Reached, "hibernating")]
    [InlineData("Running", WaitEnd.Reached)]
    [InlineData("stopped", WaitEnd.Reached, "Stopped")]
    [InlineData("Stopped", WaitEnd.Missed)]
    [InlineData("terminated", WaitEnd.Missed)]
    [InlineData("Deleted", WaitEnd.Missed, "stopped")]
    [InlineData("terminated", WaitEnd.Reached, "terminated")]
    public async Task Every_end_of_a_session_ends_the_wait_for_it(string status, WaitEnd end, params string[] statuses)
    {
        await using var service = await ServeAsync("provisioning", "warming-up", status);
        using var client = service.Client();

        var result = Assert.Single(await client.WaitForSessionsAsync(["sess_1"], Options(statuses: statuses.Length > 0 ? statuses : null), cancellationToken: Cancel).AllAsync());

        // A known word is written as the contract writes it.
        status = SessionStatus.All.FirstOrDefault(known => string.Equals(known, status, StringComparison.OrdinalIgnoreCase)) ?? status;
        Assert.Equal((end, status), (result.End, result.Item!.Status));
        Assert.Equal(end == WaitEnd.Reached ? null : status == "stopping" ? "it is stopping, and does not return to running" : $"it is {status}", result.Reason);
        Assert.Equal(["GET /sessions/sess_1", "GET /sessions/sess_1", "GET /sessions/sess_1"], service.Requests.Select(request => request.Endpoint));
    }

    [Theory]
    [InlineData("reclaimed", WaitEnd.Missed)]
    [InlineData("stopping", WaitEnd.Reached)]
    public async Task A_time_of_the_end_ends_it_unless_its_state_is_known_to_go_on(string status, WaitEnd end)
    {
        var looks = 0;
        await using var service = await ScriptedService.StartAsync(_ => Reply.Ok(++looks < 3 ? $$"""{"id":"sess_1","status":"{{status}}","stopped_at":"2025-06-01T12:00:00Z"}""" : Session("sess_1", "stopped")));
        using var client = service.Client();

        var result = Assert.Single(await client.WaitForSessionsAsync(["sess_1"], Options(statuses: ["stopped"]), cancellationToken: Cancel).AllAsync());

        Assert.Equal((end, end == WaitEnd.Missed ? 1 : 3), (result.End, service.Requests.Count));
    }

    [Theory]
    [InlineData("running", "it is running, and does not return to Provisioning", "Provisioning")]
    [InlineData("Stopping", "it is stopping, and does not return to running or provisioning", "running", "provisioning")]
    [InlineData("running", null, "provisioning", "hibernating")]
    [InlineData("thawing", null, "provisioning")]
    public async Task A_state_that_lies_behind_is_not_waited_for(string status, string? reason, params string[] statuses)
    {
        var looks = 0;
        await using var service = await ScriptedService.StartAsync(_ => Reply.Ok(Session("sess_1", ++looks < 3 ? status : "failed")));
        using var client = service.Client();

        var result = Assert.Single(await client.WaitForSessionsAsync(["sess_1"], Options(statuses: statuses), cancellationToken: Cancel).AllAsync());

        Assert.Equal((WaitEnd.Missed, reason ?? "it is failed", reason is null ? 3 : 1), (result.End, result.Reason, service.Requests.Count));
    }

    [Theory]
    [InlineData(3, 75)]
    [InlineData(7, 75)]
    [InlineData(25, 40)]
    public async Task Every_page_of_a_list_counts_so_no_minute_has_more_than_half_of_the_requests(int pages, int startAfter)
    {
        // Ends within 60 requests: the limit of the process goes by the real clock.
        const int PageSize = 20;
        var clock = new TestClock();
        var began = clock.GetUtcNow();
        var looks = new ConcurrentQueue<TimeSpan>();
        await using var service = await ScriptedService.StartAsync(request =>
        {
            looks.Enqueue(clock.GetUtcNow() - began);
            var status = clock.GetUtcNow() - began >= TimeSpan.FromSeconds(startAfter) ? "running" : "provisioning";
            if (request.Path.Split('/') is [.., "sessions", var id])
                return Reply.Ok(Session(id, status));
            var page = int.Parse(request.Query.Split('=').Last() is { Length: > 0 } cursor ? cursor : "1", System.Globalization.CultureInfo.InvariantCulture);
            var sessions = Enumerable.Range((page - 1) * PageSize, PageSize).Select(number => Session($"sess_{number}", status));
            return Reply.Ok($$"""{"sessions":[{{string.Join(',', sessions)}}]{{(page < 100 ? $",\"next_cursor\":\"{page + 1}\"" : "")}}}""");
        });
        using var client = TestClient.For(service.BaseUri, clock, requestsPerMinute: 60);
        var wanted = Enumerable.Range((pages * PageSize) - 60, 60).Select(number => $"sess_{number}").ToList();

        var results = await client.WaitForSessionsAsync(wanted, Options(), cancellationToken: Cancel).AllAsync();

        Assert.Equal((60, true), (results.Count, results.TrueForAll(result => result.End == WaitEnd.Reached)));
        Each.Of(looks, look => Assert.InRange(looks.Count(other => other > look - TimeSpan.FromMinutes(1) && other <= look), 1, 30));
        // The list ends with the last one that is waited for.
        Assert.DoesNotContain(service.Requests, request => request.Query.EndsWith($"={pages + 1}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Two_that_are_far_down_in_a_long_list_are_asked_for_by_their_ids()
    {
        var rounds = 0;
        await using var service = await ScriptedService.StartAsync(request => Reply.Ok(request.Path.EndsWith("/sessions", StringComparison.Ordinal)
            ? $$"""{"sessions":[{{Session($"other_{++rounds}", "running")}}],"next_cursor":"{{rounds}}"}"""
            : Session(request.Endpoint.Split('/')[^1], ++rounds > 8 ? "running" : "provisioning")));
        using var client = service.Client();

        await client.WaitForSessionsAsync(["sess_1", "sess_2"], Options(), cancellationToken: Cancel).AllAsync();

        Assert.Equal(["GET /sessions", "GET /sessions?cursor=1"], service.Requests.Take(2).Select(request => request.Endpoint));
        Each.Of(service.Requests.Skip(2), request => Assert.StartsWith("GET /sessions/sess_", request.Endpoint, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_list_that_fails_does_not_keep_them_from_being_seen()
    {
        await using var service = await ScriptedService.StartAsync(request => request.Endpoint == "GET /sessions" ? Reply.Error(500, "server_error") : Reply.Ok(Session(request.Endpoint.Split('/')[^1], "running")));
        using var client = service.Client();

        var results = await client.WaitForSessionsAsync(["sess_1", "sess_2"], Options(), cancellationToken: Cancel).AllAsync();

        Each.Of(results, result => Assert.Equal(WaitEnd.Reached, result.End));
        Assert.Equal(["GET /sessions", "GET /sessions/sess_1", "GET /sessions/sess_2"], service.Requests.Select(request => request.Endpoint));
    }

    [Theory]
    [InlineData("running", WaitEnd.Reached)]
    [InlineData("provisioning", WaitEnd.TimedOut)]
    public async Task Without_time_each_is_looked_at_once(string status, WaitEnd end)
    {
        await using var service = await ServeAsync(status);
        using var client = service.Client();

        var result = Assert.Single(await client.WaitForSessionsAsync(["sess_1"], new() { Timeout = TimeSpan.Zero }, cancellationToken: Cancel).AllAsync());

        Assert.Equal((end, status), (result.End, result.Item!.Status));
        Assert.Single(service.Requests);
    }

    [Fact]
    public async Task One_that_is_deleted_ends_its_wait_and_no_other()
    {
        var rounds = 0;
        await using var service = await ScriptedService.StartAsync(request => request.Endpoint switch
        {
            "GET /sessions" => Reply.Ok(++rounds < 3 ? $"[{Session("sess_1", "provisioning")},{Session("sess_2", "provisioning")}]" : $"[{Session("sess_1", "provisioning")}]"),
            "GET /sessions/sess_2" => Reply.Error(404, "session_not_found"),
            _ => Reply.Ok(Session("sess_1", "running")),
        });
        using var client = service.Client();

        var results = await client.WaitForSessionsAsync(["sess_1", "sess_2"], Options(), cancellationToken: Cancel).AllAsync();

        Assert.Equal([("sess_2", WaitEnd.Gone), ("sess_1", WaitEnd.Reached)], results.Select(result => (result.Id, result.End)));
        Assert.Equal("session_not_found", results[0].Failure!.Code);
        Assert.Equal("provisioning", results[0].Item!.Status);
    }

    [Fact]
    public async Task A_service_that_is_away_for_a_while_does_not_end_it_and_is_told_once()
    {
        var requests = 0;
        await using var service = await ScriptedService.StartAsync(_ => ++requests switch
        {
            1 => Reply.Ok(Session("sess_1", "provisioning")),
            < 20 => Reply.Error(503, "unavailable"),
            _ => Reply.Ok(Session("sess_1", "running")),
        });
        var (client, messages) = service.HeardClient();
        using var end = client;

        var result = Assert.Single(await client.WaitForSessionsAsync(["sess_1"], Options(), cancellationToken: Cancel).AllAsync());

        Assert.Equal(WaitEnd.Reached, result.End);
        Assert.StartsWith("Still waiting for sess_1, although the last request failed: ", Assert.Single(messages.Warnings()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_is_refused_ends_it()
    {
        await using var service = await ScriptedService.StartAsync(Reply.Error(401, "refused"));
        using var client = service.Client();

        Assert.Equal("refused", (await TestClient.FailsAsync(() => client.WaitForSessionsAsync(["sess_1"], Options(), cancellationToken: Cancel).AllAsync())).Code);
    }

    [Fact]
    public async Task When_the_time_is_over_each_says_where_it_was()
    {
        await using var service = await ScriptedService.StartAsync(request => request.Endpoint == "GET /sessions"
            ? Reply.Ok($"[{Session("sess_1", "provisioning")},{Session("sess_2", "running")},{Session("sess_3", "provisioning")}]")
            : throw new InvalidOperationException(request.Endpoint));
        var clock = new TestClock();
        using var client = service.Client(clock);
        var began = clock.GetUtcNow();

        var results = await client.WaitForSessionsAsync(["sess_1", "sess_2", "sess_3"], Options(), cancellationToken: Cancel).AllAsync();

        Assert.Equal([("sess_2", WaitEnd.Reached), ("sess_1", WaitEnd.TimedOut), ("sess_3", WaitEnd.TimedOut)], results.Select(result => (result.Id, result.End)));
        Assert.Equal("it is provisioning after 1009 s", results[1].Reason);
        Assert.InRange((clock.GetUtcNow() - began).TotalSeconds, 1009, 1070);
    }

    [Fact]
    public async Task Any_ends_with_the_first_that_gets_there()
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok($"[{Session("sess_1", "failed")},{Session("sess_2", "provisioning")},{Session("sess_3", "provisioning")}]"), Reply.Ok($"[{Session("sess_2", "running")},{Session("sess_3", "provisioning")}]"));
        using var client = service.Client();

        var results = await client.WaitForSessionsAsync(["sess_1", "sess_2", "sess_3"], Options(any: true), cancellationToken: Cancel).AllAsync();

        Assert.Equal([("sess_1", WaitEnd.Missed), ("sess_2", WaitEnd.Reached)], results.Select(result => (result.Id, result.End)));
        Assert.Equal(2, service.Requests.Count);
    }

    [Fact]
    public async Task Progress_tells_how_many_and_in_which_states()
    {
        var told = new List<WaitProgress>();
        await using var service = await ScriptedService.StartAsync(
            Reply.Ok($"[{Session("sess_1", "provisioning")},{Session("sess_2", "running")},{Session("sess_3", "provisioning")}]"),
            Reply.Ok($"[{Session("sess_1", "running")},{Session("sess_3", "running")}]"));
        using var client = service.Client();

        await client.WaitForSessionsAsync(["sess_1", "sess_2", "sess_3"], new() { Timeout = TestClock.WaitTimeout, Progress = told.Add }, cancellationToken: Cancel).AllAsync();

        Assert.Equal([new(3, 1, "2 provisioning"), new(3, 3, "")], told);
    }

    [Fact]
    public async Task Cancelling_ends_it_at_once()
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok(Session("sess_1", "provisioning")));
        var clock = new TestClock { PassesWaits = false };
        using var client = service.Client(clock);
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Cancel);

        var waiting = client.WaitForSessionsAsync(["sess_1"], Options(), cancellationToken: cancel.Token).AllAsync();
        await TestClient.UntilAsync(() => clock.Waits.Count > 0);
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    private static WaitOptions Options(bool any = false, string[]? statuses = null) => new() { Timeout = TestClock.WaitTimeout, Any = any, Statuses = statuses };

    private static Task<ScriptedService> ServeAsync(params string[] statuses) => ScriptedService.StartAsync([.. statuses.Select(status => Reply.Ok(Session("sess_1", status)))]);

    private static string Session(string id, string status) => $$"""{"id":"{{id}}","name":"x","gpu":"rtx4090","status":"{{status}}"}""";
}
