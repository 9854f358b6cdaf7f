using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Time.Testing;

namespace Meshia.Client.Tests;

/// <summary>What somebody who can reach the receiver tries: replays, starvation, endless work, pages in a browser.</summary>
public sealed class ReceiverAttackTests : IAsyncLifetime
{
    private const string Secret = "s3cret";

    private readonly ConcurrentQueue<WebhookEvent> _received = new();
    private readonly ConcurrentQueue<ClientMessage> _told = new();
    private readonly FakeTimeProvider _clock = new(new(2026, 11, 26, 12, 0, 0, TimeSpan.Zero));
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("meshia-receiver-");
    private CancellationTokenSource _stop = new();
    private WebhookReceiver? _receiver;
    private Task _running = Task.CompletedTask;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => default;

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        _stop.Dispose();
        _folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData("2020-01-01T00:00:00Z", 400)]
    [InlineData("2099-01-01T00:00:00Z", 400)]
    [InlineData("2026-11-25T11:59:59Z", 400)]
    [InlineData("2026-11-25T12:00:00Z", 200)]
    [InlineData("2026-11-26T12:05:00Z", 200)]
    [InlineData("2026-11-26T12:05:01Z", 400)]
    public async Task An_event_is_taken_only_if_its_signed_time_is_near(string timestamp, int status)
    {
        Start();

        Assert.Equal(status, await SendAsync(Post(Event(1, timestamp))));

        Assert.Equal(status == 200 ? 1 : 0, _received.Count);
        // Its sender knows the secret, so a person should hear of it.
        Assert.Equal(status == 200 ? 0 : 1, _told.Count(message => message.Level == ClientMessageLevel.Warning && message.Text.Contains("timestamp", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("""{"event":"experiment.completed","data":{}}""")]
    [InlineData("""{"event":"experiment.completed","timestamp":"soon","data":{}}""")]
    public async Task An_event_without_a_time_is_refused(string body)
    {
        Start();
        Assert.Equal(400, await SendAsync(Post(body)));
    }

    [Fact]
    public async Task Any_age_is_taken_where_none_is_set()
    {
        Start(maximumAge: null);
        Assert.Equal(200, await SendAsync(Post(Event(1, "2020-01-01T00:00:00Z"))));
        Assert.Equal(200, await SendAsync(Post(Event(1, "2020-01-01T00:00:00Z"))));
        Assert.Single(_received);
    }

    [Fact]
    public async Task A_replay_is_known_after_a_restart()
    {
        var port = Ports.Free();
        Start(port: port, remembers: true);
        Assert.Equal(200, await SendAsync(Post(Event(1, "2026-11-26T11:00:00Z"))));
        await EndAsync();

        Start(port: port, remembers: true);
        Assert.Equal(200, await SendAsync(Post(Event(1, "2026-11-26T11:00:00Z"))));
        Assert.Equal(200, await SendAsync(Post(Event(2, "2026-11-26T11:00:00Z"))));

        Assert.Equal([1L, 2L], _received.Select(received => received.Data["n"]));
    }

    [Fact]
    public async Task Idle_and_slow_connections_do_not_keep_a_delivery_out()
    {
        Start(connections: 16);
        var idle = new List<Socket>();
        try
        {
            for (var i = 0; i < 64; i++)
            {
                idle.Add(await ConnectAsync());
                // Half of them never send anything, half stop in the middle of a request.
                if (i % 2 == 0)
                    await idle[^1].SendAsync(Encoding.ASCII.GetBytes("POST /hook HTTP/1.1\r\nHost: localhost\r\nContent-"), Cancel);
            }

            Assert.Equal(200, await SendAsync(Post(Event(1))));
            Assert.Contains(_told, message => message.Text.Contains("idle the longest", StringComparison.Ordinal));
        }
        finally
        {
            idle.ForEach(socket => socket.Dispose());
        }
    }

    [Fact]
    public async Task A_delivery_that_has_just_connected_does_not_give_way_to_the_next_one_beside_slow_senders()
    {
        Start(connections: 8);
        var slow = new List<Socket>();
        try
        {
            for (var i = 0; i < 8; i++)
            {
                slow.Add(await ConnectAsync());
                await slow[^1].SendAsync(Encoding.ASCII.GetBytes("POST /hook HTTP/1.1\r\nHost: localhost\r\nContent-"), Cancel);
            }

            // Only then are they slow.
            await Task.Delay(TimeSpan.FromSeconds(1.2), Cancel);
            // Connected before it has anything to send, as a client on a slow line or a busy machine.
            using var first = await ConnectAsync();
            using var second = await ConnectAsync();
            foreach (var (connection, n) in new[] { (second, 2), (first, 1) })
            {
                await connection.SendAsync(Encoding.UTF8.GetBytes(Post(Event(n))), Cancel);
                var head = new byte[12];
                Assert.Equal(head.Length, await connection.ReceiveAsync(head, Cancel));
                Assert.Equal("HTTP/1.1 200", Encoding.ASCII.GetString(head));
            }
        }
        finally
        {
            slow.ForEach(socket => socket.Dispose());
        }
    }

    [Fact]
    public async Task A_delivery_that_is_being_taken_keeps_its_connection()
    {
        var gate = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        Start(connections: 2, take: _ => gate.Task);
        var first = SendAsync(Post(Event(1)));
        var second = SendAsync(Post(Event(2)));
        await TestClient.UntilAsync(() => _received.Count == 2);
        var third = SendAsync(Post(Event(3)));

        gate.SetResult(true);

        Assert.Equal((200, 200, 200), (await first, await second, await third));
    }

    [Fact]
    public async Task A_body_in_a_hundred_thousand_chunks_is_put_together_without_copying_it_each_time()
    {
        Start(maxBody: 1024 * 1024);
        var body = Event(1).PadRight(100_000);
        var request = new StringBuilder($"POST /hook HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n{Signed(body)}\r\n");
        foreach (var letter in body)
            request.Append("1\r\n").Append(letter).Append("\r\n");

        var before = GC.GetTotalAllocatedBytes(precise: true);
        Assert.Equal(200, await SendAsync(request.Append("0\r\n\r\n").ToString()));

        // Copied with each chunk it would be five billion bytes.
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, 200_000_000);
    }

    [Theory]
    [InlineData("Host: localhost\r\nOrigin: https://evil.example\r\n", 403)]
    [InlineData("Host: localhost\r\nOrigin: null\r\n", 403)]
    [InlineData("Host: localhost\r\nSec-Fetch-Site: cross-site\r\n", 403)]
    [InlineData("Host: evil.example\r\n", 403)]
    [InlineData("Host: localhost.evil.example:80\r\n", 403)]
    [InlineData("Host: localhost:1234\r\n", 200)]
    [InlineData("Host: 127.0.0.1\r\n", 200)]
    [InlineData("Host: [::1]:99\r\n", 200)]
    public async Task Without_a_secret_a_page_in_a_browser_sends_nothing(string headers, int status)
    {
        Start(unverified: true);

        Assert.Equal(status, await SendAsync($"POST /hook HTTP/1.1\r\n{headers}Content-Length: {Event(1).Length}\r\n\r\n{Event(1)}"));

        Assert.Equal(status == 200 ? 1 : 0, _received.Count);
    }

    [Fact]
    public async Task Connections_that_are_reset_at_once_do_not_end_the_receiver()
    {
        Start();
        for (var i = 0; i < 50; i++)
        {
            using var socket = await ConnectAsync();
            socket.LingerState = new(enable: true, seconds: 0);
        }

        Assert.Equal(200, await SendAsync(Post(Event(1))));
    }

    [Fact]
    public async Task Localhost_is_both_of_its_addresses()
    {
        Start(host: "localhost");

        Assert.Equal(200, await SendAsync(Post(Event(1)), IPAddress.Loopback));
        Assert.SkipUnless(Socket.OSSupportsIPv6 && HasIPv6(), "This machine has no ::1.");
        Assert.Equal(200, await SendAsync(Post(Event(2)), IPAddress.IPv6Loopback));
    }

    private static bool HasIPv6()
    {
        try
        {
            using var probe = new TcpListener(IPAddress.IPv6Loopback, 0);
            probe.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static string Event(int n, string timestamp = "2026-11-26T12:00:00Z") =>
        string.Create(CultureInfo.InvariantCulture, $$$"""{"event":"experiment.completed","timestamp":"{{{timestamp}}}","session_id":"sess_a","data":{"n":{{{n}}}}}""");

    private static string Signed(string body) => $"{WebhookSignature.Header}: {WebhookSignature.Sign(Encoding.UTF8.GetBytes(body), Secret)}\r\n";

    private static string Post(string body) => $"POST /hook HTTP/1.1\r\nHost: localhost\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n{Signed(body)}\r\n{body}";

    private void Start(int port = 0, bool remembers = false, int connections = 256, bool unverified = false, int maxBody = 4096, string host = "127.0.0.1", Func<WebhookEvent, Task<bool>>? take = null)
        => Start(TimeSpan.FromHours(24), port, remembers, connections, unverified, maxBody, host, take);

    private void Start(TimeSpan? maximumAge, int port = 0, bool remembers = false, int connections = 256, bool unverified = false, int maxBody = 4096, string host = "127.0.0.1", Func<WebhookEvent, Task<bool>>? take = null)
    {
        _receiver = new WebhookReceiver(
            new()
            {
                Uri = new($"http://{host}:{port}/hook"),
                Secrets = unverified ? [] : [Secret],
                AllowUnverified = unverified,
                MaximumAge = maximumAge,
                LogFolder = remembers ? _folder.FullName : null,
                MaxConnections = connections,
                MaxBodyBytes = maxBody,
                TimeProvider = _clock,
            },
            (received, _) =>
            {
                _received.Enqueue(received);
                return take?.Invoke(received) ?? Task.FromResult(true);
            },
            _told.Enqueue);
        _running = _receiver.RunAsync(_stop.Token);
    }

    private async Task EndAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _receiver?.Dispose();
        _stop.Dispose();
        _stop = new();
    }

    private async Task<Socket> ConnectAsync(IPAddress? address = null)
    {
        address ??= IPAddress.Loopback;
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(address, _receiver!.Uri.Port, Cancel);
        return socket;
    }

    private async Task<int> SendAsync(string request, IPAddress? address = null)
    {
        using var connection = await ConnectAsync(address);
        await connection.SendAsync(Encoding.UTF8.GetBytes(request), Cancel);
        var head = new byte[12];
        for (var read = 0; read < head.Length;)
            read += await connection.ReceiveAsync(head.AsMemory(read), Cancel) is > 0 and var count ? count : throw new EndOfStreamException();
        return int.Parse(Encoding.ASCII.GetString(head).Split(' ')[1], CultureInfo.InvariantCulture);
    }
}
