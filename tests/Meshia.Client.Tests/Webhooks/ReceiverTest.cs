using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Meshia.Client.Tests;

/// <summary>A receiver on a free port, and a client that sends it requests byte by byte.</summary>
public abstract class ReceiverTest : IAsyncLifetime
{
    protected const string Secret = "s3cret";
    protected const int MaxBody = 4096;

    private static readonly string _now = DateTimeOffset.UtcNow.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

    protected ConcurrentQueue<WebhookEvent> Received { get; } = new();

    protected CancellationTokenSource Stop { get; } = new();

    protected WebhookReceiver Receiver { get; private set; } = null!;

    protected Task Running { get; private set; } = Task.CompletedTask;

    /// <summary>What takes an event, where it is not simply taken.</summary>
    protected Func<WebhookEvent, CancellationToken, Task<bool>>? Take { get; set; }

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        Start(new() { Uri = new("http://127.0.0.1:0/hook"), Secrets = [Secret], MaxBodyBytes = MaxBody, RequestTimeout = TimeSpan.FromSeconds(5) });
        return default;
    }

    public async ValueTask DisposeAsync()
    {
        await Stop.CancelAsync();
        await Running;
        Receiver.Dispose();
        Stop.Dispose();
        GC.SuppressFinalize(this);
    }

    protected static string Event(int n) => string.Create(CultureInfo.InvariantCulture, $$$"""{"event":"experiment.completed","timestamp":"{{{_now}}}","session_id":"sess_a","data":{"n":{{{n}}}}}""");

    protected static string SignatureOf(string body) => $"{WebhookSignature.Header}: {WebhookSignature.Sign(Encoding.UTF8.GetBytes(body), Secret)}\r\n";

    protected static string Head(string method, string path, string headers) => $"{method} {path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n";

    protected static string Post(string body, string path = "/hook", string? signature = null) =>
        Head("POST", path, $"Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n{signature ?? SignatureOf(body)}") + body;

    protected void Start(WebhookReceiverOptions options)
    {
        Receiver = new WebhookReceiver(options, (received, cancellationToken) =>
        {
            Received.Enqueue(received);
            return Take?.Invoke(received, cancellationToken) ?? Task.FromResult(true);
        });
        Running = Receiver.RunAsync(Stop.Token);
    }

    /// <summary>Another receiver beside the first, which ends with it.</summary>
    protected Task RestartAsync(WebhookReceiverOptions options)
    {
        var first = (Receiver, Running);
        Start(options);
        Running = Task.WhenAll(Running, first.Running.ContinueWith(_ => first.Receiver.Dispose(), TaskScheduler.Default));
        return Task.CompletedTask;
    }

    protected async Task<Socket> ConnectAsync()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, Receiver.Uri.Port, Cancel);
        return socket;
    }

    protected async Task<int> SendAsync(string request)
    {
        using var connection = await ConnectAsync();
        await connection.SendAsync(Encoding.UTF8.GetBytes(request), Cancel);
        return int.Parse((await ReadHeadAsync(connection)).Split(' ')[1], CultureInfo.InvariantCulture);
    }

    protected static async Task<bool> HasEndedAsync(Socket connection)
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
    protected static async Task<string> ReadHeadAsync(Socket connection)
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
