namespace Meshia.Client.Tests;

/// <summary>A list ends at a deadline over all its pages, whatever the service does to make it last.</summary>
public sealed class ListTimeTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_time_that_is_given_holds_for_all_pages_together()
    {
        var clock = new TestClock { PassesWaits = false };
        await using var service = await EndlessAsync(clock, TimeSpan.FromSeconds(30));
        using var client = service.Client(clock);

        var failure = await TestClient.FailsAsync(() => client.GetSessionsAsync(call: new() { Timeout = TimeSpan.FromSeconds(100) }, cancellationToken: Cancel).AllAsync());

        Assert.Equal((MeshiaFailure.TimedOut, 4), (failure.Failure, service.Requests.Count));
        Assert.Contains("within 100 s", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_one_a_service_that_sends_a_little_now_and_then_is_left_after_the_time_of_the_connection()
    {
        var clock = new TestClock { PassesWaits = false };
        await using var service = await EndlessAsync(clock, TimeSpan.FromSeconds(100));
        using var client = service.Client(clock);

        var failure = await TestClient.FailsAsync(() => client.GetSessionsAsync(cancellationToken: Cancel).AllAsync());

        Assert.Equal((MeshiaFailure.TimedOut, 4), (failure.Failure, service.Requests.Count));
        Assert.Contains("less than 1024 bytes a second", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_long_list_that_keeps_coming_is_read_to_its_end()
    {
        var clock = new TestClock { PassesWaits = false };
        await using var service = await EndlessAsync(clock, TimeSpan.FromSeconds(100), pages: 12, padding: 110_000);
        using var client = service.Client(clock);

        Assert.Equal(12, (await client.GetSessionsAsync(cancellationToken: Cancel).AllAsync()).Count);
    }

    [Fact]
    public async Task What_the_reader_takes_does_not_count()
    {
        var clock = new TestClock { PassesWaits = false };
        await using var service = await EndlessAsync(clock, TimeSpan.FromSeconds(1), pages: 10);
        using var client = service.Client(clock);
        var count = 0;

        await foreach (var _ in client.GetSessionsAsync(call: new() { Timeout = TimeSpan.FromSeconds(100) }, cancellationToken: Cancel))
        {
            clock.Advance(TimeSpan.FromSeconds(50));
            count++;
        }

        Assert.Equal(10, count);
    }

    [Fact]
    public void The_wait_for_the_rate_limit_counts_only_where_a_time_was_given()
    {
        var clock = new TestClock();
        var settings = new MeshiaClientOptions { TimeProvider = clock };
        foreach (var (options, isOver) in new[] { (new CallOptions(), false), (new CallOptions { Timeout = TimeSpan.FromSeconds(60) }, true) })
        {
            var time = new ListTime(options, settings);
            var call = new CallContext(new(HttpMethod.Get, MeshiaClientOptions.DefaultBaseUri), options, settings);
            clock.Advance(TimeSpan.FromHours(1));

            time.Spend(call);

            Assert.Equal(isOver, time.IsOver);
        }
    }

    [Fact]
    public async Task A_comparison_that_asks_for_each_experiment_ends_at_the_time_too()
    {
        var clock = new TestClock { PassesWaits = false };
        await using var service = await ScriptedService.StartAsync(request =>
        {
            clock.Advance(TimeSpan.FromSeconds(30));
            return Reply.Ok(request.Endpoint.StartsWith("POST", StringComparison.Ordinal) ? "{}" : $$"""{"id":"{{request.Path.Split('/')[^1]}}"}""");
        });
        using var client = service.Client(clock);
        var ids = Enumerable.Range(1, 20).Select(number => $"exp_{number}").ToList();

        var failure = await TestClient.FailsAsync(() => client.CompareExperimentsAsync(ids, new(), new() { Timeout = TimeSpan.FromSeconds(100) }, Cancel));

        Assert.Equal((MeshiaFailure.TimedOut, 4), (failure.Failure, service.Requests.Count));
    }

    /// <summary>A service that has one more session on each page, and takes this time for it.</summary>
    private static Task<ScriptedService> EndlessAsync(TestClock clock, TimeSpan time, int pages = int.MaxValue, int padding = 0)
    {
        var page = 0;
        return ScriptedService.StartAsync(_ =>
        {
            page++;
            clock.Advance(time);
            return Reply.Ok($$"""{"sessions":[{"id":"sess_{{page}}"}]{{(page < pages ? $",\"next_cursor\":\"c{page}\"" : "")}}{{new string(' ', padding)}}}""");
        });
    }
}
