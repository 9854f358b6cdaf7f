using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Polly.Timeout;

namespace Meshia;

/// <summary>
/// The Meshia REST API: one method for each documented endpoint, and <see cref="SendAsync"/> for whatever the service
/// adds. Every request goes through one chain: retry → rate limit → time-out → authentication → trace → the wire.
/// Methods throw <see cref="MeshiaException"/> where the service or the way to it fails, <see cref="ArgumentException"/>
/// for a bad argument, and <see cref="OperationCanceledException"/> when cancelled.
/// </summary>
/// <remarks>
/// Retry stands outside the rate limit, since each attempt counts at the service. Instances are safe to use from
/// several threads.
/// </remarks>
public sealed partial class MeshiaClient : IDisposable
{
    private const int MostRedirects = 5;
    private const string RedirectCode = "unexpected_redirect";
    private const int MostPages = 10_000;
    private const int ReadSize = 16 * 1024;

    private static readonly TimeSpan _minute = TimeSpan.FromMinutes(1);

    /// <summary>Methods that HTTP calls idempotent; of one that it does not know, nobody can tell.</summary>
    private static readonly HashSet<string> _repeatable = new(["GET", "HEAD", "PUT", "DELETE", "OPTIONS"], StringComparer.OrdinalIgnoreCase);

    private readonly ApiKey _key;
    private readonly MeshiaClientOptions _options;
    private readonly Lazy<Chains> _chains;
    private readonly Action<ClientMessage>? _observer;
    private readonly Func<Task>? _beforeNextPage;
    private readonly Func<CancellationToken, Task>? _beforeRequest;
    private readonly ServiceState _service;
    private readonly bool _isCopy;

    /// <summary>Makes a client; no request is sent yet.</summary>
    /// <param name="key">The key of the account.</param>
    /// <param name="options">Address, time-outs and limits; the defaults where null.</param>
    /// <exception cref="ArgumentException">The address is not an https one, nor http on loopback.</exception>
    public MeshiaClient(ApiKey key, MeshiaClientOptions? options = null)
        : this(key, options ?? new(), new ServiceState())
    {
    }

    private MeshiaClient(ApiKey key, MeshiaClientOptions options, ServiceState service)
    {
        _key = key ?? throw new ArgumentNullException(nameof(key));
        (_options, _service) = (options, service);
        _options.Validate();
        _chains = new(() => new(_key, _options));
    }

    private MeshiaClient(MeshiaClient other, Action<ClientMessage>? observer, Func<Task>? beforeNextPage, Func<CancellationToken, Task>? beforeRequest = null)
    {
        (_key, _options, _chains, _service) = (other._key, other._options, other._chains, other._service);
        (_observer, _beforeNextPage, _beforeRequest, _isCopy) = (observer, beforeNextPage, beforeRequest, true);
    }

    /// <summary>Where the service is.</summary>
    public Uri BaseUri => _options.BaseUri;

    /// <summary>
    /// How many requests may go at once: never more than this process's own count, nor than the service's last answer
    /// left in its minute while that is not over.
    /// </summary>
    public int RequestsLeft
    {
        get
        {
            var own = _chains.Value.Limit.Available ?? _options.RequestsPerMinute;
            return _service.RequestsLeft is { } left && _options.TimeProvider.GetElapsedTime(_service.AnsweredAt) < _minute ? Math.Min(own, left) : own;
        }
    }

    private HttpClient Api => _chains.Value.Api;

    private HttpClient Storage => _chains.Value.Storage;

    internal TimeProvider Clock => _options.TimeProvider;

    /// <summary>How many requests may have changed something at the service.</summary>
    internal int Changes => _service.Changes;

    /// <summary>The same client, telling somebody what happens on the way; it ends with the one that it was made of.</summary>
    /// <param name="observer">Called from any thread.</param>
    /// <param name="beforeNextPage">What a list waits for before it fetches another page: a reader that runs ahead of its own consumer must not spend requests that nobody wants.</param>
    public MeshiaClient Observe(Action<ClientMessage> observer, Func<Task>? beforeNextPage = null) => new(this, observer, beforeNextPage);

    /// <summary>
    /// The same client for somebody who asks again and again: each request waits for its turn, and none is sent again
    /// unless it surely did not count, since the next look does that.
    /// </summary>
    internal MeshiaClient Pace(Func<CancellationToken, Task> beforeRequest) => new(this, _observer, _beforeNextPage, beforeRequest);

    /// <summary>A client of the same account that tries each request once, reads one page of a list and gives up early.</summary>
    internal MeshiaClient Once(TimeSpan timeout) => new(
        _key,
        new() { BaseUri = BaseUri, MaxRetries = 0, FirstPageOnly = true, RequestTimeout = timeout, TotalTimeout = timeout, RequestsPerMinute = _options.RequestsPerMinute, TimeProvider = _options.TimeProvider },
        _service);

    /// <summary>Sends any request of the API with the same key, limit and retry as all others.</summary>
    /// <param name="method">GET, HEAD, PUT and DELETE are repeated where that can help; others only where they surely did nothing.</param>
    /// <param name="path">Below the base address, as in <c>/sessions?status=running</c>.</param>
    /// <param name="body">Plain values to send as JSON, or null for no body.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The answer's JSON as plain values; its text where it is not JSON; null where it is empty.</returns>
    public async Task<object?> SendAsync(HttpMethod method, string path, object? body = null, CancellationToken cancellationToken = default)
    {
        using var response = await CallAsync(method, path, body is null ? null : JsonValue.ToBytes(body), _repeatable.Contains(method.Method), cancellationToken).ConfigureAwait(false);
        return await ApiResponse.ReadAnyAsync(response).ConfigureAwait(false);
    }

    /// <summary>Reads JSON text into the plain values that <see cref="SendAsync"/> takes.</summary>
    /// <exception cref="FormatException">It is not JSON.</exception>
    public static object? ParseJson(string text)
    {
        try
        {
            return JsonValue.Parse(Encoding.UTF8.GetBytes(text));
        }
        catch (JsonException failure)
        {
            throw new FormatException($"It is not JSON: {failure.Message}", failure);
        }
    }

    /// <summary>Ends the client's own requests; connections are shared by all clients and stay.</summary>
    public void Dispose()
    {
        if (_isCopy || !_chains.IsValueCreated)
            return;
        Api.Dispose();
        Storage.Dispose();
    }

    /// <summary>Checks an id and makes it a part of a path.</summary>
    private static string Segment(string id, string parameter)
    {
        // "." and ".." would be resolved by the address itself and reach another endpoint.
        if (string.IsNullOrWhiteSpace(id) || id is "." or ".." || id.Any(char.IsControl))
            throw new ArgumentException($"'{id}' is not an id.", parameter);
        return Uri.EscapeDataString(id);
    }

    private async Task<T> GetAsync<T>(string path, Func<object?, T> convert, CancellationToken cancellationToken)
    {
        using var response = await CallAsync(HttpMethod.Get, path, null, isRepeatable: true, cancellationToken).ConfigureAwait(false);
        return await ApiResponse.ReadAsync(response, convert).ConfigureAwait(false);
    }

    /// <summary>Sends a request whose answer is complete when this returns.</summary>
    private Task<HttpResponseMessage> CallAsync(HttpMethod method, string path, byte[]? body, bool isRepeatable, CancellationToken cancellationToken) =>
        FollowAsync(Api, method, Resolve(path), body, new(isRepeatable, Streams: false, _options.TimeProvider.GetTimestamp(), _observer), cancellationToken);

    private async Task<HttpResponseMessage> FollowAsync(HttpClient client, HttpMethod method, Uri uri, byte[]? body, CallContext call, CancellationToken cancellationToken)
    {
        if (_beforeRequest is not null)
            call = call with { IsRepeatable = false };
        for (var redirects = 0; ; redirects++)
        {
            if (_beforeRequest is not null)
                await _beforeRequest(cancellationToken).ConfigureAwait(false);
            var response = await SendOnceAsync(client, method, uri, body, call, cancellationToken).ConfigureAwait(false);
            if (response.IsSuccessStatusCode)
            {
                if (method != HttpMethod.Get && method != HttpMethod.Head)
                    _service.CountChange();
                return response;
            }

            using (response)
            {
                if ((int)response.StatusCode is not (301 or 302 or 303 or 307 or 308) || response.Headers.Location is not { } location)
                    throw await ErrorAsync(response, call).ConfigureAwait(false);
                var target = new Uri(uri, location);
                if (!AuthenticationHandler.SameOrigin(target, uri))
                    throw Redirected(response, $"The service redirects to another host, {target.Host}; the key was not sent there.");
                if (method != HttpMethod.Get && method != HttpMethod.Head)
                    throw Redirected(response, $"The service redirects a {method} to {target.AbsolutePath}; it was not sent a second time.");
                if (redirects == MostRedirects)
                    throw Redirected(response, "The service redirects in a circle.");
                uri = target;
            }
        }
    }

    private async Task<MeshiaException> ErrorAsync(HttpResponseMessage response, CallContext call)
    {
        // The key first: a secret could be a part of it.
        var error = await ApiResponse.ErrorAsync(response, text => _service.SentSecrets.Keys.Aggregate(_key.Redact(text), static (rest, secret) => Redaction.Remove(rest, secret, "…"))).ConfigureAwait(false);
        (error.Attempts, error.MayHaveBeenDone) = (call.Attempts, call.MayHaveBeenDone);
        return error;
    }

    private static MeshiaException Redirected(HttpResponseMessage response, string message) => new(MeshiaFailure.InvalidAnswer, RedirectCode, $"{message} (status {(int)response.StatusCode})")
    {
        StatusCode = response.StatusCode,
        RequestId = ApiResponse.RequestIdOf(response),
        RecommendedAction = "Check the address of the service.",
    };

    private async Task<HttpResponseMessage> SendOnceAsync(HttpClient client, HttpMethod method, Uri uri, byte[]? body, CallContext call, CancellationToken cancellationToken, RangeHeaderValue? range = null, EntityTagHeaderValue? ifRange = null)
    {
        using var request = new HttpRequestMessage(method, uri);
        call.AttachTo(request);
        if (client == Api)
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        if (body is not null)
            request.Content = new ByteArrayContent(body) { Headers = { ContentType = new("application/json") } };
        request.Headers.Range = range;
        if (ifRange is not null)
            request.Headers.IfRange = new(ifRange);
        try
        {
            var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
            if (client == Api && response.Headers.Date is { } serviceTime)
                _service.ClockAhead = serviceTime - _options.TimeProvider.GetUtcNow();
            if (client == Api)
                (_service.RequestsLeft, _service.AnsweredAt) = (ApiResponse.RequestsLeftOf(response), _options.TimeProvider.GetTimestamp());
            return response;
        }
        catch (TimeoutRejectedException failure)
        {
            throw new MeshiaException(MeshiaFailure.TimedOut, "timed_out", $"No answer from {uri.Host} within {failure.Timeout.TotalSeconds:0.#} s.{(call.LastFailure is { } last ? $" The last attempt before: {last}." : "")}", failure)
            {
                RecommendedAction = "Check the network and the service's status, then try again.",
                Attempts = call.Attempts,
            };
        }
        catch (AnswerTooLongException failure)
        {
            throw new MeshiaException(MeshiaFailure.InvalidAnswer, "invalid_answer", $"The answer of {uri.Host} is longer than any of the API ({failure.Message}).") { Attempts = call.Attempts };
        }
        catch (HttpRequestException failure)
        {
            throw Unreachable(uri, failure, call);
        }
    }

    private static MeshiaException Unreachable(Uri uri, Exception failure, CallContext call) => new(
        MeshiaFailure.Unreachable,
        "unreachable",
        $"The connection to {uri.Host}:{uri.Port} failed: {failure.GetBaseException().Message}",
        failure)
    {
        RecommendedAction = "Check the address, the network and the proxy settings, then try again.",
        Attempts = call.Attempts,
    };

    /// <summary>Puts a path below the base address, and nowhere else.</summary>
    private Uri Resolve(string path)
    {
        var root = BaseUri.AbsoluteUri.TrimEnd('/') + "/";
        if (!Uri.TryCreate(root + path.TrimStart('/'), UriKind.Absolute, out var uri) || !uri.AbsoluteUri.StartsWith(root, StringComparison.Ordinal))
            throw new ArgumentException($"The path '{path}' leads out of {root}. A right one: /sessions", nameof(path));
        return uri;
    }

    /// <summary>What is known of the service; shared by all copies of a client.</summary>
    private sealed class ServiceState
    {
        private int _changes;

        /// <summary>How many requests may have changed something.</summary>
        public int Changes => Volatile.Read(ref _changes);

        /// <summary>How far the service's clock is ahead of this machine's, as its last answer showed.</summary>
        public TimeSpan ClockAhead { get; set; }

        /// <summary>Secrets that it was sent: its errors may repeat them, and ours must not.</summary>
        public ConcurrentDictionary<string, bool> SentSecrets { get; } = new(StringComparer.Ordinal);

        /// <summary>How many requests its last answer left in the minute, where it said so.</summary>
        public int? RequestsLeft { get; set; }

        /// <summary>When that was, by the clock's timestamp.</summary>
        public long AnsweredAt { get; set; }

        public void CountChange() => Interlocked.Increment(ref _changes);
    }

    /// <summary>What every request goes through. It is made for the first one: until then nobody needs the libraries under it.</summary>
    private sealed class Chains
    {
        public Chains(ApiKey key, MeshiaClientOptions options)
        {
            Limit = new(key, options.RequestsPerMinute);
            Api = Chain(
                new ResilienceHandler(Resilience.Calls(options)),
                Limit,
                new ResilienceHandler(Resilience.Attempts(options)),
                new AuthenticationHandler(key, options.BaseUri),
                new TraceHandler());
            // A download repeats its requests itself: it knows whether there is progress.
            Storage = Chain(
                new ResilienceHandler(Resilience.Attempts(options)),
                new TraceHandler());
        }

        public RateLimitHandler Limit { get; }

        public HttpClient Api { get; }

        public HttpClient Storage { get; }

        private static HttpClient Chain(params DelegatingHandler[] handlers)
        {
            HttpMessageHandler inner = ConnectionPool.Handler;
            foreach (var handler in Enumerable.Reverse(handlers))
            {
                handler.InnerHandler = inner;
                inner = handler;
            }

            var client = new HttpClient(inner, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan };
            client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("Meshia.PowerShell", typeof(MeshiaClient).Assembly.GetName().Version!.ToString(3)));
            return client;
        }
    }
}
