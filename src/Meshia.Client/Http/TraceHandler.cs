namespace Meshia;

/// <summary>Counts each request that is sent, and tells about it and its answer. It never tells headers, bodies or query values.</summary>
internal sealed class TraceHandler : DelegatingHandler
{
    [AsyncMethodBuilder(typeof(PrecompiledTask<>))]
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var call = CallContext.Of(request);
        var (method, path) = (request.Method, request.RequestUri!.AbsolutePath);
        var began = call.Clock.GetTimestamp();
        call.Attempts++;
        call.IsOnItsWay = true;
        try
        {
            var response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
            call.IsOnItsWay = false;
            var requestId = ApiResponse.RequestIdOf(response) is { } id ? (DisplayText)$", request id {id}" : null;
            call.Tell(ClientMessageLevel.Trace, $"{method} {path} answered {(int)response.StatusCode} in {call.Clock.GetElapsedTime(began).TotalMilliseconds:0} ms{requestId}");
            return response;
        }
        catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException)
        {
            call.IsOnItsWay &= cancellationToken.IsCancellationRequested;
            call.Tell(ClientMessageLevel.Trace, $"{method} {path} got no answer: {failure.Message}");
            throw;
        }
        finally
        {
            call.Waited += call.Clock.GetElapsedTime(began);
        }
    }
}
