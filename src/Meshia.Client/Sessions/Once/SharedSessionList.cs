using System.Collections.Concurrent;

namespace Meshia;

/// <summary>
/// The list of sessions of one key of the API, for all <c>-Once</c> calls of this process: calls that wait for it at the same
/// time get it from one reading. A reading that began before a call asked is not fresh enough for it, so the call waits for
/// the next one.
/// </summary>
internal sealed class SharedSessionList
{
    private static readonly ConcurrentDictionary<(string Service, string Key), SharedSessionList> _shared = new();

    private readonly object _gate = new();
    private Task _running = Task.CompletedTask;
    private Task<SessionListing>? _next;

    /// <summary>The one list of a key in this process.</summary>
    public static SharedSessionList Of(Transport transport) =>
        _shared.GetOrAdd((transport.Options.BaseUri.AbsoluteUri, transport.Key.Reveal()), static _ => new());

    /// <summary>Reads the list, or waits for the reading of another call that has not begun yet.</summary>
    /// <param name="read">Reads it with the settings of this call.</param>
    /// <param name="cancellationToken">Ends this call; the others read for themselves.</param>
    public async Task<SessionListing> ReadAsync(Func<Task<SessionListing>> read, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task<SessionListing> next;
            bool isOwn;
            lock (_gate)
            {
                isOwn = _next is null;
                next = _next ??= ReadAfterAsync(_running, read, cancellationToken);
            }

            if (isOwn)
                return await next.ConfigureAwait(false);
            if (await EndsInTimeAsync(next, cancellationToken).ConfigureAwait(false))
                return await next.ConfigureAwait(false);
            // An error of another call is not this call's: its time or its retries may be over.
        }
    }

    private async Task<SessionListing> ReadAfterAsync(Task running, Func<Task<SessionListing>> read, CancellationToken cancellationToken)
    {
        // Out of the lock, which the caller holds.
        await Task.Yield();
        try
        {
            await EndsInTimeAsync(running, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            lock (_gate)
                (_running, _next) = (_next!, null);
        }

        return await read().ConfigureAwait(false);
    }

    /// <returns>Whether the task ended without an error.</returns>
    private static async Task<bool> EndsInTimeAsync(Task task, CancellationToken cancellationToken)
    {
        var canceled = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        using (cancellationToken.Register(() => canceled.TrySetResult(true)))
            await Task.WhenAny(task, canceled.Task).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        return task.Status == TaskStatus.RanToCompletion;
    }
}
