using System.Net;
using System.Net.Sockets;

namespace Meshia.Client.Tests;

/// <summary>Whatever a call is waiting for, cancelling ends it, and nothing is sent afterwards.</summary>
public class CancellationTests
{
    public static TheoryData<string> Waits =>
    [
        "",
        "HTTP/1.1 200 OK\r\nContent-Le",
        "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[{\"id\":",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n[\r\n",
        "HTTP/1.1 400 Bad\r\nContent-Length: 100\r\n\r\n{\"error\":",
    ];

    public static TheoryData<string, string> Calls
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var wait in Waits)
            {
                foreach (var call in new[] { "get", "list", "create", "stop", "delete", "url", "send" })
                    data.Add(call, wait.Data);
            }

            return data;
        }
    }

    [Theory, MemberData(nameof(Calls))]
    public async Task A_call_that_waits_for_an_answer_ends(string call, string answer)
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        await using var service = new RawService(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.SendAsync(answer);
            cancel.CancelAfter(10);
            await connection.StaySilentAsync();
        });
        using var client = service.Client();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => InTime(CallAsync(client, call, cancel.Token)));
        Assert.Single(service.Requests);
    }

    [Fact]
    public async Task A_call_that_waits_to_retry_ends()
    {
        await using var service = await ScriptedService.StartAsync(new Reply(503));
        var clock = new TestClock { PassesWaits = false };
        using var client = service.Client(clock);
        using var cancel = new CancellationTokenSource();
        var call = client.GetSessionAsync("sess_1", cancellationToken: cancel.Token);
        await TestClient.UntilAsync(() => clock.Waits.Count > 0);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => InTime(call));
        clock.Advance(TimeSpan.FromHours(1));
        Assert.Single(service.Requests);
    }

    [Fact]
    public async Task A_call_that_waits_for_a_connection_ends()
    {
        // A listener whose queue is full leaves the next one waiting.
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(0);
        var fillers = new List<Socket>();
        try
        {
            var isFull = false;
            while (!isFull && fillers.Count < 16)
            {
                var filler = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                fillers.Add(filler);
                using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
                try
                {
                    await filler.ConnectAsync(listener.LocalEndPoint!, patience.Token);
                }
                catch (OperationCanceledException)
                {
                    isFull = true;
                }
            }

            if (!isFull)
                Assert.Skip("This system takes connections without end.");
            using var client = TestClient.For(new($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndPoint!).Port}/"));
            using var cancel = new CancellationTokenSource();
            var call = client.CreateSessionAsync("x", "rtx4090", cancellationToken: cancel.Token);

            await cancel.CancelAsync();

            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => InTime(call));
        }
        finally
        {
            fillers.ForEach(filler => filler.Dispose());
        }
    }

    [Fact]
    public async Task A_call_that_was_cancelled_before_sends_nothing()
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok("{}"));
        var (client, messages) = service.HeardClient();

        foreach (var call in new[] { "get", "list", "create", "stop", "delete", "url", "send" })
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => CallAsync(client, call, new(canceled: true)));

        Assert.Empty(service.Requests);
        Assert.Empty(messages.Warnings());
    }

    [Fact]
    public async Task A_list_that_stalls_is_given_up_after_the_requests_time()
    {
        var clock = new TestClock();
        var isOut = new TaskCompletionSource();
        await using var service = new RawService(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[{\"id\":\"x_1\"},");
            await isOut.Task;
            var silence = connection.StaySilentAsync();
            while (!silence.IsCompleted)
            {
                clock.Advance(TestClock.RequestTimeout / 2);
                await Task.Delay(5);
            }
        });
        using var client = service.Client(clock);

        var failure = await TestClient.FailsAsync(async () =>
        {
            await foreach (var _ in client.GetSessionsAsync(cancellationToken: TestContext.Current.CancellationToken))
                isOut.SetResult();
        });

        Assert.Equal(MeshiaFailure.Unreachable, failure.Failure);
        Assert.Contains("nothing arrived", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_whose_time_ends_with_its_last_byte_is_no_answer()
    {
        using var time = new CancellationTokenSource();
        using var buffer = new BufferHandler { InnerHandler = new LastMoment(time) };
        using var invoker = new HttpMessageInvoker(buffer);
        using var message = new HttpRequestMessage(HttpMethod.Get, "http://127.0.0.1/");
        new CallContext(new(HttpMethod.Get, message.RequestUri!), null, new()).AttachTo(message);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => invoker.SendAsync(message, time.Token));
    }

    /// <summary>Answers, and ends the time of the call when the body is complete.</summary>
    private sealed class LastMoment(CancellationTokenSource time) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage { Content = new Body(time) });

        private sealed class Body(CancellationTokenSource time) : HttpContent
        {
            protected override async Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context)
            {
                await stream.WriteAsync("{}"u8.ToArray());
                await time.CancelAsync();
            }

            protected override bool TryComputeLength(out long length)
            {
                length = 2;
                return true;
            }
        }
    }

    private static async Task CallAsync(MeshiaClient client, string call, CancellationToken cancellationToken) => await (call switch
    {
        "get" => client.GetSessionAsync("sess_1", cancellationToken: cancellationToken),
        "list" => client.GetSessionsAsync(cancellationToken: cancellationToken).AllAsync(),
        "create" => client.CreateSessionAsync("x", "rtx4090", cancellationToken: cancellationToken),
        "stop" => client.StopSessionAsync("sess_1", cancellationToken: cancellationToken),
        "delete" => client.DeleteWebhookAsync("wh_1", cancellationToken: cancellationToken),
        "url" => client.GetArtifactDownloadAsync("art_1", cancellationToken: cancellationToken),
        _ => (Task)client.SendAsync(HttpMethod.Get, "things", cancellationToken: cancellationToken),
    });

    /// <summary>Far more than a second, so that a busy machine fails nothing; far less than any time-out.</summary>
    private static Task InTime(Task call) => call.WaitAsync(TimeSpan.FromSeconds(20));
}
