using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Meshia;

/// <summary>
/// Listens for deliveries, verifies them, and answers: 2xx once somebody has taken the event, 401 where the signature is
/// not right, and what HTTP has for everything else. A delivery that comes twice is an event once.
/// </summary>
public sealed class WebhookReceiver : IDisposable
{
    /// <summary>How long, and how many bytes, a refused sender is still listened to, so that it hears the refusal.</summary>
    private static readonly TimeSpan _lingerTimeout = TimeSpan.FromSeconds(2);
    private const int LingerBytes = 8 * 1024 * 1024;

    private readonly WebhookReceiverOptions _options;
    private readonly Func<WebhookEvent, CancellationToken, Task<bool>> _take;
    private readonly Action<string>? _tell;
    private readonly RecentDeliveries _recent = new();
    private readonly TcpListener _listener;
    private readonly SemaphoreSlim _room;

    /// <summary>Begins to listen; deliveries wait until <see cref="RunAsync"/>.</summary>
    /// <param name="options">Where, and within which limits.</param>
    /// <param name="take">
    /// Takes an event: true once it is in safe hands, which is answered 200; false where it cannot be taken now, which is
    /// answered 503, so that the service sends it again. Called for several events at once.
    /// </param>
    /// <param name="tell">Is told of what was refused, in a line that holds nothing secret; from any thread.</param>
    /// <exception cref="ArgumentException">The address is none to listen at, or there is no secret.</exception>
    /// <exception cref="IOException">The port is taken, or the address is not this machine's.</exception>
    public WebhookReceiver(WebhookReceiverOptions options, Func<WebhookEvent, CancellationToken, Task<bool>> take, Action<string>? tell = null)
    {
        _options = options ?? throw new ArgumentNullException(nameof(options));
        _take = take ?? throw new ArgumentNullException(nameof(take));
        _tell = tell;
        if (!options.AllowUnverified && options.Secrets.All(string.IsNullOrEmpty))
            throw new ArgumentException("There is no secret to verify deliveries with. Give the one that the webhook was registered with.", nameof(options));
        _listener = new TcpListener(AddressOf(options.Uri), options.Uri.Port);
        try
        {
            _listener.Start();
        }
        catch (SocketException failure)
        {
            throw new IOException($"Nothing can listen at {options.Uri}: {failure.Message}.", failure);
        }

        Uri = new UriBuilder(options.Uri) { Port = ((IPEndPoint)_listener.LocalEndpoint).Port }.Uri;
        _room = new SemaphoreSlim(options.MaxConnections);
    }

    /// <summary>Where it listens, with the port that it got.</summary>
    public Uri Uri { get; }

    /// <summary>Receives until cancelled; what has been taken by then is still answered.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var connections = new ConcurrentDictionary<Task, byte>();
        using (cancellationToken.Register(_listener.Stop))
        {
            try
            {
                while (true)
                {
                    await _room.WaitAsync(cancellationToken).ConfigureAwait(false);
                    var socket = await _listener.AcceptSocketAsync().ConfigureAwait(false);
                    var connection = ServeAsync(socket, cancellationToken);
                    connections[connection] = 0;
                    _ = connection.ContinueWith(ended => connections.TryRemove(ended, out _), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
                }
            }
            catch (Exception failure) when (failure is OperationCanceledException or SocketException or ObjectDisposedException or InvalidOperationException && cancellationToken.IsCancellationRequested)
            {
                // This is how accepting ends.
            }
        }

        await Task.WhenAll(connections.Keys).ConfigureAwait(false);
    }

    /// <summary>Listens no longer; call it once <see cref="RunAsync"/> has ended.</summary>
    public void Dispose()
    {
        _listener.Stop();
        _room.Dispose();
    }

    private async Task ServeAsync(Socket socket, CancellationToken cancellationToken)
    {
        await Task.Yield();
        try
        {
            using (socket)
            using (var stream = new NetworkStream(socket))
            {
                socket.NoDelay = true;
                var reader = new HttpRequestReader(stream, _options.MaxHeaderBytes, _options.MaxBodyBytes);
                while (await ServeNextAsync(socket, stream, reader, cancellationToken).ConfigureAwait(false))
                {
                }
            }
        }
        catch (Exception failure) when (failure is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The sender went away, or the receiver is to end: there is nobody left to answer.
        }
        finally
        {
            _room.Release();
        }
    }

    /// <summary>Serves one request; false where it was the connection's last.</summary>
    private async Task<bool> ServeNextAsync(Socket socket, NetworkStream stream, HttpRequestReader reader, CancellationToken cancellationToken)
    {
        try
        {
            var (request, body) = await ReadAsync(reader, cancellationToken).ConfigureAwait(false);
            if (request is null)
                return false;
            var received = Verify(request, body);
            var isTaken = await _recent.TakeOnceAsync(body, () => _take(received, cancellationToken)).ConfigureAwait(false);
            var keep = isTaken && request.KeepsAlive && !cancellationToken.IsCancellationRequested;
            await AnswerAsync(stream, isTaken ? 200 : 503, isTaken ? "" : Body("busy", "The event could not be taken; send it again."), keep).ConfigureAwait(false);
            return keep;
        }
        catch (BadHttpRequestException failure)
        {
            _tell?.Invoke($"A request from {socket.RemoteEndPoint} was answered {failure.Status.ToString(CultureInfo.InvariantCulture)}: {failure.Message}");
            await AnswerAsync(stream, failure.Status, Body(failure.Code, failure.Message), keep: false).ConfigureAwait(false);
            await LingerAsync(socket, stream, cancellationToken).ConfigureAwait(false);
            return false;
        }
    }

    private async Task<(HttpRequestHead? Request, byte[] Body)> ReadAsync(HttpRequestReader reader, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(_options.RequestTimeout);
        try
        {
            if (await Within(reader.ReadHeadAsync(patience.Token), patience.Token).ConfigureAwait(false) is not { } request)
                return (null, []);
            if (request.Method != "POST")
                throw new BadHttpRequestException(405, "method_not_allowed", "Deliveries are POST requests.");
            if (Uri.AbsolutePath != "/" && request.Path.TrimEnd('/') != Uri.AbsolutePath.TrimEnd('/'))
                throw new BadHttpRequestException(404, "not_found", "Nothing is received at this path.");
            return (request, await Within(reader.ReadBodyAsync(request, patience.Token), patience.Token).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // A connection that merely lay idle is closed without a word.
            return reader.HasBegun ? throw new BadHttpRequestException(408, "request_timeout", "The request did not come in time.") : (null, []);
        }
    }

    private WebhookEvent Verify(HttpRequestHead request, byte[] body)
    {
        try
        {
            return _options.AllowUnverified && _options.Secrets.Count == 0
                ? WebhookEvent.ReadUnverified(body)
                : WebhookEvent.ReadVerified(body, request.Header(WebhookSignature.Header), _options.Secrets);
        }
        catch (WebhookSignatureException failure)
        {
            throw new BadHttpRequestException(401, "invalid_signature", failure.Message);
        }
        catch (FormatException failure)
        {
            throw new BadHttpRequestException(400, "invalid_event", failure.Message);
        }
    }

    private static async Task AnswerAsync(NetworkStream stream, int status, string body, bool keep)
    {
        var head = new StringBuilder("HTTP/1.1 ").Append(status.ToString(CultureInfo.InvariantCulture)).Append(' ').Append((HttpStatusCode)status).Append("\r\n");
        if (status == 405)
            head.Append("Allow: POST\r\n");
        if (body.Length > 0)
            head.Append("Content-Type: application/json\r\n");
        head.Append("Content-Length: ").Append(Encoding.UTF8.GetByteCount(body).ToString(CultureInfo.InvariantCulture)).Append("\r\n");
        if (!keep)
            head.Append("Connection: close\r\n");
        var bytes = Encoding.UTF8.GetBytes(head.Append("\r\n").Append(body).ToString());
        // A sender that does not read is left, not waited for.
        using var patience = new CancellationTokenSource(_lingerTimeout);
        await Within(stream.WriteAsync(bytes, 0, bytes.Length, patience.Token), patience.Token).ConfigureAwait(false);
    }

    /// <summary>Closes in a way that lets the sender read the answer: closed with bytes unread, a connection is reset.</summary>
    private static async Task LingerAsync(Socket socket, NetworkStream stream, CancellationToken cancellationToken)
    {
        socket.Shutdown(SocketShutdown.Send);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(_lingerTimeout);
        var rest = new byte[16 * 1024];
        for (var left = LingerBytes; left > 0;)
        {
            var read = await Within(stream.ReadAsync(rest, 0, rest.Length, patience.Token), patience.Token).ConfigureAwait(false);
            if (read == 0)
                return;
            left -= read;
        }
    }

    /// <summary>Waits no longer than the token allows; on .NET Framework a socket's read does not listen to it.</summary>
    private static async Task<T> Within<T>(Task<T> task, CancellationToken cancellationToken)
    {
        await Within((Task)task, cancellationToken).ConfigureAwait(false);
        return await task.ConfigureAwait(false);
    }

    private static async Task Within(Task task, CancellationToken cancellationToken)
    {
        var cancelled = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        using (cancellationToken.Register(() => cancelled.TrySetResult(true)))
        {
            if (await Task.WhenAny(task, cancelled.Task).ConfigureAwait(false) != task)
            {
                _ = task.ContinueWith(static ended => _ = ended.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
                throw new OperationCanceledException(cancellationToken);
            }
        }

        await task.ConfigureAwait(false);
    }

    private static IPAddress AddressOf(Uri uri)
    {
        if (uri.IsAbsoluteUri && uri.Scheme == System.Uri.UriSchemeHttp)
        {
            if (uri.Host == "localhost")
                return IPAddress.Loopback;
            if (IPAddress.TryParse(uri.DnsSafeHost, out var address))
                return address;
        }

        throw new ArgumentException($"'{uri}' is no address to listen at. A right one: {WebhookReceiverOptions.DefaultUri}, or http://0.0.0.0:8787/meshia-hook for all of this machine's addresses.");
    }

    private static string Body(string code, string message) =>
        JsonValue.ToText(new Dictionary<string, object?>
        {
            [ContractNames.Error] = new Dictionary<string, object?> { [ContractNames.Code] = code, [ContractNames.Message] = message },
        });
}
