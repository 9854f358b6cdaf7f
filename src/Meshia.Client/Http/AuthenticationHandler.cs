using System.Net.Http.Headers;

namespace Meshia;

/// <summary>Puts a key or a token on a request to its own service, and on no other.</summary>
/// <param name="secret">Gives the key or the token.</param>
/// <param name="baseUri">The address of the service.</param>
internal sealed class AuthenticationHandler(Func<string> secret, Uri baseUri) : DelegatingHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (!ApiPath.IsSameOrigin(request.RequestUri!, baseUri))
            throw new InvalidOperationException($"A request to {request.RequestUri!.Host} must not carry the key.");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", secret());
        return base.SendAsync(request, cancellationToken);
    }
}
