using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Meshia.Client.Tests;

public sealed class ReceiverTests : IAsyncLifetime
{
    private const string Secret = "s3cret";
    private const int MaxBody = 4096;

    private static readonly string _now = DateTimeOffset.UtcNow.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

    private readonly ConcurrentQueue<WebhookEvent> _received = new();
    private readonly CancellationTokenSource _stop = new();
    private WebhookReceiver _receiver = null!;
    private Task _running = Task.CompletedTask;
    private Func<WebhookEvent, CancellationToken, Task<bool>>? _take;

    public static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        Start(new() { Uri = new("http://127.0.0.1:0/hook"), Secrets = [Secret], MaxBodyBytes = MaxBody, RequestTimeout = TimeSpan.FromSeconds(5) });
        return default;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _receiver.Dispose();
        _stop.Dispose();
    }

    [Fact]
    public async Task A_delivery_that_is_signed_comes_out_and_is_answered_200()
    {
        Assert.Equal(200, await SendAsync(Post(Event(1))));

        var received = Assert.Single(_received);
        Assert.Equal(("experiment.completed", true), (received.EventType, received.IsVerified));
    }

    [Fact]
    public async Task The_library_that_the_service_might_use_is_understood()
    {
        var delivery = await WebhookDelivery.SendAsync(_receiver.Uri, "ping", WebhookSample.Body("ping", DateTimeOffset.UtcNow), Secret, TimeSpan.FromSeconds(30), Cancel);

        Assert.Equal((200, true), (delivery.StatusCode, delivery.IsSigned));
        Assert.Equal("ping", Assert.Single(_received).EventType);
    }

    [Fact]
    public async Task Chunks_are_put_together_before_they_are_verified()
    {
        var body = Event(1);
        var chunks = new StringBuilder();
        foreach (var piece in body.Chunk(7))
            chunks.Append(CultureInfo.InvariantCulture, $"{piece.Length:x};ext=1\r\n{new string(piece)}\r\n");

        Assert.Equal(200, await SendAsync(Head("POST", "/hook", $"Transfer-Encoding: chunked\r\n{Signed(body)}") + chunks + "0\r\nTrailer: x\r\n\r\n"));
        Assert.Single(_received);
    }

    [Fact]
    public async Task A_sender_that_waits_for_a_word_gets_it()
    {
        var body = Event(1);
        using var connection = await ConnectAsync();
        await connection.SendAsync(Encoding.UTF8.GetBytes(Head("POST", "/hook", $"Content-Length: {body.Length}\r\nExpect: 100-continue\r\n{Signed(body)}")), Cancel);
        Assert.StartsWith("HTTP/1.1 100 ", await ReadHeadAsync(connection), StringComparison.Ordinal);

        await connection.SendAsync(Encoding.UTF8.GetBytes(body), Cancel);

        Assert.StartsWith("HTTP/1.1 200 ", await ReadHeadAsync(connection), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Several_deliveries_share_a_connection_even_in_one_packet()
    {
        using var connection = await ConnectAsync();
        await connection.SendAsync(Encoding.UTF8.GetBytes(Post(Event(1)) + Post(Event(2)) + Post(Event(3))), Cancel);

        for (var i = 0; i < 3; i++)
            Assert.StartsWith("HTTP/1.1 200 ", await ReadHeadAsync(connection), StringComparison.Ordinal);
        Assert.Equal(3, _received.Count);
    }

    [Fact]
    public async Task The_same_delivery_twice_is_an_event_once()
    {
        Assert.Equal(200, await SendAsync(Post(Event(1))));
        Assert.Equal(200, await SendAsync(Post(Event(1))));
        Assert.Equal(200, await SendAsync(Post(Event(2))));

        Assert.Equal(2, _received.Count);
    }

    [Fact]
    public async Task The_same_delivery_twice_at_once_is_an_event_once()
    {
        var gate = new TaskCompletionSource<bool>();
        _take = (_, _) => gate.Task;
        var first = SendAsync(Post(Event(1)));
        await TestClient.UntilAsync(() => _received.Count == 1);
        var second = SendAsync(Post(Event(1)));
        gate.SetResult(true);

        Assert.Equal((200, 200), (await first, await second));
        Assert.Single(_received);
    }

    [Fact]
    public async Task What_nobody_could_take_is_answered_503_and_is_an_event_when_it_comes_again()
    {
        _take = (_, _) => Task.FromResult(false);
        Assert.Equal(503, await SendAsync(Post(Event(1))));
        _take = null;
        Assert.Equal(200, await SendAsync(Post(Event(1))));

        Assert.Equal(2, _received.Count);
    }

    [Fact]
    public async Task A_replay_without_the_right_signature_is_refused_although_its_body_is_known()
    {
        Assert.Equal(200, await SendAsync(Post(Event(1))));
        Assert.Equal(401, await SendAsync(Post(Event(1), signature: "")));
    }

    public static TheoryData<string, int> BadRequests => new()
    {
        { Post(Event(1), signature: ""), 401 },
        { Post(Event(1), signature: $"X-Meshia-Signature: {WebhookSignature.Sign("x"u8.ToArray(), Secret)}\r\n"), 401 },
        { Post(Event(1), signature: Signed(Event(1)) + Signed(Event(1))), 401 },
        { Post("not JSON"), 400 },
        { Post(""), 400 },
        { Post(new string('x', MaxBody + 1)), 413 },
        { Head("POST", "/hook", "Content-Length: 999999999999999\r\n"), 413 },
        { Head("POST", "/hook", "Transfer-Encoding: chunked\r\n") + "FFFFFFF\r\n", 413 },
        { Head("GET", "/hook", ""), 405 },
        { Head("post", "/hook", "Content-Length: 0\r\n"), 405 },
        { Post(Event(1), path: "/"), 404 },
        { Post(Event(1), path: "/hookx"), 404 },
        { Head("POST", "/hook", ""), 411 },
        { Head("POST", "/hook", $"X: {new string('x', 20_000)}\r\nContent-Length: 0\r\n"), 431 },
        { Head("POST", "/hook", string.Concat(Enumerable.Repeat("X: y\r\n", 5_000))), 431 },
        { "POST /hook HTTP/2.0\r\n\r\n", 505 },
        { "POST /hook\r\n\r\n", 400 },
        { "\u0016\u0003\u0001\u0002\r\n\r\n", 400 },
        { "POST /hook HTTP/1.1\r\nContent-Length: 0\r\n\r\n", 400 },
        { "POST /hook HTTP/1.1\nHost: x\n\n", 400 },
        { Head("POST", "/hook", "Content-Length: 5\r\nContent-Length: 6\r\n") + "12345", 400 },
        { Head("POST", "/hook", "Content-Length: +5\r\n") + "12345", 400 },
        { Head("POST", "/hook", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n") + "0\r\n\r\n", 400 },
        { Head("POST", "/hook", "Transfer-Encoding: gzip, chunked\r\n") + "0\r\n\r\n", 501 },
        { Head("POST", "/hook", "Transfer-Encoding: chunked\r\n") + "xyz\r\n", 400 },
        { Head("POST", "/hook", "Transfer-Encoding: chunked\r\n") + "-1\r\n", 400 },
        { Head("POST", "/hook", "Transfer-Encoding: chunked\r\n") + "2\r\nabc\r\n", 400 },
        { Head("POST", "/hook", "Content-Length : 0\r\n"), 400 },
        { Head("POST", "/hook", "X: y\r\n folded\r\nContent-Length: 0\r\n"), 400 },
    };

    [Theory]
    [MemberData(nameof(BadRequests))]
    public async Task A_bad_request_is_answered_as_HTTP_has_it(string request, int status)
    {
        Assert.Equal(status, await SendAsync(request));

        Assert.Empty(_received);
        Assert.Equal(200, await SendAsync(Post(Event(7))));
    }

    [Fact]
    public async Task A_refusal_says_which_method_is_right_and_closes_the_connection()
    {
        using var connection = await ConnectAsync();
        await connection.SendAsync(Encoding.UTF8.GetBytes(Head("GET", "/hook", "")), Cancel);

        var head = await ReadHeadAsync(connection);

        Assert.Contains("\r\nAllow: POST\r\n", head, StringComparison.Ordinal);
        Assert.Contains("\r\nConnection: close\r\n", head, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sender_that_is_too_slow_is_answered_408_and_one_that_says_nothing_is_left()
    {
        await RestartAsync(new() { Uri = new("http://127.0.0.1:0/hook"), Secrets = [Secret], RequestTimeout = TimeSpan.FromMilliseconds(300) });
        using var silent = await ConnectAsync();

        Assert.Equal(408, await SendAsync(Head("POST", "/hook", "Content-Length: 10\r\n") + "123"));
        Assert.Equal(408, await SendAsync("POST /hook HTTP/1.1\r\n"));
        Assert.True(await HasEndedAsync(silent));
    }

    [Fact]
    public async Task At_the_end_what_was_taken_is_still_answered_and_what_was_not_is_not()
    {
        var gate = new TaskCompletionSource<bool>();
        _take = (_, _) => gate.Task;
        var taken = SendAsync(Post(Event(1)));
        await TestClient.UntilAsync(() => _received.Count == 1);
        using var unfinished = await ConnectAsync();
        await unfinished.SendAsync(Encoding.UTF8.GetBytes(Head("POST", "/hook", "Content-Length: 10\r\n")), Cancel);

        await _stop.CancelAsync();
        gate.SetResult(true);

        Assert.Equal(200, await taken);
        Assert.True(await HasEndedAsync(unfinished));
        await _running;
    }

    [Fact]
    public void Without_a_secret_it_does_not_start_unless_told_so()
    {
        Assert.Throws<ArgumentException>(() => new WebhookReceiver(new() { Uri = new("http://127.0.0.1:0/") }, (_, _) => Task.FromResult(true)));
        Assert.Throws<ArgumentException>(() => new WebhookReceiver(new() { Uri = new("http://127.0.0.1:0/"), Secrets = [""] }, (_, _) => Task.FromResult(true)));
        using var open = new WebhookReceiver(new() { Uri = new("http://127.0.0.1:0/"), AllowUnverified = true }, (_, _) => Task.FromResult(true));
    }

    [Theory]
    [InlineData("https://127.0.0.1:8787/")]
    [InlineData("http://example.com:8787/")]
    [InlineData("ftp://127.0.0.1/")]
    public void An_address_that_cannot_be_listened_at_is_refused_with_an_example(string address) =>
        Assert.Contains("Example: http://127.0.0.1:8787/", Assert.Throws<ArgumentException>(() => new WebhookReceiver(new() { Uri = new(address), Secrets = ["s"] }, (_, _) => Task.FromResult(true))).Message, StringComparison.Ordinal);

    [Fact]
    public void A_port_that_is_taken_is_named() =>
        Assert.Contains(_receiver.Uri.ToString(), Assert.Throws<IOException>(() => new WebhookReceiver(new() { Uri = _receiver.Uri, Secrets = ["s"] }, (_, _) => Task.FromResult(true))).Message, StringComparison.Ordinal);

    [Fact]
    public async Task Of_twenty_thousand_deliveries_every_good_one_comes_out_once_and_every_bad_one_is_answered_rightly()
    {
        const int Connections = 64;
        const int PerWorker = 313;
        var numbers = new ConcurrentDictionary<long, int>();
        _take = (received, _) =>
        {
            numbers.AddOrUpdate((long)received.Data["n"]!, 1, (_, times) => times + 1);
            return Task.FromResult(true);
        };

        var expected = 0;
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(worker => Task.Run(async () =>
        {
            var connection = await ConnectAsync();
            try
            {
                for (var i = 0; i < PerWorker; i++)
                {
                    var n = (worker * PerWorker) + i;
                    var (request, status) = (n % 60) switch
                    {
                        7 => (Post(Event(n), signature: $"X-Meshia-Signature: {WebhookSignature.Sign("x"u8.ToArray(), Secret)}\r\n"), 401),
                        17 => (Post(Event(n), signature: ""), 401),
                        27 => (Post(new string('x', MaxBody + 1)), 413),
                        37 => (Post("{ not JSON"), 400),
                        47 => (Post(Event(n))[..^5], 0),
                        57 when worker % 8 == 0 && i < 60 => (Post(Event(n))[..^5], 408),
                        57 => (Head("GET", "/hook", ""), 405),
                        _ => (Post(Event(n)), 200),
                    };
                    await connection.SendAsync(Encoding.UTF8.GetBytes(request), Cancel);
                    if (status == 0)
                        connection.Shutdown(SocketShutdown.Send);
                    var head = await ReadHeadAsync(connection);
                    Assert.Equal(status == 0 ? "" : status.ToString(CultureInfo.InvariantCulture), head.Length == 0 ? "" : head.Split(' ')[1]);
                    if (status == 200)
                    {
                        Interlocked.Increment(ref expected);
                        continue;
                    }

                    connection.Dispose();
                    connection = await ConnectAsync();
                }
            }
            finally
            {
                connection.Dispose();
            }
        })));

        Assert.Equal(expected, numbers.Count);
        Each.Of(numbers.Values, times => Assert.Equal(1, times));
        Assert.InRange(expected, 17_000, 19_000);
    }

    [Fact]
    public async Task Whatever_is_sent_nothing_escapes_and_the_next_delivery_is_taken()
    {
        await RestartAsync(new() { Uri = new("http://127.0.0.1:0/hook"), Secrets = [Secret], MaxBodyBytes = MaxBody, RequestTimeout = TimeSpan.FromSeconds(2) });
        var random = new Random(5);
        string[] seeds =
        [
            Post(Event(1)),
            Head("POST", "/hook", "Transfer-Encoding: chunked\r\n" + Signed("abc")) + "3\r\nabc\r\n0\r\n\r\n",
            Head("POST", "http://x/hook?a=b", "Expect: 100-continue\r\nContent-Length: 3\r\n") + "abc",
        ];
        await Task.WhenAll(Enumerable.Range(0, 3000).Select(i => Mutate(seeds[i % seeds.Length], random)).Chunk(100).Select(chunk => Task.Run(async () =>
        {
            foreach (var bytes in chunk)
            {
                using var connection = await ConnectAsync();
                await connection.SendAsync(bytes, Cancel);
                connection.Shutdown(SocketShutdown.Send);
                try
                {
                    var head = await ReadHeadAsync(connection);
                    Assert.True(head.Length == 0 || (head.StartsWith("HTTP/1.1 ", StringComparison.Ordinal) && !head.StartsWith("HTTP/1.1 500", StringComparison.Ordinal)), head);
                }
                catch (SocketException)
                {
                    // Left, as a sender of nonsense may be.
                }
            }
        })));

        Assert.False(_running.IsCompleted);
        Assert.Equal(200, await SendAsync(Post(Event(99))));
        await _stop.CancelAsync();
        await _running;
    }

    private static byte[] Mutate(string request, Random random)
    {
        var bytes = Encoding.UTF8.GetBytes(request).ToList();
        for (var i = random.Next(1, 6); i > 0; i--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(4))
            {
                case 0: bytes[at] = (byte)random.Next(256); break;
                case 1: bytes.RemoveAt(at); break;
                case 2: bytes.Insert(at, (byte)"\r\n :\0;,0\x7f\xff"[random.Next(10)]); break;
                default: bytes.InsertRange(at, bytes.GetRange(at, random.Next(bytes.Count - at)).ToArray()); break;
            }
        }

        return [.. bytes];
    }

    private static string Event(int n) => string.Create(CultureInfo.InvariantCulture, $$$"""{"event":"experiment.completed","timestamp":"{{{_now}}}","session_id":"sess_a","data":{"n":{{{n}}}}}""");

    private static string Signed(string body) => $"{WebhookSignature.Header}: {WebhookSignature.Sign(Encoding.UTF8.GetBytes(body), Secret)}\r\n";

    private static string Head(string method, string path, string headers) => $"{method} {path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n";

    private static string Post(string body, string path = "/hook", string? signature = null) =>
        Head("POST", path, $"Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n{signature ?? Signed(body)}") + body;

    private void Start(WebhookReceiverOptions options)
    {
        _receiver = new WebhookReceiver(options, (received, cancellationToken) =>
        {
            _received.Enqueue(received);
            return _take?.Invoke(received, cancellationToken) ?? Task.FromResult(true);
        });
        _running = _receiver.RunAsync(_stop.Token);
    }

    /// <summary>Another receiver beside the first, which ends with it.</summary>
    private Task RestartAsync(WebhookReceiverOptions options)
    {
        var first = (_receiver, _running);
        Start(options);
        _running = Task.WhenAll(_running, first._running.ContinueWith(_ => first._receiver.Dispose(), TaskScheduler.Default));
        return Task.CompletedTask;
    }

    private async Task<Socket> ConnectAsync()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, _receiver.Uri.Port, Cancel);
        return socket;
    }

    private async Task<int> SendAsync(string request)
    {
        using var connection = await ConnectAsync();
        await connection.SendAsync(Encoding.UTF8.GetBytes(request), Cancel);
        return int.Parse((await ReadHeadAsync(connection)).Split(' ')[1], CultureInfo.InvariantCulture);
    }

    private static async Task<bool> HasEndedAsync(Socket connection)
    {
        try
        {
            return await connection.ReceiveAsync(new byte[1], Cancel) == 0;
        }
        catch (SocketException failure) when (failure.SocketErrorCode == SocketError.ConnectionReset)
        {
            return true;
        }
    }

    /// <summary>Reads an answer and gives its head; empty where the connection ended without one.</summary>
    private static async Task<string> ReadHeadAsync(Socket connection)
    {
        var text = new StringBuilder();
        var one = new byte[1];
        while (!text.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await connection.ReceiveAsync(one, Cancel) == 0)
                return text.Length == 0 ? "" : throw new EndOfStreamException(text.ToString());
            text.Append((char)one[0]);
        }

        return text.ToString();
    }
}
