using System.Net;
using System.Runtime.CompilerServices;

namespace Meshia;

/// <summary>
/// Looks at several things again and again until each has ended. A round is as few requests as it can be, and rounds come
/// the more seldom the longer things take: half of the key's requests are left to others.
/// </summary>
/// <typeparam name="T">What is waited for.</typeparam>
internal abstract class Poller<T>
    where T : class
{
    private static readonly TimeSpan _shortestPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _longestPause = TimeSpan.FromSeconds(30);

    /// <summary>How long something that exists may not be found.</summary>
    private static readonly TimeSpan _longestAbsence = TimeSpan.FromSeconds(30);

    /// <summary>What is over sooner may be asked for at the full rate.</summary>
    private static readonly TimeSpan _burst = TimeSpan.FromSeconds(10);

    /// <summary>A look comes after this part of the time that it has taken so far, or usually takes.</summary>
    private const int Patience = 5;

    /// <summary>Where fewer of its requests are left, the wait gives way to others.</summary>
    private const int ScarceShare = 4;

    private readonly WaitOptions _options;
    private readonly MeshiaClientOptions _settings;
    private readonly RequestPace _pace;
    private readonly Action<ClientMessage>? _observer;
    private readonly TimeProvider _clock;
    private readonly Dictionary<string, T> _last = new(StringComparer.Ordinal);

    /// <summary>Why the last look at a thing failed, of those of which it did.</summary>
    private readonly Dictionary<string, MeshiaException> _disturbed = new(StringComparer.Ordinal);

    /// <summary>Since when a thing that exists is not found.</summary>
    private readonly Dictionary<string, long> _absentSince = new(StringComparer.Ordinal);

    /// <summary>Lists that are no use: each of their things is asked for.</summary>
    private readonly HashSet<string> _useless = new(StringComparer.Ordinal);

    /// <summary>Lists that failed at the last look: the next one goes without them, should they fail for good.</summary>
    private readonly HashSet<string> _failed = new(StringComparer.Ordinal);

    /// <summary>How many requests had been sent when the last look began.</summary>
    private int _before;

    protected Poller(Transport transport, WaitOptions options, CallOptions? call)
    {
        (Transport, _options, _settings, _clock) = (transport, options, transport.Options, transport.Options.TimeProvider);
        _pace = new(transport);
        _observer = call?.Observer ?? _settings.Observer;
        // What is waited for has an id, so an item without an id does not count.
        Call = new(call) { Observer = _observer, MaxRetries = call?.MaxRetries, Pace = _pace, ItemFailed = failure => Tell(ClientMessageLevel.Notice, $"{failure.Message:long}") };
    }

    /// <summary>What one look at a thing brought: the thing, or why it was not seen.</summary>
    internal sealed record Observation(string Id, T? Item, MeshiaException? Failure);

    /// <summary>The way to the service.</summary>
    protected Transport Transport { get; }

    /// <summary>The settings of every request of the wait.</summary>
    protected CallOptions Call { get; }

    /// <summary>How long such things usually take, where anything tells.</summary>
    protected TimeSpan? UsualTime { get; set; }

    /// <summary>The states that are waited for where none are given.</summary>
    protected abstract IReadOnlyList<string> UsualStatuses { get; }

    /// <summary>The known states in the order in which a thing goes through them.</summary>
    protected abstract IReadOnlyList<string> StatusOrder { get; }

    private IReadOnlyList<string> Statuses => _options.Statuses ?? UsualStatuses;

    /// <summary>Yields each as its wait ends.</summary>
    public async IAsyncEnumerable<WaitResult<T>> RunAsync(IReadOnlyList<string> ids, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var began = _clock.GetTimestamp();
        var pending = ids.Distinct(StringComparer.Ordinal).ToList();
        var total = pending.Count;
        var looksOnce = _options.Timeout <= TimeSpan.Zero;
        using var timeout = looksOnce ? new CancellationTokenSource() : _clock.CancelAfter(_options.Timeout);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        while (pending.Count > 0)
        {
            _before = _pace.Count;
            // What failed before comes last: one that does not answer must not keep the others from being seen.
            await using (var look = LookAsync([.. pending.OrderBy(_disturbed.ContainsKey)], stop.Token).GetAsyncEnumerator(CancellationToken.None))
            {
                while (await NextAsync(look, cancellationToken).ConfigureAwait(false) is { } seen)
                {
                    if (await EndAsync(seen, stop.Token, cancellationToken).ConfigureAwait(false) is not { } result)
                        continue;
                    pending.Remove(result.Id);
                    yield return result;
                    if (_options.Any && result.End == WaitEnd.Reached)
                        yield break;
                }
            }

            _options.Progress?.Invoke(new(total, total - pending.Count, Describe(pending, total)));
            if (looksOnce || (pending.Count > 0 && !await PauseAsync(_clock.GetElapsedTime(began), stop.Token, cancellationToken).ConfigureAwait(false)))
                break;
        }

        foreach (var id in pending)
            yield return TimedOut(id);
    }

    /// <summary>Looks at all of them in as few requests as possible, and yields each as it is seen.</summary>
    protected abstract IAsyncEnumerable<Observation> LookAsync(IReadOnlyList<string> ids, CancellationToken cancellationToken);

    /// <summary>Asks for one thing.</summary>
    protected abstract Task<T> GetAsync(string id, CancellationToken cancellationToken);

    protected abstract string? StateOf(T item);

    /// <summary>Whether an item has ended, in any state.</summary>
    protected abstract bool IsOver(T item);

    /// <summary>Whether a thing has all that it has, which in a list it need not.</summary>
    protected virtual bool IsWhole(T item) => true;

    /// <summary>Why an item cannot reach the state that is waited for; null if it can.</summary>
    protected virtual string? FindFault(T item)
    {
        var state = StateOf(item);
        if (IsOver(item))
            return $"it is {state ?? "over"}";
        // States only go forward. The order of unknown states is not known.
        return Place(state) is { } place && Statuses.All(status => Place(status) < place) ? $"it is {state}, and does not return to {string.Join(" or ", Statuses)}" : null;
    }

    /// <summary>Asks for one thing, and keeps its failure to it. A key that is refused is refused for all.</summary>
    protected async Task<Observation> SeeAsync(string id, CancellationToken cancellationToken)
    {
        try
        {
            return new(id, await GetAsync(id, cancellationToken).ConfigureAwait(false), null);
        }
        catch (MeshiaException failure) when (!RefusesKey(failure))
        {
            return new(id, null, failure);
        }
    }

    /// <summary>Looks for several things in one list, as long as that takes fewer requests than asking for each.</summary>
    /// <param name="name">The list, to know it again.</param>
    /// <param name="ids">What is looked for.</param>
    /// <param name="list">The list.</param>
    /// <param name="idOf">The id of a thing in it.</param>
    /// <param name="see">Given everything that is in what was read.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>Why it could not be read to the end; null if nothing failed.</returns>
    protected async Task<MeshiaException?> ReadListAsync<TItem>(string name, IReadOnlyCollection<string> ids, ApiList<TItem> list, Func<TItem, string> idOf, Action<TItem> see, CancellationToken cancellationToken)
        where TItem : IServiceObject
    {
        if (ids.Count < 2 || _useless.Contains(name) || _failed.Remove(name))
            return null;
        var missing = new HashSet<string>(ids, StringComparer.Ordinal);
        var before = _pace.Count;
        bool IsTooExpensive() => _pace.Count - before >= ids.Count;
        try
        {
            await foreach (var item in new ListReader(Transport).ReadAsync(list, Call, cancellationToken, () => missing.Count > 0 && !IsTooExpensive()).ConfigureAwait(false))
            {
                missing.Remove(idOf(item));
                see(item);
            }
        }
        catch (MeshiaException failure) when (!RefusesKey(failure))
        {
            (IsPassing(failure) ? _failed : _useless).Add(name);
            return failure;
        }

        if (missing.Count > 0 && IsTooExpensive())
            _useless.Add(name);
        return null;
    }

    protected void Tell(ClientMessageLevel level, DisplayText text) => _observer?.Invoke(new(level, text));

    /// <summary>Whether another look may bring what this one did not.</summary>
    protected static bool IsPassing(MeshiaException failure) =>
        failure.StatusCode is not { } status || Resilience.IsPassing(status) || (failure.Failure != MeshiaFailure.Refused && (int)status < 400);

    protected static bool RefusesKey(MeshiaException failure) => failure.StatusCode == HttpStatusCode.Unauthorized;

    private T? Last(string id) => _last.TryGetValue(id, out var item) ? item : null;

    private int? Place(string? state)
    {
        for (var place = 0; place < StatusOrder.Count; place++)
        {
            if (string.Equals(StatusOrder[place], state, StringComparison.OrdinalIgnoreCase))
                return place;
        }

        return null;
    }

    /// <returns>Null after the last, and where the time is over in the middle of a look.</returns>
    private static async Task<Observation?> NextAsync(IAsyncEnumerator<Observation> look, CancellationToken cancellationToken)
    {
        try
        {
            return await look.MoveNextAsync().ConfigureAwait(false) ? look.Current : null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <returns>Null where the wait for it continues.</returns>
    private async Task<WaitResult<T>?> EndAsync(Observation seen, CancellationToken stop, CancellationToken cancellationToken)
    {
        if (seen.Item is not { } item)
            return EndBy(seen.Id, seen.Failure!);
        _disturbed.Remove(seen.Id);
        _absentSince.Remove(seen.Id);
        if (StateOf(item) != (Last(seen.Id) is { } before ? StateOf(before) : null))
            Tell(ClientMessageLevel.Notice, $"{seen.Id} is {StateOf(item) ?? "in no state"}.");
        _last[seen.Id] = item;
        var end = EndOf(seen.Id, item);
        if (end is null || IsWhole(item))
            return end;
        try
        {
            var whole = await SeeAsync(seen.Id, stop).ConfigureAwait(false);
            return whole.Item is { } found ? EndOf(seen.Id, found) : EndBy(seen.Id, whole.Failure!);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The time is over, but it is known how this one ended.
            return end;
        }
    }

    private WaitResult<T>? EndOf(string id, T item)
    {
        if (Statuses.Contains(StateOf(item), StringComparer.OrdinalIgnoreCase))
            return new() { Id = id, End = WaitEnd.Reached, Item = item };
        return FindFault(item) is { } fault ? new() { Id = id, End = WaitEnd.Missed, Item = item, Reason = fault } : null;
    }

    private WaitResult<T>? EndBy(string id, MeshiaException failure)
    {
        if (!IsPassing(failure) && !IsAbsent(id, failure))
            return new() { Id = id, End = failure.StatusCode == HttpStatusCode.NotFound ? WaitEnd.Gone : WaitEnd.Refused, Item = Last(id), Reason = failure.Message, Failure = failure };
        // The wait has its own end: a service that is away for a while must not end it.
        if (!_disturbed.ContainsKey(id))
            Tell(_disturbed.Count == 0 ? ClientMessageLevel.Warning : ClientMessageLevel.Notice, $"Still waiting for {id}, although the last request failed: {failure.Message}");
        _disturbed[id] = failure;
        return null;
    }

    /// <summary>Whether a thing that is not found may be found a little later: it was there before, or was just created, and lists and replicas lag.</summary>
    private bool IsAbsent(string id, MeshiaException failure)
    {
        if (failure.StatusCode != HttpStatusCode.NotFound || (Last(id) is null && !_options.IsNew))
            return false;
        if (!_absentSince.TryGetValue(id, out var since))
            _absentSince[id] = since = _clock.GetTimestamp();
        return _clock.GetElapsedTime(since) < _longestAbsence;
    }

    private WaitResult<T> TimedOut(string id)
    {
        var item = Last(id);
        // It may have ended, and only its details could not be read.
        if (item is not null && EndOf(id, item) is { } end)
            return end;
        var state = item is null ? "not known" : StateOf(item) ?? "in no state";
        var failure = _disturbed.TryGetValue(id, out var last) ? $", and the last request failed: {last.Message}" : "";
        return new() { Id = id, End = WaitEnd.TimedOut, Item = item, Reason = FormattableString.Invariant($"it is {state} after {_options.Timeout.TotalSeconds:0.#} s{failure}") };
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
        var share = TimeSpan.FromTicks(TimeSpan.TicksPerMinute / Transport.RequestsPerMinute * Math.Max(1, _pace.Count - _before) * (elapsed > _burst ? 2 : 1));
        pause = Max(pause, share);
        return Transport.RequestsLeft < Transport.RequestsPerMinute / ScarceShare ? pause + pause : pause;
    }

    /// <summary>The states of those that are waited for, counted where there is more than one thing in all.</summary>
    private string Describe(List<string> pending, int total) => string.Join(", ", pending
        .GroupBy(id => Last(id) is { } item ? StateOf(item) ?? "in no state" : "not seen yet")
        .Select(group => total == 1 ? group.Key : $"{group.Count()} {group.Key}"));

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
