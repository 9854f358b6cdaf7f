using System.Security.Cryptography;

namespace Meshia;

/// <summary>
/// Remembers deliveries by their bytes for as long as their time stamp lets them be taken, so that one that is sent again,
/// by the service or as a replay, is not an event again. The service gives a delivery no id.
/// </summary>
/// <param name="clock">The time.</param>
/// <param name="log">What is remembered between runs; null for nothing.</param>
internal sealed class RecentDeliveries(TimeProvider clock, DeliveryLog? log = null)
{
    /// <summary>Beyond it the ones that may be forgotten soonest are; only a flood of valid deliveries gets there.</summary>
    private const int MostRemembered = 1_000_000;

    private const int FewestBeforeSweep = 1024;

    private static readonly Task<bool> _taken = Task.FromResult(true);

    private readonly object _lock = new();
    private readonly Dictionary<Guid, (Task<bool> Outcome, DateTimeOffset Until)> _deliveries =
        log?.Known.ToDictionary(pair => pair.Key, pair => (_taken, pair.Value)) ?? [];

    private int _sweepAt = FewestBeforeSweep;

    /// <summary>How many are remembered.</summary>
    public int Count => _deliveries.Count;

    /// <summary>Has a delivery taken, once: the second of two gets the outcome of the first.</summary>
    /// <param name="body">Its bytes.</param>
    /// <param name="until">When it may be forgotten, because it is too old to be taken by then.</param>
    /// <param name="take">Takes it, or says that it could not be.</param>
    public async Task<bool> TakeOnceAsync(byte[] body, DateTimeOffset until, Func<Task<bool>> take)
    {
        Guid id;
        using (var hash = SHA256.Create())
            id = new Guid([.. hash.ComputeHash(body).Take(16)]);

        var outcome = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<bool>? earlier = null;
        lock (_lock)
        {
            if (_deliveries.TryGetValue(id, out var known))
                earlier = known.Outcome;
            else
                _deliveries[id] = (outcome.Task, until);
        }

        if (earlier is not null)
            return await earlier.ConfigureAwait(false);
        var isTaken = false;
        try
        {
            return isTaken = await take().ConfigureAwait(false);
        }
        finally
        {
            lock (_lock)
            {
                if (isTaken)
                    Remember(id, until);
                else
                    _deliveries.Remove(id);
            }

            outcome.SetResult(isTaken);
        }
    }

    private void Remember(Guid id, DateTimeOffset until)
    {
        log?.Add(id, until);
        if (_deliveries.Count < _sweepAt)
            return;
        var now = clock.GetUtcNow();
        foreach (var old in _deliveries.Where(pair => pair.Value.Until <= now && pair.Value.Outcome.IsCompleted).Select(pair => pair.Key).ToList())
            _deliveries.Remove(old);
        if (_deliveries.Count > MostRemembered)
        {
            foreach (var old in _deliveries.Where(pair => pair.Value.Outcome.IsCompleted).OrderBy(pair => pair.Value.Until).Take(MostRemembered / 2).Select(pair => pair.Key).ToList())
                _deliveries.Remove(old);
        }

        _sweepAt = Math.Max(FewestBeforeSweep, 2 * _deliveries.Count);
        if (log?.Count > 2 * _sweepAt)
            log.Rewrite(_deliveries.Select(pair => new KeyValuePair<Guid, DateTimeOffset>(pair.Key, pair.Value.Until)));
    }
}
