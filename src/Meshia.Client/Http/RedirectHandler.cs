namespace Meshia;

/// <summary>Follows the redirects that a rule allows, each with everything that the handlers below do for a request.</summary>
/// <param name="refuse">The rule: says why a request must not go to an address; null if it may.</param>
internal sealed class RedirectHandler(Func<HttpRequestMessage, Uri, DisplayText?> refuse) : DelegatingHandler
{
    /// <summary>The code of the error for a redirect that is not followed.</summary>
    public const string ErrorCode = "unexpected_redirect";

    private const int MostRedirects = 5;

    /// <summary>Where an answer redirects to; null for any other answer.</summary>
    public static Uri? TargetOf(HttpResponseMessage response, Uri from) =>
        (int)response.StatusCode is 301 or 302 or 303 or 307 or 308 && response.Headers.Location is { } location ? ExactUri.Combine(from, location) : null;

    [AsyncMethodBuilder(typeof(PrecompiledTask<>))]
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        for (var redirects = 0; ; redirects++)
        {
            var response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
            if (CallContext.Of(request).Request.ReadsRedirect || TargetOf(response, request.RequestUri!) is not { } target)
                return response;
            using (response)
            {
                if (refuse(request, target) is { } reason)
                    throw Refused(response, reason);
                if (redirects == MostRedirects)
                    throw Refused(response, $"{request.RequestUri!.Host} redirects without end.");
                request.RequestUri = target;
            }
        }
    }

    private static MeshiaException Refused(HttpResponseMessage response, DisplayText reason) => new(MeshiaFailure.InvalidAnswer, ErrorCode, $"{reason} (status {(int)response.StatusCode})")
    {
        StatusCode = response.StatusCode,
        RequestId = ApiResponse.RequestIdOf(response),
        Location = response.Headers.Location,
        RecommendedAction = "Check the address of the service.",
    };
}
