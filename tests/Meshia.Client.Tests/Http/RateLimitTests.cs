using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;

namespace Meshia.Client.Tests;

/// <summary>Real clients and a real file: what the service sees of the requests of this machine.</summary>
[Trait("Culture", "Dependent")]
public class RateLimitTests
{
    private const string Session = """{"id":"sess_1"}""";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Contract", "limits-60")]
    public async Task Sixty_requests_go_at_once_and_the_next_is_held_back()
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok(Session));
        var (client, messages) = HeardFor(service);
        await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => client.StopSessionAsync("sess_1", cancellationToken: Cancel)));

        await AssertHeldAsync(service, messages, cancellationToken => client.StopSessionAsync("sess_1", cancellationToken: cancellationToken));
        Assert.Equal(60, service.Requests.Count);
    }

    [Fact]
    public async Task Reads_leave_places_for_creating_and_both_leave_places_for_stopping()
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok(Session));
        var (client, messages) = HeardFor(service);
        await Task.WhenAll(Enumerable.Range(0, 51).Select(_ => client.GetSessionAsync("sess_1", cancellationToken: Cancel)));
        await AssertHeldAsync(service, messages, cancellationToken => client.GetSessionAsync("sess_1", cancellationToken: cancellationToken));
        await AssertHeldAsync(service, messages, cancellationToken => client.CompareExperimentsAsync(["a", "b"], cancellationToken: cancellationToken));

        for (var i = 0; i < 3; i++)
            await client.CreateSessionAsync("x", "rtx4090", cancellationToken: Cancel);
        await AssertHeldAsync(service, messages, cancellationToken => client.CreateSessionAsync("x", "rtx4090", cancellationToken: cancellationToken));

        for (var i = 0; i < 3; i++)
            await client.StopSessionAsync("sess_1", cancellationToken: Cancel);
        for (var i = 0; i < 3; i++)
            await client.DeleteWebhookAsync("wh_1", cancellationToken: Cancel);
        Assert.Equal(60, service.Requests.Count);
        Assert.Equal((60, 60, 0, 0), client.GetRateLimit() is { } limit ? (limit.Limit, limit.Used, limit.ReadsLeft, limit.StopsLeft) : default);
    }

    [Fact]
    public async Task A_wait_uses_half_of_the_limit_at_most()
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok("""{"id":"sess_1","status":"running"}"""));
        var (client, messages) = HeardFor(service);
        await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => client.GetSessionAsync("sess_1", cancellationToken: Cancel)));

        await AssertHeldAsync(service, messages, cancellationToken => client.WaitForSessionsAsync(["sess_1"], new() { Timeout = TimeSpan.FromMinutes(1) }, cancellationToken: cancellationToken).AllAsync());
        await client.GetSessionAsync("sess_1", cancellationToken: Cancel);
    }

    [Fact]
    public async Task Clients_of_one_key_share_its_limit_and_others_do_not()
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok(Session));
        var key = TestClient.NewKey();
        var (one, _) = HeardFor(service, 4, key);
        var (two, messages) = HeardFor(service, 4, key);
        var (other, _) = HeardFor(service, 4);
        foreach (var client in new[] { one, two, one, two })
            await client.StopSessionAsync("sess_1", cancellationToken: Cancel);

        await AssertHeldAsync(service, messages, cancellationToken => two.StopSessionAsync("sess_1", cancellationToken: cancellationToken));
        await other.GetSessionAsync("sess_1", cancellationToken: Cancel);
        Assert.Equal(5, service.Requests.Count);
    }

    [Fact]
    public async Task Every_attempt_counts()
    {
        await using var service = await ScriptedService.StartAsync(new Reply(503), new Reply(503), Reply.Ok(Session));
        var (client, messages) = HeardFor(service, 3);
        await client.StopSessionAsync("sess_1", cancellationToken: Cancel);

        await AssertHeldAsync(service, messages, cancellationToken => client.StopSessionAsync("sess_1", cancellationToken: cancellationToken));
        Assert.Equal(3, service.Requests.Count);
    }

    [Fact]
    public async Task The_total_time_ends_the_wait_for_the_limit_and_nothing_was_sent()
    {
        await using var service = await ScriptedService.StartAsync(new Reply(201, Session));
        var clock = new FakeTimeProvider();
        var messages = new ConcurrentQueue<ClientMessage>();
        using var client = new MeshiaClient(new(TestClient.NewKey()), new() { BaseUri = service.BaseUri, RequestsPerMinute = 1, TimeProvider = clock, TotalTimeout = TimeSpan.FromSeconds(20), Observer = messages.Enqueue });
        await client.GetSessionAsync("sess_1", cancellationToken: Cancel);

        var held = TestClient.FailsAsync(() => client.CreateSessionAsync("x", "rtx4090", cancellationToken: Cancel));
        await TestClient.UntilAsync(() => messages.Any(message => message.Text.StartsWith("Waiting", StringComparison.Ordinal)));
        clock.Advance(TimeSpan.FromSeconds(20));

        var failure = await held;
        Assert.Equal((MeshiaFailure.TimedOut, 0), (failure.Failure, failure.Attempts));
        Assert.Single(service.Requests);
    }

    [Fact]
    public async Task A_429_holds_back_all_clients_of_the_key_until_the_service_said()
    {
        await using var service = await ScriptedService.StartAsync(new Reply(429).With("Retry-After", "2"), Reply.Ok(Session));
        var key = TestClient.NewKey();
        var (one, _) = HeardFor(service, 60, key);
        var (two, messages) = HeardFor(service, 60, key);
        var first = one.GetSessionAsync("sess_1", cancellationToken: Cancel);
        await TestClient.UntilAsync(() => two.GetRateLimit()!.PausedFor is not null);

        var others = Enumerable.Range(0, 15).Select(_ => two.GetSessionAsync("sess_1", cancellationToken: Cancel)).ToList();
        await TestClient.UntilAsync(() => messages.Count(message => message.Level == ClientMessageLevel.Notice) == 15);

        Assert.Single(service.Requests);
        await Task.WhenAll([first, .. others]);
        Assert.Equal(17, service.Requests.Count);
    }

    [Fact]
    public async Task A_pause_that_is_longer_than_a_call_may_take_is_an_error_at_once_and_nothing_is_sent()
    {
        await using var service = await ScriptedService.StartAsync(new Reply(429).With("Retry-After", "3000"), Reply.Ok(Session));
        var (client, _) = HeardFor(service);
        await TestClient.FailsAsync(() => client.GetSessionAsync("sess_1", cancellationToken: Cancel));

        var failure = await TestClient.FailsAsync(() => client.CreateSessionAsync("x", "rtx4090", cancellationToken: Cancel));

        Assert.Equal((MeshiaFailure.TimedOut, "rate_limited", 0), (failure.Failure, failure.Code, failure.Attempts));
        Assert.Contains("50 minutes", failure.Message, StringComparison.Ordinal);
        Assert.Single(service.Requests);
    }

    [Fact]
    public async Task A_long_wait_is_told_again_and_again_until_it_is_over()
    {
        await using var service = await ScriptedService.StartAsync(new Reply(429).With("Retry-After", "3"), Reply.Ok(Session));
        var (client, messages) = HeardFor(service);
        var first = client.GetSessionAsync("sess_1", cancellationToken: Cancel);
        await TestClient.UntilAsync(() => client.GetRateLimit()!.PausedFor is not null);

        await client.GetSessionAsync("sess_2", new() { Command = "Get-MeshiaSession", Observer = messages.Enqueue }, Cancel);
        await first;

        var waits = messages.Where(message => message.Level == ClientMessageLevel.Waiting).Select(message => message.Remaining).ToList();
        Assert.InRange(waits.Count, 2, 10);
        Assert.InRange(waits[0]!.Value, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(3));
        Assert.Equal(TimeSpan.Zero, waits[^1]);
        Assert.Contains(client.GetRateLimit()!.Commands, command => (command.Command, command.Sent, command.Waiting) == ("Get-MeshiaSession", 1, 0));
    }

    [Theory]
    [InlineData("POST", "sessions", "Create")]
    [InlineData("POST", "sessions/stop", "Stop")]
    [InlineData("POST", "sessions/a/stop", "Stop")]
    [InlineData("POST", "webhooks", "Create")]
    [InlineData("DELETE", "webhooks/a", "Stop")]
    [InlineData("GET", "sessions/stop", "Read")]
    [InlineData("HEAD", "sessions", "Read")]
    [InlineData("POST", "experiments/compare", "Read")]
    [InlineData("PUT", "sessions/a", "Create")]
    public void What_a_request_asks_for_says_how_urgent_it_is(string method, string path, string expected) =>
        Assert.Equal(expected, $"{new ApiRequest(new(method), new($"https://run.meshia.io/api/v1/{path}")).Class}");

    private static (MeshiaClient Client, ConcurrentQueue<ClientMessage> Messages) HeardFor(ScriptedService service, int requestsPerMinute = 60, string? key = null)
    {
        var messages = new ConcurrentQueue<ClientMessage>();
        return (new(new(key ?? TestClient.NewKey()), new() { BaseUri = service.BaseUri, RequestsPerMinute = requestsPerMinute, RetryDelay = TimeSpan.FromMilliseconds(20), Observer = messages.Enqueue }), messages);
    }

    /// <summary>A call that waits for its turn, and sends nothing until it is cancelled.</summary>
    private static async Task AssertHeldAsync(ScriptedService service, ConcurrentQueue<ClientMessage> messages, Func<CancellationToken, Task> call)
    {
        var before = service.Requests.Count;
        messages.Clear();
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var held = call(cancel.Token);
        await TestClient.UntilAsync(() => messages.Any(message => message.Text.StartsWith("Waiting", StringComparison.Ordinal)));

        Assert.False(held.IsCompleted);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => held);
        Assert.Equal(before, service.Requests.Count);
    }
}
