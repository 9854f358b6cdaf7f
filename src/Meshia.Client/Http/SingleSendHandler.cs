using System.Net;
using System.Net.Http.Headers;

namespace Meshia;

/// <summary>
/// The last handler before the connections: makes one attempt one request. Left alone, the handlers of the framework send a
/// request without a body again, up to three times and without a word, when the connection ends before the answer.
/// </summary>
/// <remarks>
/// .NET sends a request only once from the moment when it begins to send content, so every request has content, which is
/// empty where there is nothing to send, and which refuses to be sent a second time. .NET Framework refuses content in a GET,
/// and sends again on a connection that it kept; there, no connection is kept.
/// </remarks>
internal sealed class SingleSendHandler : DelegatingHandler
{
    [AsyncMethodBuilder(typeof(PrecompiledTask<>))]
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = CallContext.Of(request).Request.Body;
#if NET
        request.Content = new OnceContent(body ?? []);
#else
        ConnectionPool.Prepare(request.RequestUri!);
        request.Headers.ConnectionClose = true;
        request.Headers.ExpectContinue = false;
        if (body is not null || !ApiRequest.IsSafe(request.Method))
            request.Content = new OnceContent(body ?? []);
#endif
        if (body is not null)
            request.Content!.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        try
        {
            return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException failure) when (!cancellationToken.IsCancellationRequested)
        {
            // The framework says "canceled" where a connection could not be made in time, as if it was cancelled.
            throw failure.InnerException is TimeoutException ? new HttpRequestException(NoConnectionException.Reason, new NoConnectionException()) : new HttpRequestException(failure.Message, failure);
        }
    }

    /// <summary>Bytes that can be sent once.</summary>
    private sealed class OnceContent(byte[] bytes) : HttpContent
    {
        private bool _isSent;

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            if (_isSent)
                throw new InvalidOperationException("The connection ended, and the request was not sent again.");
            _isSent = true;
            return stream.WriteAsync(bytes, 0, bytes.Length);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = bytes.Length;
            return true;
        }
    }
}

/// <summary>No connection was made in time: nothing was sent.</summary>
internal sealed class NoConnectionException() : Exception(Reason)
{
    public static string Reason { get; } = $"no connection was made within {ConnectionPool.ConnectTimeout.TotalSeconds} s.";
}
