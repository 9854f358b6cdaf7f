using System.Net;
using System.Net.Http.Headers;

namespace Meshia;

/// <summary>Sends a call of the API through its <see cref="HandlerChain"/> and gives back its answer, or the error that a caller can act on.</summary>
internal sealed class Transport : IDisposable
{
    private readonly CurrentKey _key;
    private readonly Lazy<Chains> _chains;

    /// <exception cref="ArgumentException">An option or an environment variable is not valid.</exception>
    public Transport(ApiKey key, MeshiaClientOptions options)
    {
        options.Validate();
        (_key, Options, Service) = (new(key), options, new(options.TimeProvider));
        RequestsPerMinute = Math.Min(options.RequestsPerMinute, RequestBudget.LimitFromEnvironment() ?? int.MaxValue);
        // Made for the first call: until then the libraries below it are not loaded.
        _chains = new(() => new(HandlerChain.ToService(_key, options, new(() => Budget, options)), HandlerChain.ToStorage(options)));
    }

    /// <summary>The key of the account.</summary>
    public ApiKey Key
    {
        get => _key.Value;
        set => _key.Value = value;
    }

    public MeshiaClientOptions Options { get; }

    /// <summary>What the answers of the service have told so far.</summary>
    public ServiceState Service { get; }

    /// <summary>Requests in any minute, of all processes of this machine.</summary>
    public int RequestsPerMinute { get; }

    /// <summary>What the processes of this machine share for the key in use; null if there is no limit.</summary>
    public RequestBudget? Budget => RequestsPerMinute > BudgetPage.Slots ? null : RequestBudget.Of(Options.BaseUri, Key, RequestsPerMinute, Options.TimeProvider);

    /// <summary>How many requests are left in this minute by the count of this machine's processes.</summary>
    public int? OwnRequestsLeft => Budget?.Look() is { } state ? Math.Max(0, state.Limit - state.Used) : null;

    /// <summary>How many requests are left in this minute: never more than by this machine's own count, nor than the service said.</summary>
    public int RequestsLeft
    {
        get
        {
            var own = OwnRequestsLeft ?? RequestsPerMinute;
            return Service.RequestsLeft is { } left ? Math.Min(own, left) : own;
        }
    }

    /// <summary>A request to the service.</summary>
    /// <param name="method">The HTTP method.</param>
    /// <param name="path">The path below the base address.</param>
    /// <exception cref="ArgumentException">The path leads out of the base address.</exception>
    public ApiRequest Request(HttpMethod method, string path) => new(method, ApiPath.Resolve(Options.BaseUri, path));

    /// <summary>Gets an object.</summary>
    /// <param name="path">The path of its kind, as in <c>sessions</c>.</param>
    /// <param name="id">Its id.</param>
    /// <param name="convert">Reads it.</param>
    /// <param name="options">The settings of the call.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    [AsyncMethodBuilder(typeof(PrecompiledTask<>))]
    public async Task<T> GetAsync<T>(string path, string id, Func<object?, T> convert, CallOptions? options, CancellationToken cancellationToken)
        where T : IServiceObject
    {
        var call = new CallContext(Request(HttpMethod.Get, $"{path}/{ApiPath.Segment(id, nameof(id))}"), options, Options);
        using var response = await SendAsync(call, cancellationToken).ConfigureAwait(false);
        var thing = await ApiResponse.ReadAsync(response, convert).ConfigureAwait(false);
        Service.TellOnce(thing.Doubt, call);
        Service.TellOnce(FieldDoubt.OfOtherId(id, thing.Id), call);
        return thing;
    }

    /// <summary>Sends a request to the service.</summary>
    /// <returns>An answer that says success.</returns>
    /// <exception cref="MeshiaException">The service refuses it, or it gets no answer.</exception>
    public Task<HttpResponseMessage> SendAsync(ApiRequest request, CallOptions? options, CancellationToken cancellationToken) =>
        SendAsync(new CallContext(request, options, Options), cancellationToken);

    /// <summary>The same, for a caller that reads afterwards what became of the call.</summary>
    public Task<HttpResponseMessage> SendAsync(CallContext call, CancellationToken cancellationToken) =>
        AuditLog.FilePath is { } path && AuditLog.ActionOf(call.Request, Options.BaseUri) is { } action
            ? new AuditedCall(action, path, call, Key, Options.TimeProvider).SendAsync(() => SendToServiceAsync(call, cancellationToken))
            : SendToServiceAsync(call, cancellationToken);

    [AsyncMethodBuilder(typeof(PrecompiledTask<>))]
    private async Task<HttpResponseMessage> SendToServiceAsync(CallContext call, CancellationToken cancellationToken)
    {
        var response = await SendAsync(_chains.Value.Service, call, readsJson: true, cancellationToken).ConfigureAwait(false);
        Service.Learn(response, call.Request.Method);
        if (response.IsSuccessStatusCode || (call.Request.ReadsRedirect && RedirectHandler.TargetOf(response, call.Request.Uri) is not null))
            return response;
        using (response)
        {
            var error = await ApiResponse.ErrorAsync(response, Options.TimeProvider.GetUtcNow()).ConfigureAwait(false);
            (error.Attempts, error.MayHaveBeenDone) = (call.Attempts, call.MayHaveBeenDone);
            throw error;
        }
    }

    /// <summary>Sends a request to the host that stores a file. The key does not go there.</summary>
    /// <returns>Its answer, whatever the status.</returns>
    /// <exception cref="MeshiaException">It gets no answer.</exception>
    public Task<HttpResponseMessage> SendToStorageAsync(ApiRequest request, CallOptions? options, CancellationToken cancellationToken) =>
        SendAsync(_chains.Value.Storage, new(request, options, Options), readsJson: false, cancellationToken);

    public void Dispose()
    {
        if (!_chains.IsValueCreated)
            return;
        _chains.Value.Service.Dispose();
        _chains.Value.Storage.Dispose();
    }

    /// <summary>A connection that failed.</summary>
    public static MeshiaException Unreachable(Uri uri, Exception failure, CallContext call) =>
        Resilience.RefusalOfProxy(failure) is { } status ? RefusedByProxy(uri, status, failure, call)
        : Resilience.RefusesClient(failure) ? RefusedForCertificate(uri, failure, call)
        : NoConnection(uri, failure, call);

    private static MeshiaException NoConnection(Uri uri, Exception failure, CallContext call) => new(
        MeshiaFailure.Unreachable,
        "unreachable",
        $"The connection to {uri.Host}:{uri.Port} failed: {(failure is BodyReader.BrokenException ? failure : failure.GetBaseException()).Message:long}",
        failure)
    {
        RecommendedAction = call.ClientCertificate is null
            ? "Check the address, the network and the proxy settings, then try again."
            : $"Check the address, the network and the proxy settings, and whether the service accepts the client certificate {call.ClientCertificate.Subject}.",
        Attempts = call.Attempts,
    };

    private static MeshiaException RefusedForCertificate(Uri uri, Exception failure, CallContext call) => new(
        MeshiaFailure.Unreachable,
        "certificate_refused",
        call.ClientCertificate is { } certificate
            ? (DisplayText)$"{uri.Host}:{uri.Port} refuses the client certificate {certificate.Subject:long}: {failure.GetBaseException().Message:long}"
            : (DisplayText)$"{uri.Host}:{uri.Port} requires a client certificate, and none was sent: {failure.GetBaseException().Message:long}",
        failure)
    {
        RecommendedAction = "Give the service's operator the certificate to accept, or use another one: Connect-Meshia -CertificatePath, or the environment variable MESHIA_CLIENT_CERTIFICATE.",
        Attempts = call.Attempts,
    };

    private static MeshiaException RefusedByProxy(Uri uri, HttpStatusCode status, Exception failure, CallContext call) => new(
        MeshiaFailure.Unreachable,
        "proxy_refused",
        (int)status == 407
            ? (DisplayText)$"The proxy in front of {uri.Host}:{uri.Port} needs a user name and a password, or refused them (status 407). Nothing was sent to the service."
            : (DisplayText)$"The proxy in front of {uri.Host}:{uri.Port} refused the request (status {(int)status}). Nothing was sent to the service.",
        failure)
    {
        RecommendedAction = "Check the environment variable HTTPS_PROXY (http://user:password@host:port), or the proxy settings of Windows. Or let your administrator allow the host, or add it to NO_PROXY.",
        Attempts = call.Attempts,
    };

    /// <summary>Sends a request through a chain of <see cref="HandlerChain"/>.</summary>
    /// <param name="client">The chain.</param>
    /// <param name="call">The request, with what is known about the call.</param>
    /// <param name="readsJson">Whether the answer is read as JSON, and not kept as a file.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The answer, whatever the status.</returns>
    /// <exception cref="MeshiaException">It gets no answer.</exception>
    [AsyncMethodBuilder(typeof(PrecompiledTask<>))]
    internal static async Task<HttpResponseMessage> SendAsync(HttpClient client, CallContext call, bool readsJson, CancellationToken cancellationToken)
    {
        var uri = call.Request.Uri;
        using var message = new HttpRequestMessage(call.Request.Method, uri);
        call.AttachTo(message);
        if (readsJson)
        {
            message.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
            // A state from a cache on the way may be minutes old, and what is done because of it costs money.
            message.Headers.CacheControl = new() { NoCache = true };
        }
        else
        {
            message.Headers.AcceptEncoding.Add(new("identity"));
        }

        message.Headers.Range = call.Request.Range;
        if (call.Request.IfRange is { } version)
            message.Headers.IfRange = new(version);
        try
        {
            return await client.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeOverException failure)
        {
            var before = call.LastFailure is { } last ? (DisplayText)$" The last attempt before: {last:long}." : null;
            throw new MeshiaException(MeshiaFailure.TimedOut, "timed_out", $"No answer from {uri.Host} within {failure.Limit.TotalSeconds:0.#} s.{before}", failure)
            {
                RecommendedAction = "Check the network and the status of the service, then try again.",
                Attempts = call.Attempts,
            };
        }
        catch (PausedException failure)
        {
            throw new MeshiaException(MeshiaFailure.TimedOut, "rate_limited", $"Nothing was sent: the service answered 429 to another request with this key, and the wait of {SpokenTime.Of(failure.Pause)} is longer than this call may take.", failure)
            {
                RecommendedAction = "Wait, or find out which scripts use the same key: Get-MeshiaRateLimit shows those of this machine. Give each script its own key.",
                Attempts = call.Attempts,
                RetryAfter = failure.Pause,
            };
        }
        catch (AnswerTooLongException failure)
        {
            throw new MeshiaException(MeshiaFailure.InvalidAnswer, "invalid_answer", $"The answer of {uri.Host} is too long for the API ({failure.Message}).") { Attempts = call.Attempts };
        }
        catch (HttpRequestException failure)
        {
            throw Unreachable(uri, failure, call);
        }
    }

    /// <summary>The ways of a request.</summary>
    private sealed record Chains(HttpClient Service, HttpClient Storage);
}
