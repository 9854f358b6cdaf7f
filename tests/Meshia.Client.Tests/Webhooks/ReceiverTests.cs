using System.Globalization;
using System.Text;

namespace Meshia.Client.Tests;

public sealed class ReceiverTests : ReceiverTest
{
    [Fact]
    public async Task A_delivery_that_is_signed_comes_out_and_is_answered_200()
    {
        Assert.Equal(200, await SendAsync(Post(Event(1))));

        var received = Assert.Single(Received);
        Assert.Equal(("experiment.completed", true), (received.EventType, received.IsVerified));
    }

    [Fact]
    public async Task The_library_that_the_service_might_use_is_understood()
    {
        var delivery = await WebhookDelivery.SendAsync(Receiver.Uri, "ping", WebhookSample.Body("ping", DateTimeOffset.UtcNow), Secret, TimeSpan.FromSeconds(30), Cancel);

        Assert.Equal((200, true), (delivery.StatusCode, delivery.IsSigned));
        Assert.Equal("ping", Assert.Single(Received).EventType);
    }

    [Fact]
    public async Task Chunks_are_put_together_before_they_are_verified()
    {
        var body = Event(1);
        var chunks = new StringBuilder();
        foreach (var piece in body.Chunk(7))
            chunks.Append(CultureInfo.InvariantCulture, $"{piece.Length:x};ext=1\r\n{new string(piece)}\r\n");

        Assert.Equal(200, await SendAsync(Head("POST", "/hook", $"Transfer-Encoding: chunked\r\n{SignatureOf(body)}") + chunks + "0\r\nTrailer: x\r\n\r\n"));
        Assert.Single(Received);
    }

    [Fact]
    public async Task A_sender_that_waits_for_a_word_gets_it()
    {
        var body = Event(1);
        using var connection = await ConnectAsync();
        await connection.SendAsync(Encoding.UTF8.GetBytes(Head("POST", "/hook", $"Content-Length: {body.Length}\r\nExpect: 100-continue\r\n{SignatureOf(body)}")), Cancel);
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
        Assert.Equal(3, Received.Count);
    }

    [Fact]
    public async Task The_same_delivery_twice_is_an_event_once()
    {
        Assert.Equal(200, await SendAsync(Post(Event(1))));
        Assert.Equal(200, await SendAsync(Post(Event(1))));
        Assert.Equal(200, await SendAsync(Post(Event(2))));

        Assert.Equal(2, Received.Count);
    }

    [Fact]
    public async Task The_same_delivery_twice_at_once_is_an_event_once()
    {
        var gate = new TaskCompletionSource<bool>();
        Take = (_, _) => gate.Task;
        var first = SendAsync(Post(Event(1)));
        await TestClient.UntilAsync(() => Received.Count == 1);
        var second = SendAsync(Post(Event(1)));
        gate.SetResult(true);

        Assert.Equal((200, 200), (await first, await second));
        Assert.Single(Received);
    }

    [Fact]
    public async Task What_nobody_could_take_is_answered_503_and_is_an_event_when_it_comes_again()
    {
        Take = (_, _) => Task.FromResult(false);
        Assert.Equal(503, await SendAsync(Post(Event(1))));
        Take = null;
        Assert.Equal(200, await SendAsync(Post(Event(1))));

        Assert.Equal(2, Received.Count);
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
        { Post(Event(1), signature: SignatureOf(Event(1)) + SignatureOf(Event(1))), 401 },
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

        Assert.Empty(Received);
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
        Take = (_, _) => gate.Task;
        var taken = SendAsync(Post(Event(1)));
        await TestClient.UntilAsync(() => Received.Count == 1);
        using var unfinished = await ConnectAsync();
        await unfinished.SendAsync(Encoding.UTF8.GetBytes(Head("POST", "/hook", "Content-Length: 10\r\n")), Cancel);

        await Stop.CancelAsync();
        gate.SetResult(true);

        Assert.Equal(200, await taken);
        Assert.True(await HasEndedAsync(unfinished));
        await Running;
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
        Assert.Contains(Receiver.Uri.ToString(), Assert.Throws<IOException>(() => new WebhookReceiver(new() { Uri = Receiver.Uri, Secrets = ["s"] }, (_, _) => Task.FromResult(true))).Message, StringComparison.Ordinal);
}
