using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace Meshia;

/// <summary>
/// Listens for deliveries, verifies them, and answers: 2xx when the caller has the event, 401 where the signature is
/// not right, and what HTTP has for everything else. A delivery that comes twice is an event once.
/// </summary>
public sealed class WebhookReceiver : IDisposable
{
    /// <summary>How long, and how many bytes, a refused sender is still listened to, so that it receives the refusal.</summary>
    private static readonly TimeSpan _lingerTimeout = TimeSpan.FromSeconds(2);
    private const int LingerBytes = 8 * 1024 * 1024;

    /// <summary>How long a delivery is remembered where its age does not matter.</summary>
    private static readonly TimeSpan _longestMemory = TimeSpan.FromHours(24);

    private readonly WebhookReceiverOptions _options;
    private readonly Func<WebhookEvent, CancellationToken, Task<bool>> _take;
    private readonly Action<ClientMessage>? _tell;
    private readonly DeliveryLog? _log;
    private readonly RecentDeliveries _recent;
    private readonly ReceiverSockets _sockets;
    private readonly OpenConnections _open;
    private readonly BrowserGuard? _guard;

    /// <summary>Begins to listen; deliveries wait until <see cref="RunAsync"/>.</summary>
    /// <param name="options">Where, and within which limits.</param>
    /// <param name="take">
    /// Takes an event: true once it is in safe hands, which is answered 200; false where it cannot be taken now, which is
    /// answered 503, so that the service sends it again. Called for several events at once.
    /// </param>
    /// <param name="tell">Is told of what was refused, in a line that holds nothing secret; from any thread.</param>
    /// <exception cref="ArgumentException">The address is not valid, or there is no secret.</exception>
    /// <exception cref="IOException">The port is taken, or the address is not this machine's.</exception>
    public WebhookReceiver(WebhookReceiverOptions options, Func<WebhookEvent, CancellationToken, Task<bool>> take, Action<ClientMessage>? tell = null)
    {
        _options = options ?? throw new ArgumentNullException(nameof(options));
        _take = take ?? throw new ArgumentNullException(nameof(take));
        _tell = tell;
        if (!options.AllowUnverified && options.Secrets.All(string.IsNullOrEmpty))
            throw new ArgumentException("There is no secret to verify deliveries with. Give the secret of the webhook.", nameof(options));
        _sockets = new ReceiverSockets(options.Uri);
        Uri = new UriBuilder(options.Uri) { Port = _sockets.Port }.Uri;
        _open = new(options.MaxConnections);
        _guard = options.AllowUnverified ? new(Uri) : null;
        try
        {
            _log = OpenLog();
        }
        catch
        {
            _sockets.Dispose();
            throw;
        }

        _recent = new(options.TimeProvider, _log);
    }

    /// <summary>Where it listens, with the port that it got.</summary>
    public Uri Uri { get; }

    /// <summary>Receives until cancelled; what has been taken by then is still answered.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var serving = new ConcurrentDictionary<Task, byte>();
        await _sockets.AcceptAsync(_open.WaitForPlaceAsync, Accept, failure => Tell(ClientMessageLevel.Notice, $"A connection failed: {failure.Message}"), cancellationToken).ConfigureAwait(false);
        await Task.WhenAll(serving.Keys).ConfigureAwait(false);

        void Accept(Socket socket)
        {
            var connection = new OpenConnection(socket);
            if (_open.Add(connection) is { } replaced)
                Tell(ClientMessageLevel.Notice, $"The connection of {replaced.Sender} was closed: it was idle the longest of {_options.MaxConnections}, and another sender connected.");
            var task = ServeAsync(connection, cancellationToken);
            serving[task] = 0;
            _ = task.ContinueWith(ended => serving.TryRemove(ended, out _), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    /// <summary>Listens no longer; call it once <see cref="RunAsync"/> has ended.</summary>
    public void Dispose()
    {
        _sockets.Dispose();
        _log?.Dispose();
    }

    /// <summary>Opens the record of what was received at this address before.</summary>
    private DeliveryLog? OpenLog()
    {
        if (_options.LogFolder is not { } folder || _options.Uri.Port == 0)
            return null;
        using var hash = SHA256.Create();
        var name = BitConverter.ToString(hash.ComputeHash(Encoding.UTF8.GetBytes(_options.Uri.AbsoluteUri)), 0, 8).Replace("-", "").ToLowerInvariant();
        OwnFile.CreateFolder(folder);
        var log = new DeliveryLog(Path.Combine(folder, $"{name}.log"), _options.TimeProvider.GetUtcNow());
        if (log.IsDamaged)
            Tell(ClientMessageLevel.Warning, $"The record of received deliveries was damaged and starts again: earlier deliveries may be received a second time.");
        return log;
    }

    private void Tell(ClientMessageLevel level, DisplayText text) => _tell?.Invoke(new(level, text));

    private async Task ServeAsync(OpenConnection connection, CancellationToken cancellationToken)
    {
        await Task.Yield();
        try
        {
            using var stream = new NetworkStream(connection.Socket);
            connection.Socket.NoDelay = true;
            var reader = new HttpRequestReader(stream, _options.MaxHeaderBytes, _options.MaxBodyBytes, connection.Mark);
            while (await ServeNextAsync(connection, stream, reader, cancellationToken).ConfigureAwait(false))
            {
            }
        }
        catch (Exception failure) when (failure is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The sender went away, another sender took its place, or the receiver ends: there is no sender to answer.
        }
        finally
        {
            connection.Close();
            _open.Remove(connection);
        }
    }

    /// <summary>Serves one request; false where it was the connection's last.</summary>
    private async Task<bool> ServeNextAsync(OpenConnection connection, NetworkStream stream, HttpRequestReader reader, CancellationToken cancellationToken)
    {
        try
        {
            var (request, body) = await ReadAsync(reader, cancellationToken).ConfigureAwait(false);
            if (request is null)
                return false;
            var received = Verify(request, body);
            _open.SetTaking(connection, true);
            var isTaken = await _recent.TakeOnceAsync(body, ForgetAt(received), () => _take(received, cancellationToken)).ConfigureAwait(false);
            var keep = isTaken && request.KeepsAlive && !cancellationToken.IsCancellationRequested;
            await AnswerAsync(stream, isTaken ? 200 : 503, isTaken ? "" : Body("busy", "The event could not be handled now. Send it again."), keep).ConfigureAwait(false);
            connection.Mark(hasBegun: false);
            return keep;
        }
        catch (BadHttpRequestException failure)
        {
            Tell(failure.IsSigned ? ClientMessageLevel.Warning : ClientMessageLevel.Notice, $"A request from {connection.Sender} was answered {failure.Status}: {failure.Message}");
            connection.Mark(hasBegun: false);
            await AnswerAsync(stream, failure.Status, Body(failure.Code, failure.Message), keep: false).ConfigureAwait(false);
            await LingerAsync(connection.Socket, stream, cancellationToken).ConfigureAwait(false);
            return false;
        }
        finally
        {
            _open.SetTaking(connection, false);
        }
    }

    /// <summary>Until then its age lets an event be taken; without a limit it is remembered for as long as the usual limit is.</summary>
    private DateTimeOffset ForgetAt(WebhookEvent received)
    {
        var now = _options.TimeProvider.GetUtcNow();
        var last = _options.MaximumAge is { } age && received.Timestamp is { } time && DateTimeOffset.MaxValue - time > age ? time + age : now + _longestMemory;
        return last > now ? last : now;
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
            if (_guard?.Problem(request) is { } problem)
                throw new BadHttpRequestException(403, "forbidden", problem);
            if (Uri.AbsolutePath != "/" && request.Path.TrimEnd('/') != Uri.AbsolutePath.TrimEnd('/'))
                throw new BadHttpRequestException(404, "not_found", "No webhook is received at this path.");
            return (request, await Within(reader.ReadBodyAsync(request, patience.Token), patience.Token).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // A connection that merely lay idle is closed without a word.
            return reader.HasBegun ? throw new BadHttpRequestException(408, "request_timeout", "The request did not arrive in time.") : (null, []);
        }
    }

    private WebhookEvent Verify(HttpRequestHead request, byte[] body)
    {
        try
        {
            var received = _options.AllowUnverified && _options.Secrets.Count == 0
                ? WebhookEvent.ReadUnverified(body)
                : WebhookEvent.ReadVerified(body, request.Header(WebhookSignature.Header), _options.Secrets);
            if (_options.MaximumAge is { } age)
                received.RequireFresh(age, _options.TimeProvider.GetUtcNow());
            return received;
        }
        catch (WebhookAgeException failure)
        {
            throw new BadHttpRequestException(400, "stale_event", failure.Message, isSigned: !_options.AllowUnverified);
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

    private static string Body(string code, string message) =>
        JsonValue.ToText(new Dictionary<string, object?>
        {
            [ContractNames.Error] = new Dictionary<string, object?> { [ContractNames.Code] = code, [ContractNames.Message] = message },
        });
}
