using System.Net.Http.Headers;

namespace Meshia;

/// <summary>
/// The one place that states what a request goes through, and in which order. Retry stands outside the rate limit, since
/// each attempt counts at the service; what completes an answer stands inside retry, since an answer that breaks off is a
/// failed attempt.
/// </summary>
internal static class HandlerChain
{
    /// <summary>The way to the service.</summary>
    public static HttpClient ToService(CurrentKey key, MeshiaClientOptions options, RateLimitHandler limit) => Build(
        ConnectionPool.For(options),
        new TimeLimitHandler(static call => call.TotalTimeout),
        new RedirectHandler(RefuseRedirectOfService),
        new RetryHandler(options),
        new KeyRenewalHandler(key),
        limit,
        new TimeLimitHandler(_ => options.RequestTimeout),
        new AuthenticationHandler(() => key.Value.Reveal(), options.BaseUri),
        new TraceHandler(),
        new BufferHandler(),
        new DecodingHandler(),
        new SingleSendHandler());

    /// <summary>
    /// The way to the host that stores files. The key is not on it, and neither are retry and limit: a download repeats its
    /// requests itself, since it knows whether there is progress, and they do not count at the service.
    /// </summary>
    public static HttpClient ToStorage(MeshiaClientOptions options) => Build(
        ConnectionPool.Handler,
        new TimeLimitHandler(static call => call.TotalTimeout),
        new RedirectHandler((_, target) => SignedUrl.IsAllowed(target, options.BaseUri) ? null : (DisplayText)$"The storage redirects to {target.Scheme}://{target.Host}, where the file would be sent unencrypted."),
        new TimeLimitHandler(_ => options.RequestTimeout),
        new TraceHandler(),
        new BufferHandler(),
        new SingleSendHandler());

    /// <summary>The way to the API of GitHub or Azure DevOps. It knows nothing of the key, and has no limit of requests that this module could keep.</summary>
    /// <param name="token">The token of that API.</param>
    /// <param name="options">The address and the times.</param>
    public static HttpClient ToCodeHost(string token, MeshiaClientOptions options) => Build(
        ConnectionPool.Handler,
        new TimeLimitHandler(static call => call.TotalTimeout),
        new RedirectHandler(RefuseRedirectOfService),
        new RetryHandler(options),
        new TimeLimitHandler(_ => options.RequestTimeout),
        new AuthenticationHandler(() => token, options.BaseUri),
        new TraceHandler(),
        new BufferHandler(),
        new DecodingHandler(),
        new SingleSendHandler());

    private static DisplayText? RefuseRedirectOfService(HttpRequestMessage request, Uri target)
    {
        if (!ApiPath.IsSameOrigin(target, request.RequestUri!))
            return $"The service redirects to another host, {(target.Host.Length > 0 ? target.Host : target.Scheme)}; the key was not sent there.";
        return ApiRequest.IsSafe(request.Method) ? null : (DisplayText)$"The service redirects a {request.Method} to {target.AbsolutePath}; it was not sent again.";
    }

    private static HttpClient Build(HttpMessageHandler connections, params DelegatingHandler[] handlers)
    {
        var inner = connections;
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
