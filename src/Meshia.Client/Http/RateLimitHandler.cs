using System.Collections.Concurrent;
using System.Threading.RateLimiting;

namespace Meshia;

/// <summary>
/// Keeps within the service's requests per minute (wire contract, Transport): a burst goes at once, and never more than
/// the limit within any minute, whether the service's own window is fixed or sliding. All clients of one key in this
/// process share one limit, since the service counts by key.
/// </summary>
internal sealed class RateLimitHandler(ApiKey key, int requestsPerMinute) : DelegatingHandler
{
    private const int SegmentsPerWindow = 30;

    private static readonly ConcurrentDictionary<(string Key, int Limit), RateLimiter> _limiters = new();

    private readonly RateLimiter _limiter = _limiters.GetOrAdd((key.Reveal(), requestsPerMinute), static pair => new SlidingWindowRateLimiter(new()
    {
        PermitLimit = pair.Limit,
        Window = TimeSpan.FromMinutes(1),
        SegmentsPerWindow = SegmentsPerWindow,
        QueueLimit = int.MaxValue,
        QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
    }));

    /// <summary>How many requests this process may send at once.</summary>
    public int? Available => (int?)_limiter.GetStatistics()?.CurrentAvailablePermits;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var call = CallContext.Of(request);
        if (call.Pace is { } pace)
            await pace.TakeTurnAsync(cancellationToken).ConfigureAwait(false);
        var waiting = _limiter.AcquireAsync(1, cancellationToken);
        if (!waiting.IsCompleted)
            call.Tell(ClientMessageLevel.Notice, $"Waiting: {requestsPerMinute} requests were sent within a minute, which is the limit.");
        using var lease = await waiting.ConfigureAwait(false);
        return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
    }
}
