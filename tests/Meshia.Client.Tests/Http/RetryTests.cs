using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Meshia.Client.Tests;

[Trait("Culture", "Dependent")]
public class RetryTests
{
    private const string Session = """{"id":"sess_1"}""";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [Trait("Contract", "limits-429")]
    [Trait("Contract", "retry-after-forms")]
    [InlineData("0", 0.5)]
    [InlineData("60", 60.0)]
    [InlineData("61", 61.0)]
    [InlineData("300", 300.0)]
    [InlineData(null, 4.0)]
    [InlineData("-5", 4.0)]
    [InlineData("soon", 4.0)]
    public async Task A_429_is_waited_out_as_long_as_the_service_asks(string? retryAfter, double seconds)
    {
        var limited = Reply.Error(429, "rate_limited");
        await using var service = await ScriptedService.StartAsync(retryAfter is null ? limited : limited.With("Retry-After", retryAfter), Reply.Ok(Session));
        var clock = new TestClock();
        using var client = service.Client(clock);

        await client.GetSessionAsync("sess_1", cancellationToken: Cancel);

        Assert.Equal(2, service.Requests.Count);
        AssertWaits([seconds], clock);
    }

    [Theory]
    [Trait("Contract", "retry-after-forms")]
    [InlineData(0)]
    [InlineData(600)]
    [InlineData(-600)]
    public async Task A_date_to_retry_after_is_read_by_the_services_own_clock(int serviceIsAhead)
    {
        var clock = new TestClock();
        var now = clock.GetUtcNow().AddSeconds(serviceIsAhead);
        await using var service = await ScriptedService.StartAsync(
            new Reply(429).With("Date", now.ToString("R", CultureInfo.InvariantCulture)).With("Retry-After", now.AddSeconds(61).ToString("R", CultureInfo.InvariantCulture)),
            new Reply(503).With("Date", now.ToString("R", CultureInfo.InvariantCulture)).With("Retry-After", now.AddSeconds(-61).ToString("R", CultureInfo.InvariantCulture)),
            Reply.Ok(Session));
        using var client = service.Client(clock);

        await client.GetSessionAsync("sess_1", cancellationToken: Cancel);

        AssertWaits([61.0, 1.0], clock);
    }

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    public async Task A_wait_beyond_the_total_time_fails_at_once(int status)
    {
        await using var service = await ScriptedService.StartAsync(Reply.Error(status, "come_back_later").With("Retry-After", "3600"));
        var clock = new TestClock();
        using var client = service.Client(clock);

        var failure = await TestClient.FailsAsync(() => client.GetSessionAsync("sess_1", cancellationToken: Cancel));

        Assert.Equal(("come_back_later", 1), (failure.Code, failure.Attempts));
        Assert.Single(service.Requests);
        Assert.Empty(clock.Waits);
    }

    /// <summary>Each wait is as long as it must be, and up to a tenth longer.</summary>
    private static void AssertWaits(double[] expected, TestClock clock)
    {
        Assert.Equal(expected.Length, clock.Waits.Count);
        Each.Of(expected.Zip(clock.Waits), pair => Assert.InRange(pair.Second, pair.First, (pair.First * 1.1) + 0.001));
    }

    [Fact]
    public async Task Without_a_word_from_the_service_a_429_is_waited_out_for_longer_and_longer()
    {
        await using var service = await ScriptedService.StartAsync(Reply.Error(429, "rate_limited"));
        var clock = new TestClock();
        using var client = service.Client(clock);

        var failure = await TestClient.FailsAsync(() => client.GetSessionAsync("sess_1", cancellationToken: Cancel));

        AssertWaits([4.0, 8.0, 16.0, 32.0, 60.0], clock);
        Assert.Equal((HttpStatusCode.TooManyRequests, 6), (failure.StatusCode, failure.Attempts));
    }

    [Theory]
    [Trait("Contract", "error-statuses")]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    public async Task A_failing_service_is_asked_again_with_growing_waits(int status)
    {
        await using var service = await ScriptedService.StartAsync(new Reply(status));
        var clock = new TestClock();
        var (client, messages) = service.HeardClient(clock);

        var failure = await TestClient.FailsAsync(() => client.GetSessionAsync("sess_1", cancellationToken: Cancel));

        Assert.Equal(6, service.Requests.Count);
        Assert.Equal((MeshiaFailure.Refused, status, 6), (failure.Failure, (int)failure.StatusCode!, failure.Attempts));
        Assert.Equal(5, clock.Waits.Count);
        Each.Of(clock.Waits, wait => Assert.InRange(wait, 0.0, 60));
        Assert.Equal(5, messages.Count(message => message.Level == ClientMessageLevel.Notice));
        Assert.Equal(6, messages.Count(message => message.Level == ClientMessageLevel.Trace));
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(409)]
    [InlineData(422)]
    [InlineData(501)]
    public async Task What_will_not_change_is_not_asked_again(int status)
    {
        await using var service = await ScriptedService.StartAsync(Reply.Error(status, "no"));
        using var client = service.Client();

        await TestClient.FailsAsync(() => client.GetSessionAsync("sess_1", cancellationToken: Cancel));

        Assert.Single(service.Requests);
    }

    [Theory]
    [InlineData("GET", 6)]
    [InlineData("HEAD", 6)]
    [InlineData("PUT", 6)]
    [InlineData("DELETE", 6)]
    [InlineData("POST", 1)]
    [InlineData("PATCH", 1)]
    [InlineData("patch", 1)]
    [InlineData("LINK", 1)]
    public async Task Only_what_may_be_done_twice_is_asked_again(string method, int requests)
    {
        await using var service = await ScriptedService.StartAsync(new Reply(500));
        using var client = service.Client();

        await TestClient.FailsAsync(() => client.SendAsync(new HttpMethod(method), "/things", cancellationToken: Cancel));

        Assert.Equal(requests, service.Requests.Count);
    }

    [Fact]
    public async Task Stopping_and_comparing_may_be_done_twice()
    {
        var requests = 0;
        await using var service = await ScriptedService.StartAsync(request => Interlocked.Increment(ref requests) % 2 == 1
            ? new Reply(503)
            : Reply.Ok("""{"id":"sess_1","experiments":[{"id":"a","config":{"x":1},"metrics":{"y":1}},{"id":"b"}]}"""));
        using var client = service.Client();

        await client.StopSessionAsync("sess_1", cancellationToken: Cancel);
        await client.CompareExperimentsAsync(["a", "b"], cancellationToken: Cancel);

        Assert.Equal(4, service.Requests.Count);
        Assert.Equal(service.Requests[2].Body, service.Requests[3].Body);
    }

    [Theory]
    [InlineData("reset")]
    [InlineData("close")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Le")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"id\":")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"id\"\r\n")]
    [InlineData("HTTP/1.1 400 Bad\r\nContent-Length: 100\r\n\r\n{\"error\":")]
    [InlineData("SSH-2.0-OpenSSH_9.6\r\n")]
    public async Task A_dropped_connection_is_tried_again(string answer)
    {
        var connections = 0;
        await using var service = new RawService(async connection =>
        {
            await connection.ReadRequestAsync();
            if (Interlocked.Increment(ref connections) == 3)
                await connection.AnswerAsync(Session, headers: "Connection: close\r\n");
            else if (answer == "reset")
                connection.Reset();
            else if (answer != "close")
                await connection.SendAsync(answer);
        });
        using var client = service.Client();

        Assert.Equal("sess_1", (await client.GetSessionAsync("sess_1", cancellationToken: Cancel)).Id);
        Assert.Equal(3, service.Requests.Count);
    }

    [Fact]
    public async Task Connections_dropped_for_ever_end_with_a_clear_error()
    {
        await using var service = new RawService(async connection =>
        {
            await connection.ReadRequestAsync();
            connection.Reset();
        });
        using var client = service.Client();

        var failure = await TestClient.FailsAsync(() => client.GetSessionAsync("sess_1", cancellationToken: Cancel));

        Assert.Equal((MeshiaFailure.Unreachable, 6, null), (failure.Failure, failure.Attempts, failure.StatusCode));
        Assert.Contains($"127.0.0.1:{service.Origin.Port}", failure.Message, StringComparison.Ordinal);
        Assert.NotNull(failure.RecommendedAction);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(2, 3)]
    public async Task A_service_that_never_answers_is_given_up_after_its_time(int maxRetries, int requests)
    {
        var clock = new TestClock();
        await using var service = new RawService(async connection =>
        {
            await connection.ReadRequestAsync();
            clock.Advance(TestClock.RequestTimeout);
            await connection.StaySilentAsync();
        });
        using var client = TestClient.For(service.BaseUri, clock, maxRetries: maxRetries);

        var failure = await TestClient.FailsAsync(() => client.GetSessionAsync("sess_1", cancellationToken: Cancel));

        Assert.Equal((MeshiaFailure.TimedOut, requests), (failure.Failure, failure.Attempts));
        Assert.Equal(requests, service.Requests.Count);
    }

    [Fact]
    public async Task The_total_time_ends_a_call_whatever_the_retries_left()
    {
        var clock = new TestClock();
        var began = clock.GetTimestamp();
        await using var service = new RawService(async connection =>
        {
            await connection.ReadRequestAsync();
            clock.Advance(TestClock.RequestTimeout);
            await connection.StaySilentAsync();
        });
        using var client = TestClient.For(service.BaseUri, clock, maxRetries: 1000);

        var failure = await TestClient.FailsAsync(() => client.GetSessionAsync("sess_1", cancellationToken: Cancel));

        Assert.Equal(MeshiaFailure.TimedOut, failure.Failure);
        Assert.InRange(service.Requests.Count, 1, 4);
        Assert.InRange(clock.GetElapsedTime(began), TestClock.TotalTimeout, TestClock.TotalTimeout + TestClock.RequestTimeout);
    }

    [Fact]
    public async Task A_time_out_after_other_failures_names_the_last()
    {
        var clock = new TestClock { PassesWaits = false };
        await using var service = await ScriptedService.StartAsync(new Reply(503));
        using var client = service.Client(clock);

        var call = TestClient.FailsAsync(() => client.GetSessionAsync("sess_1", cancellationToken: Cancel));
        await TestClient.UntilAsync(() => clock.Waits.Count == 1);
        clock.Advance(TestClock.TotalTimeout);
        // The wait is over together with the total time; whichever is first, the call ends.
        var failure = await call;

        Assert.Contains("503", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_refused_connection_is_tried_again_even_for_a_POST(bool isPost)
    {
        var port = Ports.Free();
        RawService? service = null;
        try
        {
            using var client = TestClient.For(new($"http://127.0.0.1:{port}/api/v1"), observer: message =>
            {
                if (message.Level == ClientMessageLevel.Notice && message.Text.StartsWith("Retry 2", StringComparison.Ordinal))
                    service = new(connection => AnswerAsync(connection), port);
            });

            var session = await (isPost ? client.CreateSessionAsync("x", "rtx4090", cancellationToken: Cancel) : client.GetSessionAsync("sess_1", cancellationToken: Cancel));

            Assert.Equal("sess_1", session.Id);
            Assert.Single(service!.Requests);
        }
        finally
        {
            await (service?.DisposeAsync() ?? default);
        }

        static async Task AnswerAsync(RawConnection connection)
        {
            await connection.ReadRequestAsync();
            await connection.AnswerAsync(Session);
        }
    }

    [Fact]
    public async Task Connections_refused_for_ever_end_with_a_clear_error_and_no_look_at_the_list()
    {
        var (client, messages) = TestClient.HeardFor(new($"http://127.0.0.1:{Ports.Free()}/api/v1"));

        var failure = await TestClient.FailsAsync(() => client.CreateSessionAsync("x", "rtx4090", cancellationToken: Cancel));

        Assert.Equal((MeshiaFailure.Unreachable, 6), (failure.Failure, failure.Attempts));
        Assert.DoesNotContain(messages, message => message.Text.StartsWith("GET", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_connection_that_does_not_come_about_in_time_is_a_failure_and_no_cancellation()
    {
        // How the framework says that a connection took too long; a real one would take the test as long.
        using var handler = new SingleSendHandler { InnerHandler = new Throwing(() => new TaskCanceledException("", new TimeoutException())) };
        using var invoker = new HttpMessageInvoker(handler);
        using var request = new HttpRequestMessage(HttpMethod.Post, "https://run.meshia.io/");
        var call = new CallContext(new(HttpMethod.Post, request.RequestUri!), null, new());
        call.AttachTo(request);

        var failure = await Assert.ThrowsAsync<HttpRequestException>(() => invoker.SendAsync(request, Cancel));

        Assert.True(Resilience.WasNeverSent(failure));
        Assert.False(call.MayHaveBeenDone);
    }

    [Fact]
    public async Task A_host_that_goes_away_in_the_middle_does_not_prove_that_nothing_was_sent() =>
        Assert.False(await Task.FromResult(Resilience.WasNeverSent(new HttpRequestException("", new IOException("", new SocketException((int)SocketError.HostUnreachable))))));

    private sealed class Throwing(Func<Exception> failure) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => throw failure();
    }
}
