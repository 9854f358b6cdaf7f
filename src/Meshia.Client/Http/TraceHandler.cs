using System.Diagnostics;

namespace Meshia;

/// <summary>
/// The last handler before the wire: counts the attempt, completes an answer that is not streamed, and any error (so
/// that one which is cut off is a failed attempt), and tells of both. It never tells headers, bodies or query values.
/// </summary>
internal sealed class TraceHandler : DelegatingHandler
{
    /// <summary>More than any single object of this service; a body without end must not fill the memory.</summary>
    private const int LongestAnswer = 64 * 1024 * 1024;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var call = CallContext.Of(request);
        var line = $"{request.Method} {request.RequestUri!.AbsolutePath}";
        var watch = Stopwatch.StartNew();
        call.Attempts++;
        call.IsOnItsWay = true;
        try
        {
            var response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
            if (!call.Streams || !response.IsSuccessStatusCode)
                await CompleteAsync(response, cancellationToken).ConfigureAwait(false);
            call.IsOnItsWay = false;
            var requestId = ApiResponse.RequestIdOf(response) is { } id ? $", request id {id}" : "";
            call.Tell(ClientMessageLevel.Trace, FormattableString.Invariant($"{line} answered {(int)response.StatusCode} in {watch.ElapsedMilliseconds} ms{requestId}"));
            return response;
        }
        catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException)
        {
            call.IsOnItsWay &= cancellationToken.IsCancellationRequested;
            call.Tell(ClientMessageLevel.Trace, $"{line} got no answer: {failure.Message}");
            // The handler says "canceled" of a connection that could not be made in time, as if somebody had stopped it.
            if (failure is OperationCanceledException && !cancellationToken.IsCancellationRequested)
                throw failure.InnerException is TimeoutException ? new HttpRequestException(NoConnectionException.Reason, new NoConnectionException()) : new HttpRequestException(failure.Message, failure);
            throw;
        }
    }

    /// <summary>Reads the rest of an answer into memory.</summary>
    /// <exception cref="HttpRequestException">It breaks off.</exception>
    /// <exception cref="AnswerTooLongException">It is longer than any answer should be.</exception>
    private static async Task CompleteAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        // Disposing is what ends a read that stalls: on .NET Framework it does not listen to the token.
        using var registration = cancellationToken.Register(response.Dispose);
        try
        {
            await response.Content.LoadIntoBufferAsync(LongestAnswer).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            response.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            // What breaks off has the socket's error in it; only the limit's own has none.
            if (failure is HttpRequestException { InnerException: null })
                throw new AnswerTooLongException(LongestAnswer);
            throw failure as HttpRequestException ?? new HttpRequestException($"The answer broke off: {failure.Message}", failure);
        }
    }
}

/// <summary>An answer without end: asking again would bring it again.</summary>
internal sealed class AnswerTooLongException(int limit) : Exception(FormattableString.Invariant($"more than {limit} bytes"));

/// <summary>No connection was made in time: nothing was sent.</summary>
internal sealed class NoConnectionException() : Exception(Reason)
{
    public static string Reason { get; } = $"no connection came about within {ConnectionPool.ConnectTimeout.TotalSeconds} s.";
}
