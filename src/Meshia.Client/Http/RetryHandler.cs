namespace Meshia;

/// <summary>Sends a request again where an attempt failed and <see cref="Resilience"/> allows another.</summary>
/// <param name="options">The settings of the client.</param>
internal sealed class RetryHandler(MeshiaClientOptions options) : DelegatingHandler
{
    private RetryPipeline? _pipeline;

    [AsyncMethodBuilder(typeof(PrecompiledTask<>))]
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var call = CallContext.Of(request);
        Attempt first;
        try
        {
            first = new(await base.SendAsync(request, cancellationToken).ConfigureAwait(false), null);
        }
        catch (Exception failure) when (Resilience.AllowsAnother(new(null, failure), 0, call, options))
        {
            first = new(null, failure);
        }

        if (first.Response is { } response && !Resilience.AllowsAnother(first, 0, call, options))
            return response;
        // Polly is loaded only here: most calls need it never.
        _pipeline ??= new(options);
        return await _pipeline.SendAsync(call, first, stop => base.SendAsync(request, stop), cancellationToken).ConfigureAwait(false);
    }
}
