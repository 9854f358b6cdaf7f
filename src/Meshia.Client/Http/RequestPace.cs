namespace Meshia;

/// <summary>Leaves half of a minute's requests to others: a caller that polls takes a turn for each request.</summary>
internal sealed class RequestPace(Transport transport)
{
    private static readonly TimeSpan _minute = TimeSpan.FromMinutes(1);

    /// <summary>When each of the last requests was sent, as far as that may be within a minute.</summary>
    private readonly Queue<long> _sent = new();

    /// <summary>How many turns were taken.</summary>
    public int Count { get; private set; }

    /// <summary>Waits until a request may be sent.</summary>
    public async Task TakeTurnAsync(CancellationToken cancellationToken)
    {
        var clock = transport.Options.TimeProvider;
        while (_sent.Count >= Math.Max(1, transport.RequestsPerMinute / 2))
        {
            var left = _minute - clock.GetElapsedTime(_sent.Peek());
            if (left > TimeSpan.Zero)
                await clock.WaitAsync(left, cancellationToken).ConfigureAwait(false);
            else
                _sent.Dequeue();
        }

        _sent.Enqueue(clock.GetTimestamp());
        Count++;
    }
}
