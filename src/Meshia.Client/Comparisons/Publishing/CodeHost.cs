using System.Net;

namespace Meshia;

/// <summary>The API of GitHub or Azure DevOps. The token goes to its own address and nowhere else.</summary>
internal sealed class CodeHost : IDisposable
{
    /// <summary>A POST of a text is answered within seconds.</summary>
    private static readonly TimeSpan _requestTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _totalTimeout = TimeSpan.FromSeconds(90);
    private const int MaxRetries = 4;

    private readonly string _name;
    private readonly string _howToAllow;
    private readonly MeshiaClientOptions _options;
    private readonly HttpClient _client;

    /// <param name="name">The system, for messages.</param>
    /// <param name="baseUri">The address of its API.</param>
    /// <param name="token">The token.</param>
    /// <param name="howToAllow">What the token needs, for the error that it has not.</param>
    /// <param name="observer">Is told what happens.</param>
    public CodeHost(string name, Uri baseUri, string token, string howToAllow, Action<ClientMessage>? observer)
    {
        (_name, _howToAllow) = (name, howToAllow);
        _options = new() { BaseUri = baseUri, RequestTimeout = _requestTimeout, TotalTimeout = _totalTimeout, MaxRetries = MaxRetries, Observer = observer };
        _client = HandlerChain.ToCodeHost(token, _options);
    }

    /// <summary>An address of the API.</summary>
    /// <param name="path">The path below the base address.</param>
    public Uri Resolve(string path) => ApiPath.Resolve(_options.BaseUri, path);

    /// <summary>Sends a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The answer's JSON as plain values, and the address of the next page where the answer names one.</returns>
    /// <exception cref="MeshiaException">It is refused or gets no answer; <see cref="MeshiaException.MayHaveBeenDone"/> says whether it may have been done.</exception>
    public async Task<(object? Json, Uri? NextPage)> SendAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        var call = new CallContext(request, null, _options);
        try
        {
            using var response = await Transport.SendAsync(_client, call, readsJson: true, cancellationToken).ConfigureAwait(false);
            if (!response.IsSuccessStatusCode)
                throw await ApiResponse.ErrorAsync(response, _options.TimeProvider.GetUtcNow()).ConfigureAwait(false);
            return (await ApiResponse.ReadAsync(response).ConfigureAwait(false), NextPageOf(response, request.Uri));
        }
        catch (MeshiaException failure)
        {
            throw Explain(failure, call);
        }
    }

    /// <summary>Sends JSON.</summary>
    /// <param name="method">The HTTP method.</param>
    /// <param name="path">The path below the base address.</param>
    /// <param name="body">Plain values.</param>
    /// <param name="isRepeatable">Whether sending it twice does no more than sending it once.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<object?> SendAsync(string method, string path, object? body, bool isRepeatable, CancellationToken cancellationToken)
    {
        var request = new ApiRequest(new HttpMethod(method), Resolve(path)) { Body = body is null ? null : JsonValue.ToBytes(body), IsRepeatable = isRepeatable };
        return (await SendAsync(request, cancellationToken).ConfigureAwait(false)).Json;
    }

    /// <summary>An answer that is not what the system's documentation says.</summary>
    public MeshiaException Invalid(DisplayText what) => new(MeshiaFailure.InvalidAnswer, "invalid_answer", $"{_name} answered with {what}.") { RecommendedAction = _howToAllow };

    /// <summary>Waits on the client's clock.</summary>
    public Task WaitAsync(TimeSpan time, CancellationToken cancellationToken) => _options.TimeProvider.WaitAsync(time, cancellationToken);

    public void Dispose() => _client.Dispose();

    private Uri? NextPageOf(HttpResponseMessage response, Uri page)
    {
        if (NextPage.InHeader(response) is not { } link)
            return null;
        return Uri.TryCreate(page, link, out var next) && ApiPath.IsSameOrigin(next, page) ? next : throw Invalid($"a list that goes on at another host, which was not asked");
    }

    /// <summary>The same failure with the name of the system, and with advice about the token.</summary>
    private MeshiaException Explain(MeshiaException failure, CallContext call)
    {
        var isTokens = failure.Failure == MeshiaFailure.InvalidAnswer || failure.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.NotFound;
        DisplayText? prefix = failure.Message.StartsWith(_name, StringComparison.Ordinal) ? null : (DisplayText)$"{_name}: ";
        return new(failure.Failure, failure.Code, $"{prefix}{failure.Message:long}", failure.Cause)
        {
            StatusCode = failure.StatusCode,
            RequestId = failure.RequestId,
            RetryAfter = failure.RetryAfter,
            Attempts = call.Attempts,
            RecommendedAction = isTokens ? _howToAllow : "Check the network and the status of the system, then run the job again.",
            MayHaveBeenDone = call.MayHaveBeenDone || Resilience.MayHaveBeenDone(failure, call),
        };
    }
}
