using System.Security.Cryptography;

namespace Meshia;

/// <summary>
/// Remembers the last deliveries by their bytes, so that one that is sent again (its answer was lost, or came too late)
/// is not an event again. The service gives a delivery no id.
/// </summary>
internal sealed class RecentDeliveries
{
    /// <summary>More than come in while one is being retried.</summary>
    private const int MostRemembered = 10_000;

    private readonly object _lock = new();
    private readonly Dictionary<string, Task<bool>> _deliveries = new(StringComparer.Ordinal);
    private readonly Queue<string> _oldestFirst = new();

    /// <summary>How many are remembered.</summary>
    public int Count => _deliveries.Count;

    /// <summary>Has a delivery taken, once: the second of two gets what came of the first.</summary>
    /// <param name="body">Its bytes.</param>
    /// <param name="take">Takes it, or says that it could not be.</param>
    public async Task<bool> TakeOnceAsync(byte[] body, Func<Task<bool>> take)
    {
        string id;
        using (var hash = SHA256.Create())
            id = Convert.ToBase64String(hash.ComputeHash(body));

        var outcome = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<bool>? earlier;
        lock (_lock)
        {
            if (!_deliveries.TryGetValue(id, out earlier))
                _deliveries[id] = outcome.Task;
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
                    _oldestFirst.Enqueue(id);
                else
                    _deliveries.Remove(id);
                if (_oldestFirst.Count > MostRemembered)
                    _deliveries.Remove(_oldestFirst.Dequeue());
            }

            outcome.SetResult(isTaken);
        }
    }
}
