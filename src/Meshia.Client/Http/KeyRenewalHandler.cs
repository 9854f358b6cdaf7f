using System.Net;

namespace Meshia;

/// <summary>The key that requests carry from now on.</summary>
internal sealed class CurrentKey(ApiKey key)
{
    /// <summary>The key.</summary>
    public ApiKey Value { get; set; } = key;
}

/// <summary>
/// Goes on with the key that the vault keeps now, where the service refuses the one in use: a key that is rotated while a
/// pipeline runs does not end it. A request that was refused for its key did nothing, so any request may be sent again.
/// </summary>
internal sealed class KeyRenewalHandler(CurrentKey key) : DelegatingHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        CallContext.Of(request).RenewKey is { } renew ? SendAsync(request, renew, cancellationToken) : base.SendAsync(request, cancellationToken);

    [AsyncMethodBuilder(typeof(PrecompiledTask<>))]
    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, Func<ApiKey, Task<ApiKey?>> renew, CancellationToken cancellationToken)
    {
        var used = key.Value;
        var response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode != HttpStatusCode.Unauthorized)
            return response;
        if (ReferenceEquals(used, key.Value))
        {
            if (await renew(used).ConfigureAwait(false) is not { } renewed)
                return response;
            key.Value = renewed;
        }

        response.Dispose();
        return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
    }
}
