namespace Meshia.Client.Tests;

/// <summary>A session that is stopped is stopped, whatever the answer to the stop says.</summary>
public class SessionStopTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [Trait("Contract", "session-stop")]
    [InlineData(409, "stopped")]
    [InlineData(400, "stopped")]
    [InlineData(404, "stopped")]
    [InlineData(410, "failed")]
    [InlineData(409, "stopping")]
    [InlineData(422, "TERMINATED")]
    public async Task A_refused_stop_of_a_session_that_is_stopped_is_a_success(int status, string state)
    {
        await using var service = await ScriptedService.StartAsync(request => request.Method == "POST" ? Reply.Error(status, "already_stopped") : Reply.Ok($$"""{"id":"s1","status":"{{state}}"}"""));
        using var client = service.Client();

        var session = await client.StopSessionAsync("s1", cancellationToken: Cancel);

        Assert.Equal(state, session?.Status);
        Assert.Equal(["POST /sessions/s1/stop", "GET /sessions/s1"], service.Requests.Select(request => request.Endpoint));
    }

    [Theory]
    [InlineData(409)]
    [InlineData(400)]
    [InlineData(404)]
    public async Task A_refused_stop_of_a_session_that_runs_is_an_error(int status)
    {
        await using var service = await ScriptedService.StartAsync(request => request.Method == "POST" ? Reply.Error(status, "no_stop") : Reply.Ok("""{"id":"s1","status":"running"}"""));
        using var client = service.Client();

        var failure = await TestClient.FailsAsync(() => client.StopSessionAsync("s1", cancellationToken: Cancel));

        Assert.Equal(("no_stop", status), (failure.Code, (int)failure.StatusCode!));
    }

    [Fact]
    public async Task A_session_that_nobody_knows_is_an_error()
    {
        await using var service = await ScriptedService.StartAsync(Reply.Error(404, "session_not_found"));
        using var client = service.Client();

        Assert.Equal("session_not_found", (await TestClient.FailsAsync(() => client.StopSessionAsync("s1", cancellationToken: Cancel))).Code);
    }

    [Theory]
    [InlineData(404, 404)]
    [InlineData(409, 200)]
    [InlineData(500, 200)]
    public async Task A_stop_whose_answer_was_lost_is_looked_at(int second, int look)
    {
        var stops = 0;
        await using var service = await ScriptedService.StartAsync(request => request.Method == "POST"
            ? new Reply(Interlocked.Increment(ref stops) == 1 ? 502 : second)
            : new Reply(look, """{"id":"s1","status":"stopped"}"""));
        using var client = service.Client();

        await client.StopSessionAsync("s1", cancellationToken: Cancel);
    }

    [Fact]
    [Trait("Contract", "freshness")]
    public async Task What_a_cache_says_proves_no_stop()
    {
        await using var service = await ScriptedService.StartAsync(request => request.Method == "POST" ? Reply.Error(409, "no_stop") : Reply.Ok("""{"id":"s1","status":"stopped"}""").With("Age", "60"));
        using var client = service.Client();

        Assert.Equal("no_stop", (await TestClient.FailsAsync(() => client.StopSessionAsync("s1", cancellationToken: Cancel))).Code);
    }

    [Fact]
    public async Task A_refusal_with_status_200_is_no_stop()
    {
        await using var service = await ScriptedService.StartAsync(request => Reply.Ok(request.Method == "POST" ? """{"success":false,"error":{"code":"no_stop"}}""" : """{"id":"s1","status":"running"}"""));
        using var client = service.Client();

        Assert.Equal("no_stop", (await TestClient.FailsAsync(() => client.StopSessionAsync("s1", cancellationToken: Cancel))).Code);
    }

    [Theory]
    [Trait("Contract", "absent-at-first")]
    [InlineData(3, true, WaitEnd.Reached)]
    [InlineData(1000, true, WaitEnd.Gone)]
    [InlineData(1, false, WaitEnd.Gone)]
    public async Task A_new_session_may_be_absent_for_a_while(int absences, bool isNew, WaitEnd end)
    {
        var looks = 0;
        await using var service = await ScriptedService.StartAsync(_ => Interlocked.Increment(ref looks) <= absences ? Reply.Error(404, "session_not_found") : Reply.Ok("""{"id":"s1","status":"running"}"""));
        using var client = service.Client();

        var results = await client.WaitForSessionsAsync(["s1"], new() { Timeout = TestClock.WaitTimeout, IsNew = isNew }, cancellationToken: Cancel).AllAsync();

        Assert.Equal(end, Assert.Single(results).End);
        Assert.InRange(looks, 1, 40);
    }

    [Fact]
    [Trait("Contract", "absent-at-first")]
    public async Task One_absence_between_two_looks_ends_no_wait()
    {
        await using var service = await ScriptedService.StartAsync(
            Reply.Ok("""{"id":"s1","status":"provisioning"}"""), Reply.Error(404, "session_not_found"), Reply.Ok("""{"id":"s1","status":"provisioning"}"""), Reply.Ok("""{"id":"s1","status":"running"}"""));
        using var client = service.Client();

        var results = await client.WaitForSessionsAsync(["s1"], new() { Timeout = TestClock.WaitTimeout }, cancellationToken: Cancel).AllAsync();

        Assert.Equal(WaitEnd.Reached, Assert.Single(results).End);
    }
}
