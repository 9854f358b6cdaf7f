using System.Collections.Concurrent;

namespace Meshia;

/// <summary>What the answers of the service have told so far; shared by all calls of a client.</summary>
internal sealed class ServiceState(TimeProvider clock)
{
    private static readonly TimeSpan _minute = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, bool> _told = new(StringComparer.Ordinal);

    private int _changes;
    private int? _requestsLeft;
    private long _answeredAt;

    /// <summary>How many requests may have changed something at the service.</summary>
    public int Changes => Volatile.Read(ref _changes);

    /// <summary>How far the clock of the service is ahead of this machine's clock, by its last answer.</summary>
    public TimeSpan ClockAhead { get; private set; }

    /// <summary>Whether the service has answered yet.</summary>
    public bool HasAnswered => _answeredAt != 0;

    /// <summary>The time of the service.</summary>
    public DateTimeOffset Now => clock.GetUtcNow() + ClockAhead;

    /// <summary>How many requests the last answer left, where it said so.</summary>
    public int? LastRequestsLeft => _requestsLeft;

    /// <summary>The same while the minute of that answer is not over; null after that.</summary>
    public int? RequestsLeft => _requestsLeft is { } left && clock.GetElapsedTime(_answeredAt) < _minute ? left : null;

    /// <summary>Warns of fields that were not to be read, once for all objects of a kind.</summary>
    public void TellOnce(FieldDoubt? doubt, CallContext call)
    {
        if (doubt is not null && _told.TryAdd(doubt.Key, true))
            call.Tell(ClientMessageLevel.Warning, doubt.Text);
    }

    /// <summary>Reads what an answer tells about the service.</summary>
    public void Learn(HttpResponseMessage response, HttpMethod method)
    {
        if (response.Headers.Date is { } serviceTime)
            ClockAhead = serviceTime - clock.GetUtcNow();
        (_requestsLeft, _answeredAt) = (ApiResponse.RequestsLeftOf(response), clock.GetTimestamp());
        if (response.IsSuccessStatusCode && !ApiRequest.IsSafe(method))
            Interlocked.Increment(ref _changes);
    }
}
