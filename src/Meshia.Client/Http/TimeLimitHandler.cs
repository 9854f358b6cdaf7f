namespace Meshia;

/// <summary>Ends a request that takes too long until its answer begins.</summary>
/// <param name="limit">How long the request of a call may take.</param>
internal sealed class TimeLimitHandler(Func<CallContext, TimeSpan> limit) : DelegatingHandler
{
    /// <exception cref="TimeOverException">The time is over.</exception>
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var call = CallContext.Of(request);
        return TimeLimit.RunAsync(limit(call), call.Clock, stop => base.SendAsync(request, stop), static (limit, failure) => new TimeOverException(limit, failure), cancellationToken);
    }
}

/// <summary>There was no answer in time.</summary>
/// <param name="limit">How long the request was allowed to take.</param>
/// <param name="inner">What ended the request.</param>
internal sealed class TimeOverException(TimeSpan limit, Exception inner) : Exception(FormattableString.Invariant($"no answer within {limit.TotalSeconds:0.#} s"), inner)
{
    /// <summary>How long the request was allowed to take.</summary>
    public TimeSpan Limit => limit;
}
