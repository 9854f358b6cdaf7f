using System.Net;
using System.Runtime.CompilerServices;

namespace Meshia;

/// <summary>
/// Looks at several things again and again until each has ended. A round is as few requests as it can be, and rounds come
/// the more seldom the longer things take: half of the key's requests are left to others.
/// </summary>
/// <typeparam name="T">What is waited for.</typeparam>
internal abstract class Watch<T>(MeshiaClient client, WaitOptions options, MeshiaClientOptions settings, Action<ClientMessage>? tell)
    where T : class
{
    private static readonly TimeSpan _shortestPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _longestPause = TimeSpan.FromSeconds(30);

    /// <summary>What is over sooner may be asked for at the full rate.</summary>
    private static readonly TimeSpan _burst = TimeSpan.FromSeconds(10);

    /// <summary>A look comes after this part of the time that it has taken so far, or usually takes.</summary>
    private const int Patience = 5;

    /// <summary>Where fewer of its requests are left, the wait gives way to others.</summary>
    private const int ScarceShare = 4;

    private readonly TimeProvider _clock = settings.TimeProvider;
    private readonly Dictionary<string, T> _last = new(StringComparer.Ordinal);
    private bool _isDisturbed;

    /// <summary>What one look brought: the thing, or the service's word that there is none.</summary>
    internal sealed record Seen(T? Item, MeshiaException? Gone);

    protected MeshiaClient Client => client;

    protected WaitOptions Options => options;

    /// <summary>How many requests the last look took.</summary>
    protected int Requests { get; set; }

    /// <summary>How long such things usually take, where anything tells.</summary>
    protected TimeSpan? UsualTime { get; set; }

    /// <summary>Yields each as its wait ends.</summary>
    public async IAsyncEnumerable<WaitResult<T>> RunAsync(IReadOnlyList<string> ids, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var began = _clock.GetTimestamp();
        var pending = ids.Distinct(StringComparer.Ordinal).ToList();
        var total = pending.Count;
        using var timeout = _clock.CancelAfter(options.Timeout);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        while (pending.Count > 0)
        {
            var ended = await LookAtAsync(pending, stop.Token, cancellationToken).ConfigureAwait(false);
            foreach (var result in ended)
            {
                pending.Remove(result.Id);
                yield return result;
            }

            if (options.Any && ended.Exists(result => result.End == WaitEnd.Reached))
                yield break;
            options.Progress?.Invoke(new(total, total - pending.Count, Describe(pending)));
            if (pending.Count > 0 && !await PauseAsync(_clock.GetElapsedTime(began), stop.Token, cancellationToken).ConfigureAwait(false))
                break;
        }

        foreach (var id in pending)
            yield return new() { Id = id, End = WaitEnd.TimedOut, Item = Last(id), Reason = FormattableString.Invariant($"it is {(Last(id) is { } item ? StateOf(item) ?? "in no state" : "not known")} after {options.Timeout.TotalSeconds:0.#} s") };
    }

    /// <summary>Looks at all of them in as few requests as possible.</summary>
    protected abstract Task<Dictionary<string, Seen>> LookAsync(IReadOnlyList<string> ids, CancellationToken cancellationToken);

    protected abstract string? StateOf(T item);

    /// <summary>Why a thing cannot get to where it is waited for; null where it can.</summary>
    protected abstract string? FindFault(T item);

    /// <summary>Whether a thing is where it is waited for.</summary>
    protected abstract bool IsThere(T item);

    /// <summary>A thing with all that it has, where the look did not bring it.</summary>
    protected virtual Task<T> CompleteAsync(T item, CancellationToken cancellationToken) => Task.FromResult(item);

    /// <summary>Runs one request about one thing, and tells a thing that is not there from a failure.</summary>
    protected async Task<Seen> SeeAsync(Func<Task<T>> request)
    {
        Requests++;
        try
        {
            return new(await request().ConfigureAwait(false), null);
        }
        catch (MeshiaException failure) when (failure.StatusCode == HttpStatusCode.NotFound)
        {
            return new(null, failure);
        }
    }

    private T? Last(string id) => _last.TryGetValue(id, out var item) ? item : null;

    private async Task<List<WaitResult<T>>> LookAtAsync(List<string> ids, CancellationToken stop, CancellationToken cancellationToken)
    {
        var ended = new List<WaitResult<T>>();
        Requests = 0;
        try
        {
            var seen = await LookAsync(ids, stop).ConfigureAwait(false);
            foreach (var id in ids.Where(seen.ContainsKey))
            {
                var (item, gone) = seen[id];
                if (item is null)
                {
                    ended.Add(new() { Id = id, End = WaitEnd.Gone, Item = Last(id), Reason = gone!.Message, Failure = gone });
                    continue;
                }

                if (StateOf(item) != (Last(id) is { } before ? StateOf(before) : null))
                    tell?.Invoke(new(ClientMessageLevel.Notice, $"{id} is {StateOf(item) ?? "in no state"}."));
                _last[id] = item;
                var isThere = IsThere(item);
                if (isThere || FindFault(item) is not null)
                    ended.Add(new() { Id = id, End = isThere ? WaitEnd.Reached : WaitEnd.Missed, Item = await CompleteAsync(item, stop).ConfigureAwait(false), Reason = isThere ? null : FindFault(item) });
            }

            _isDisturbed = false;
        }
        catch (MeshiaException failure) when (IsPassing(failure))
        {
            // The wait has its own end: a service that is away for a while must not end it.
            if (!_isDisturbed)
                tell?.Invoke(new(ClientMessageLevel.Warning, $"Still waiting, although the last look failed: {failure.Message}"));
            _isDisturbed = true;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            // The time is over in the middle of a look.
        }

        return ended;
    }

    /// <returns>False where the time is over.</returns>
    private async Task<bool> PauseAsync(TimeSpan elapsed, CancellationToken stop, CancellationToken cancellationToken)
    {
        try
        {
            await _clock.WaitAsync(NextPause(elapsed), stop).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private TimeSpan NextPause(TimeSpan elapsed)
    {
        var usual = UsualTime is { } time ? Max(TimeSpan.FromTicks(time.Ticks / Patience), _shortestPause) : _longestPause;
        var pause = Min(Min(Max(TimeSpan.FromTicks(elapsed.Ticks / Patience), _shortestPause), usual), _longestPause);
        // A minute's requests, or half of them once it lasts, spread over the minute.
        var share = TimeSpan.FromTicks(TimeSpan.TicksPerMinute / settings.RequestsPerMinute * Math.Max(1, Requests) * (elapsed > _burst ? 2 : 1));
        pause = Max(pause, share);
        return client.RequestsLeft < settings.RequestsPerMinute / ScarceShare ? pause + pause : pause;
    }

    private string Describe(List<string> pending) => string.Join(", ", pending
        .GroupBy(id => Last(id) is { } item ? StateOf(item) ?? "in no state" : "not seen yet")
        .Select(group => $"{group.Count()} {group.Key}"));

    private static bool IsPassing(MeshiaException failure) => (int?)failure.StatusCode is null or < 400 or 408 or 425 or 429 or >= 500;

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
