using System.Collections.Concurrent;

namespace Meshia.Client.Tests;

/// <summary>One attempt is one request. The requests are counted at the server, which drops kept connections after it has read a request.</summary>
public class SingleSendTests
{
    private const string Session = """{"id":"sess_1"}""";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string> Methods => ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"];

    [Theory, MemberData(nameof(Methods))]
    public async Task A_connection_that_ends_before_the_answer_costs_one_request(string method)
    {
        await using var service = Service(isKept: false);
        using var client = TestClient.For(service.BaseUri, maxRetries: 0);

        await TestClient.FailsAsync(() => client.SendAsync(new(method), "sessions/sess_1", cancellationToken: Cancel));

        Assert.Equal([$"{method} /sessions/sess_1"], service.Requests);
    }

    [Theory, MemberData(nameof(Methods))]
    public async Task So_does_a_kept_connection(string method)
    {
        await using var service = Service(isKept: true);
        using var client = TestClient.For(service.BaseUri, maxRetries: 0);
        await client.GetSessionAsync("first", cancellationToken: Cancel);

        await TestClient.FailsAsync(() => client.SendAsync(new(method), "sessions/sess_1", cancellationToken: Cancel));

        Assert.Equal(["GET /sessions/first", $"{method} /sessions/sess_1"], service.Requests);
    }

    [Theory, MemberData(nameof(Methods))]
    public async Task Every_request_is_allowed_by_the_retries_counted_by_the_limit_and_told(string method)
    {
        const int Limit = 60;
        await using var service = Service(isKept: true);
        var messages = new ConcurrentQueue<ClientMessage>();
        using var client = TestClient.For(service.BaseUri, maxRetries: 2, requestsPerMinute: Limit, observer: messages.Enqueue);

        var failure = await TestClient.FailsAsync(() => client.SendAsync(new(method), "sessions/sess_1", cancellationToken: Cancel));

        var expected = method is "POST" or "PATCH" ? 1 : 3;
        Assert.Equal(expected, service.Requests.Count);
        Assert.Equal(expected, failure.Attempts);
        Assert.Equal(expected, messages.Count(message => message.Level == ClientMessageLevel.Trace));
        Assert.Equal(Limit - expected, client.RequestsLeft);
    }

    [Fact]
    public async Task Stopping_and_deleting_are_sent_once_with_an_empty_body()
    {
        var heads = new ConcurrentQueue<string>();
        await using var service = Service(isKept: true, heads);
        using var client = TestClient.For(service.BaseUri, maxRetries: 0);

        await TestClient.FailsAsync(() => client.StopSessionAsync("sess_1", cancellationToken: Cancel));
        await TestClient.FailsAsync(() => client.DeleteWebhookAsync("wh_1", cancellationToken: Cancel));

        // What became of a stop without an answer is looked at, once.
        Assert.Equal(["POST /sessions/sess_1/stop", "GET /sessions/sess_1", "DELETE /webhooks/wh_1"], service.Requests);
        Assert.Equal(3, heads.Count);
        Each.Of(heads, head =>
        {
            Assert.Contains("Content-Length: 0\r\n", head, StringComparison.Ordinal);
            Assert.EndsWith("\r\n\r\n", head, StringComparison.Ordinal);
            Assert.DoesNotContain("Transfer-Encoding", head, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task A_list_and_a_comparison_are_sent_once()
    {
        await using var service = Service(isKept: true);
        using var client = TestClient.For(service.BaseUri, maxRetries: 0);

        await TestClient.FailsAsync(() => client.GetSessionsAsync(cancellationToken: Cancel).AllAsync());
        await TestClient.FailsAsync(() => client.CompareExperimentsAsync(["exp_1", "exp_2"], cancellationToken: Cancel));

        Assert.Equal(["GET /sessions", "POST /experiments/compare"], service.Requests);
    }

    /// <summary>Answers what asks for "first" and keeps the connection; reads any other request and drops it.</summary>
    private static RawService Service(bool isKept, ConcurrentQueue<string>? heads = null) => new(async connection =>
    {
        while (true)
        {
            var request = await connection.ReadRequestAsync();
            heads?.Enqueue(request);
            if (!isKept || !request.Contains("/first", StringComparison.Ordinal))
                return;
            await connection.AnswerAsync(Session);
        }
    });
}
