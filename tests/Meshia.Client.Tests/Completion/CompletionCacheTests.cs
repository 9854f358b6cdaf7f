namespace Meshia.Client.Tests;

/// <summary>What a prompt is told: soon, seldom asked, and never a failure.</summary>
public sealed class CompletionCacheTests
{
    private readonly TestClock _clock = new() { PassesWaits = false };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_answer_serves_for_half_a_minute()
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok("""[{"id":"sess_1"}]"""));
        var recent = new CompletionCache(service.Client(_clock));

        await recent.GetSessionsAsync();
        _clock.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal("sess_1", Assert.Single(await recent.GetSessionsAsync()).Id);
        Assert.Single(service.Requests);
        _clock.Advance(TimeSpan.FromSeconds(1));
        await recent.GetSessionsAsync();

        Assert.Equal(2, service.Requests.Count);
    }

    [Fact]
    public async Task What_was_changed_meanwhile_is_asked_for_anew()
    {
        await using var service = await ScriptedService.StartAsync(request => request.Method == "POST" ? Reply.Ok("""{"id":"sess_2"}""") : Reply.Ok("[]"));
        var client = service.Client(_clock);
        var recent = new CompletionCache(client);

        await recent.GetSessionsAsync();
        await client.StopSessionAsync("sess_2", cancellationToken: Cancel);
        await recent.GetSessionsAsync();
        await recent.GetSessionsAsync();

        Assert.Equal(["GET /sessions", "POST /sessions/sess_2/stop", "GET /sessions"], service.Requests.Select(request => request.Endpoint));
    }

    [Fact]
    public async Task It_is_remembered_for_five_minutes_without_asking()
    {
        await using var service = await ScriptedService.StartAsync(request => Reply.Ok($$"""[{"id":"{{request.Endpoint.Split('/')[2]}}_exp"}]"""));
        var recent = new CompletionCache(service.Client(_clock));

        await recent.GetExperimentsAsync("a");
        _clock.Advance(TimeSpan.FromMinutes(4));
        await recent.GetExperimentsAsync("b");

        Assert.Equal(["b_exp", "a_exp"], recent.Recall<Experiment>().Select(experiment => experiment.Id));
        Assert.Empty(recent.Recall<Session>());
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(["b_exp"], recent.Recall<Experiment>().Select(experiment => experiment.Id));
        Assert.Equal(2, service.Requests.Count);
    }

    [Fact]
    public async Task The_same_question_meanwhile_shares_the_request()
    {
        using var answer = new SemaphoreSlim(0);
        await using var service = await ScriptedService.StartAsync(async (_, context) =>
        {
            await answer.WaitAsync(context.RequestAborted);
            await Reply.Ok("""[{"id":"sess_1"}]""").SendAsync(context.Response);
        });
        var recent = new CompletionCache(service.Client(_clock));

        var answers = Enumerable.Range(0, 5).Select(_ => recent.GetSessionsAsync()).ToList();
        answer.Release(5);

        Each.Of(await Task.WhenAll(answers), sessions => Assert.Single(sessions));
        Assert.Single(service.Requests);
    }

    [Fact]
    public async Task A_failure_is_no_answer_and_the_next_question_is_asked_again()
    {
        var isBroken = true;
        await using var service = await ScriptedService.StartAsync(_ => isBroken ? Reply.Error(503, "broken") : Reply.Ok("""[{"id":"sess_1"}]"""));
        var recent = new CompletionCache(service.Client(_clock));

        Assert.Empty(await recent.GetSessionsAsync());
        Assert.Single(service.Requests);
        isBroken = false;

        Assert.Single(await recent.GetSessionsAsync());
    }

    [Theory]
    [InlineData("not JSON")]
    [InlineData("""[{"name":"no id"}]""")]
    [InlineData("""{"sessions":"no list"}""")]
    public async Task An_answer_that_makes_no_sense_is_none(string body)
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok(body));

        Assert.Empty(await new CompletionCache(service.Client(_clock)).GetSessionsAsync());
    }

    [Fact]
    public async Task An_id_that_cannot_be_one_is_no_answer_and_no_request()
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok("[]"));

        Assert.Empty(await new CompletionCache(service.Client(_clock)).GetExperimentsAsync(".."));

        Assert.Empty(service.Requests);
    }

    [Fact]
    public async Task A_service_that_is_silent_is_given_up_after_ten_seconds()
    {
        await using var service = new RawService(connection => connection.StaySilentAsync());
        var recent = new CompletionCache(service.Client(_clock));

        var answer = recent.GetSessionsAsync();
        while (!answer.IsCompleted)
        {
            // Its timers are set on the way, so the clock goes on until they ring.
            _clock.Advance(TimeSpan.FromSeconds(10));
            await Task.Delay(10, Cancel);
        }

        Assert.Empty(await answer);
    }

    [Theory]
    [InlineData(10, 2)]
    [InlineData(9, 1)]
    public async Task The_last_ten_requests_of_the_minute_are_left_to_work(int left, int expected)
    {
        await using var service = await ScriptedService.StartAsync(_ => Reply.Ok("""{"id":"sess_1"}""").With("X-RateLimit-Remaining", $"{left}"));
        var client = service.Client(_clock);
        await client.GetSessionAsync("sess_1", cancellationToken: Cancel);

        await new CompletionCache(client).GetExperimentAsync("exp_1");

        Assert.Equal(expected, service.Requests.Count);
        Assert.Equal(left, client.RequestsLeft);
    }

    [Fact]
    public async Task What_the_service_said_of_a_minute_that_is_over_counts_no_more()
    {
        await using var service = await ScriptedService.StartAsync(_ => Reply.Ok("""[{"id":"sess_1"}]""").With("X-RateLimit-Remaining", "0"));
        var recent = new CompletionCache(service.Client(_clock));
        await recent.GetSessionsAsync();

        _clock.Advance(TimeSpan.FromSeconds(59));
        Assert.Empty(await recent.GetSessionsAsync());
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Single(await recent.GetSessionsAsync());

        Assert.Equal(2, service.Requests.Count);
    }

    [Fact]
    public async Task This_process_keeps_its_own_count_where_the_service_says_nothing()
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok("""{"id":"sess_1"}"""));
        var client = TestClient.For(service.BaseUri, _clock, requestsPerMinute: 11);
        var recent = new CompletionCache(client);
        await client.GetSessionAsync("sess_1", cancellationToken: Cancel);

        await recent.GetExperimentAsync("exp_1");
        await recent.GetExperimentAsync("exp_2");

        Assert.Equal(["GET /sessions/sess_1", "GET /experiments/exp_1"], service.Requests.Select(request => request.Endpoint));
    }
}
