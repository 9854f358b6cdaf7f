namespace Meshia;

/// <summary>
/// Reads an answer that is not streamed, and any error, into memory before the attempt counts as answered: one that breaks
/// off is a failed attempt.
/// </summary>
internal sealed class BufferHandler : DelegatingHandler
{
    /// <summary>More than any single object of this service; a body without end must not fill the memory.</summary>
    internal const int LongestAnswer = 64 * 1024 * 1024;

    [AsyncMethodBuilder(typeof(PrecompiledTask<>))]
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (!CallContext.Of(request).Request.Streams || !response.IsSuccessStatusCode)
            await CompleteAsync(response, cancellationToken).ConfigureAwait(false);
        return response;
    }

    /// <summary>Reads the rest of an answer into memory.</summary>
    /// <exception cref="HttpRequestException">It breaks off.</exception>
    /// <exception cref="AnswerTooLongException">It is longer than any answer should be.</exception>
    private static async Task CompleteAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        // Disposing is what ends a read that stalls: on .NET Framework it does not listen to the token.
        var registration = cancellationToken.Register(response.Dispose);
        try
        {
            await response.Content.LoadIntoBufferAsync(LongestAnswer).ConfigureAwait(false);
            registration.Dispose();
            // The time may have ended with the last byte: the answer is disposed then.
            cancellationToken.ThrowIfCancellationRequested();
        }
        catch (Exception failure)
        {
            registration.Dispose();
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
