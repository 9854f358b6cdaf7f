using System.Net.Http.Headers;

namespace Meshia;

/// <summary>Puts the key on a request to the service itself, and on no other.</summary>
internal sealed class AuthenticationHandler(CurrentKey key, Uri baseUri) : DelegatingHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (!ApiPath.IsSameOrigin(request.RequestUri!, baseUri))
            throw new InvalidOperationException($"A request to {request.RequestUri!.Host} must not carry the key.");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key.Value.Reveal());
        return base.SendAsync(request, cancellationToken);
    }
}
