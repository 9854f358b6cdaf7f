namespace Meshia;

/// <summary>A time for work that sends several requests.</summary>
internal static class TimeLimit
{
    /// <summary>Does the work, and ends it when the time is over.</summary>
    /// <param name="limit">How long it may take; without end where null.</param>
    /// <param name="clock">The clock for that.</param>
    /// <param name="work">The work.</param>
    /// <param name="tooLong">The error of work that takes too long.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    [AsyncMethodBuilder(typeof(PrecompiledTask<>))]
    public static async Task<T> RunAsync<T>(TimeSpan? limit, TimeProvider clock, Func<CancellationToken, Task<T>> work, Func<TimeSpan, Exception, Exception> tooLong, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (limit is not { } time)
            return await work(cancellationToken).ConfigureAwait(false);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var timer = clock.CreateTimer(static end => ((CancellationTokenSource)end!).Cancel(), end, time, Timeout.InfiniteTimeSpan);
        try
        {
            return await work(end.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException failure) when (!cancellationToken.IsCancellationRequested)
        {
            throw tooLong(time, failure);
        }
    }
}
