using System.Collections.Concurrent;

namespace Meshia.Client.Tests;

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
        var messages = new ConcurrentQueue<ClientMessage>();
        using var client = new MeshiaClient(new(TestClient.NewKey()), new() { BaseUri = service.BaseUri, Observer = messages.Enqueue });
        await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => client.GetSessionAsync("sess_1", cancellationToken: Cancel)));

        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var held = client.GetSessionAsync("sess_1", cancellationToken: cancel.Token);
        await TestClient.UntilAsync(() => messages.Any(message => message.Level == ClientMessageLevel.Notice));

        Assert.False(held.IsCompleted);
        Assert.Equal(60, service.Requests.Count);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => held);
        Assert.Equal(60, service.Requests.Count);
    }

    [Fact]
    public async Task Clients_of_one_key_share_its_limit_and_others_do_not()
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok(Session));
        var key = TestClient.NewKey();
        using var one = TestClient.For(service.BaseUri, key: key, requestsPerMinute: 4);
        using var two = TestClient.For(service.BaseUri, key: key, requestsPerMinute: 4);
        using var other = TestClient.For(service.BaseUri, requestsPerMinute: 4);
        foreach (var client in new[] { one, two, one, two })
            await client.GetSessionAsync("sess_1", cancellationToken: Cancel);

        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var held = two.GetSessionAsync("sess_1", cancellationToken: cancel.Token);
        await other.GetSessionAsync("sess_1", cancellationToken: Cancel);

        Assert.False(held.IsCompleted);
        Assert.Equal(5, service.Requests.Count);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => held);
    }

    [Fact]
    public async Task Every_attempt_counts()
    {
        await using var service = await ScriptedService.StartAsync(new Reply(503), new Reply(503), Reply.Ok(Session));
        var (client, messages) = TestClient.HeardFor(service.BaseUri, requestsPerMinute: 3);
        await client.GetSessionAsync("sess_1", cancellationToken: Cancel);

        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var held = client.GetSessionAsync("sess_1", cancellationToken: cancel.Token);
        await TestClient.UntilAsync(() => messages.Any(message => message.Text.StartsWith("Waiting", StringComparison.Ordinal)));

        Assert.Equal(3, service.Requests.Count);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => held);
    }

    [Fact]
    public async Task The_total_time_ends_the_wait_for_the_limit_and_nothing_was_sent()
    {
        await using var service = await ScriptedService.StartAsync(new Reply(201, Session));
        var clock = new TestClock();
        var (client, messages) = TestClient.HeardFor(service.BaseUri, clock, requestsPerMinute: 1);
        await client.GetSessionAsync("sess_1", cancellationToken: Cancel);

        var held = TestClient.FailsAsync(() => client.CreateSessionAsync("x", "rtx4090", cancellationToken: Cancel));
        await TestClient.UntilAsync(() => messages.Any(message => message.Text.StartsWith("Waiting", StringComparison.Ordinal)));
        clock.Advance(TestClock.TotalTimeout);

        var failure = await held;
        Assert.Equal((MeshiaFailure.TimedOut, 0), (failure.Failure, failure.Attempts));
        Assert.Single(service.Requests);
    }
}
