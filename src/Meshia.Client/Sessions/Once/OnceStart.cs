using System.Globalization;

namespace Meshia;

/// <summary>
/// Starts one session for a key, from any number of machines that share nothing but the service. It has no clock and
/// no network: it is told what happened, and says what to do next. All times are those since some fixed moment of this
/// machine. The algorithm and why each rule is there: the page "Cost and safety"; the tests run it in a simulation.
/// </summary>
internal sealed class OnceStart(OnceRequest request, OnceTiming timing)
{
    /// <summary>With less time than this to its deadline a session is not handed out.</summary>
    public static readonly TimeSpan ShortestRest = TimeSpan.FromMinutes(5);

    /// <summary>How long a session may be stopping before the call gives up.</summary>
    private static readonly TimeSpan _longestStopping = TimeSpan.FromMinutes(5);

    /// <summary>How many sessions one call creates at most, should each be gone at the next look.</summary>
    private const int MaxCreations = 5;

    /// <summary>How often a stop without an answer is sent before the call goes on all the same.</summary>
    public const int MaxStops = 5;

    private readonly SessionBook _book = new(request.Once.Token);
    private readonly Queue<string> _toStop = [];
    private readonly Queue<string> _toCheck = [];
    private readonly Dictionary<string, SessionName> _ours = [];
    private readonly HashSet<string> _renamed = [];
    private readonly Dictionary<string, int> _stops = [];
    private SessionName? _sent;
    private OnceLook? _look;
    private TimeSpan _lookBegan;
    private TimeSpan _began;
    private TimeSpan? _lastUnknown;
    private string? _candidate;
    private int _creations;

    /// <summary>When <see cref="LookLater"/> is due.</summary>
    public TimeSpan LaterLookAt => (_lastUnknown is { } unknown && unknown > _began ? unknown : _began) + timing.LaterLook;

    /// <summary>Begins. The first step is always the list.</summary>
    public OnceStep Begin(TimeSpan now)
    {
        _began = now;
        return new OnceStep.List();
    }

    /// <summary>The list was read.</summary>
    public OnceStep Listed(OnceLook look, TimeSpan now)
    {
        Add(look, now);
        _candidate = null;
        if (!look.IsComplete)
            return new OnceStep.Fail(OnceError.ListIncomplete, $"The service's list of sessions is not complete, so a live session with this key may be missing. Nothing was created or stopped.{Ours()}", [.. _ours.Keys]);
        if (_book.Entries.FirstOrDefault(entry => IsLive(entry) && entry.Session.CreatedAt is null) is { } ageless)
            return new OnceStep.Fail(OnceError.CreationTimeMissing, $"The service does not say when session {ageless.Session.Id} was created, so -Once cannot find the first session.", [ageless.Session.Id]);
        foreach (var (id, name) in _ours.Select(pair => (pair.Key, pair.Value)))
        {
            if (_book.Find(id) is { } own && IsLive(own) && own.Session.Name != name.Text)
                Renamed(id);
        }

        var leftovers = Duplicates(now);
        foreach (var id in leftovers.ToStop)
            _toStop.Enqueue(id);
        foreach (var id in leftovers.ToStopIfProvisioning)
            _toCheck.Enqueue(id);
        return Next(now);
    }

    /// <summary>A wait is over.</summary>
    public static OnceStep Waited() => new OnceStep.List();

    /// <summary>A stop was sent.</summary>
    /// <param name="id">The session's id.</param>
    /// <param name="isConfirmed">
    /// Whether the service said that it stops. If not, it is asked for and decided about anew: by then a job may run on it.
    /// </param>
    /// <param name="now">When the answer came.</param>
    public OnceStep Stopped(string id, bool isConfirmed, TimeSpan now)
    {
        _stops[id] = _stops.TryGetValue(id, out var count) ? count + 1 : 1;
        if (!isConfirmed && _stops[id] < MaxStops)
            _toCheck.Enqueue(id);
        else if (isConfirmed && _book.Find(id) is { } entry && IsLive(entry))
            _book.Add(entry.Session with { Status = SessionStatus.Stopping }, now);
        return Next(now);
    }

    /// <summary>Creating a session ended.</summary>
    public OnceStep Created(OnceCreation creation, TimeSpan now)
    {
        var sent = _sent ?? throw new InvalidOperationException("Nothing was sent.");
        switch (creation)
        {
            case OnceCreation.NotSent(var retryAfter):
                return new OnceStep.Wait(Longer(retryAfter, timing.Pause), "The service accepts no new session now.");
            case OnceCreation.Created(var session):
                _creations++;
                _ours[session.Id] = sent;
                _book.Add(session with { Name = session.Name ?? sent.Text }, now, isOurs: true);
                if (session.Name is null)
                    return new OnceStep.Get(session.Id);
                if (session.Name != sent.Text)
                    Renamed(session.Id);
                return Next(now, new OnceStep.List());
            default:
                _lastUnknown = now;
                return new OnceStep.List();
        }
    }

    /// <summary>A session was asked for by its id.</summary>
    /// <param name="id">The session's id.</param>
    /// <param name="session">The session, or null if the service says that there is none.</param>
    /// <param name="now">When the answer came.</param>
    public OnceStep Got(string id, SeenSession? session, TimeSpan now)
    {
        var entry = _book.Find(id) ?? throw new InvalidOperationException("It was never seen.");
        _book.Add(session ?? entry.Session with { Status = SessionStatus.Stopped }, now);
        if (_ours.TryGetValue(id, out var sent) && IsLive(entry) && entry.Session.Name != sent.Text)
        {
            Renamed(id);
            return Next(now);
        }

        if (_candidate is null && IsLive(entry) && _book.IsDuplicate(entry))
            return entry.Session.IsProvisioning || AgeToStop(entry, now) < timing.StopAge ? new OnceStep.Stop(id) : Next(now);

        return IsLive(entry) && id == _candidate
            ? new OnceStep.HandOut(entry.Session, Adopted: !_ours.ContainsKey(id))
            : new OnceStep.List();
    }

    /// <summary>
    /// Looks for duplicates after the end, at <see cref="LaterLookAt"/>: one may have appeared since, from a request that took effect late.
    /// </summary>
    /// <returns>What to stop; what to stop only if a GET says that it is still provisioning; and what runs, to report: a job may use it.</returns>
    public OnceLeftovers LookLater(OnceLook look, TimeSpan now)
    {
        Add(look, now);
        return look.IsComplete ? Duplicates(now) : new([], [], []);
    }

    /// <summary>
    /// A duplicate that is young was not returned to any caller. An old one was not either, as far as the assumptions about
    /// the service hold; where they do not, a job may run on it, unless it is still provisioning.
    /// </summary>
    private OnceLeftovers Duplicates(TimeSpan now)
    {
        var (young, provisioning, running) = (new List<string>(), new List<string>(), new List<string>());
        foreach (var entry in _book.Entries)
        {
            if (IsLive(entry) && _book.IsDuplicate(entry))
                (AgeToStop(entry, now) < timing.StopAge ? young : entry.Session.IsProvisioning ? provisioning : running).Add(entry.Session.Id);
        }

        return new(young, provisioning, running);
    }

    private void Add(OnceLook look, TimeSpan now)
    {
        (_look, _lookBegan) = (look, now - look.Duration);
        foreach (var session in look.Sessions)
            _book.Add(session, now);
    }

    private OnceStep Next(TimeSpan now, OnceStep? afterStops = null)
    {
        if (_toStop.Count > 0)
            return new OnceStep.Stop(_toStop.Dequeue());
        if (_renamed.Count > 0)
            return new OnceStep.Fail(OnceError.NameChanged, $"The service changed the name of a session, so -Once and -MaxDuration cannot work: the name sent was '{_sent?.Text}'. {string.Join(", ", _renamed)} was stopped; check it with Get-MeshiaSession.", [.. _renamed]);
        if (_toCheck.Count > 0)
            return new OnceStep.Get(_toCheck.Dequeue());
        return afterStops ?? Decide(now);
    }

    private OnceStep Decide(TimeSpan now)
    {
        var head = _book.Entries.FirstOrDefault(entry => IsLive(entry) && !_book.IsDuplicate(entry));
        // What this call may have created is looked for until it must have appeared, even if other sessions exist: only this call looks for it.
        // A reading of the list shows what there was when it began, and its pages may take long.
        if (_lastUnknown is { } unknown && _lookBegan - unknown is var passed && passed < timing.UnknownTime)
            return new OnceStep.Wait(Longer(timing.NextLookAfterUnknown(passed) - (now - unknown), OnceTiming.ShortestPause), "Waiting to see whether a request without an answer created a session.");
        if (head is not null)
            return Refuse(head, now) is { } refusal ? refusal : AwaitAge(head, now);
        if (_book.Entries.FirstOrDefault(entry => entry.Session.IsStopping) is { } stopping)
        {
            return now - stopping.StoppingSince < _longestStopping
                ? Pause($"Waiting until session {stopping.Session.Id} has stopped.")
                : Unsettled($"Session {stopping.Session.Id} has the key and has been stopping for {_longestStopping.TotalMinutes:0} minutes.", [stopping.Session.Id]);
        }

        var duplicates = _book.Entries.Where(IsLive).ToList();
        if (duplicates.Exists(entry => AgeToStop(entry, now) < timing.StopAge || entry.Session.IsProvisioning))
            return Pause("Waiting until duplicates have stopped.");
        if (duplicates.Count > 0)
            return Unsettled("Several sessions have the key, and it is not known which one a job uses. Stop those that are not in use.", [.. duplicates.Select(entry => entry.Session.Id)]);
        if (_creations == MaxCreations)
            return Unsettled($"{MaxCreations} sessions were created, and each of them ended at once.", [.. _ours.Keys]);
        _sent = SessionName.Compose(request.BaseName, request.Once, request.MaxDuration is { } duration ? ServiceTime(now) + duration : null);
        return new OnceStep.Create(_sent);
    }

    private OnceStep AwaitAge(SessionBook.Entry head, TimeSpan now)
    {
        var age = AgeToHandOut(head);
        if (age >= timing.HandOutAge)
        {
            _candidate = head.Session.Id;
            return new OnceStep.Get(_candidate);
        }

        var rest = (timing.HandOutAge - age).TotalSeconds.ToString("0", CultureInfo.InvariantCulture);
        return new OnceStep.Wait(Longer(timing.NextLook(age) - age - (now - _lookBegan), OnceTiming.ShortestPause), $"Making sure that session {head.Session.Id} is the only one with this key: {rest} s.");
    }

    private OnceStep.Fail? Refuse(SessionBook.Entry head, TimeSpan now)
    {
        var session = head.Session;
        if (head.Name.BaseName != request.BaseName || !string.Equals(session.Gpu, request.Gpu, StringComparison.OrdinalIgnoreCase) || !string.Equals(session.Repo, request.Repo, StringComparison.OrdinalIgnoreCase))
        {
            return new(
                OnceError.OnceMismatch,
                $"Session {session.Id} has this key but is different: name '{head.Name.BaseName}', GPU '{session.Gpu}', repository '{session.Repo}'; requested: name '{request.BaseName}', GPU '{request.Gpu}', repository '{request.Repo}'. Use another key, or stop that session first.",
                [session.Id]);
        }

        // One that this call has just created gets its whole time, however short.
        if (!_ours.ContainsKey(session.Id) && SessionDeadline.Of(head.Name, session.CreatedAt) is { } deadline && deadline - ServiceTime(now) < ShortestRest)
        {
            return new(
                OnceError.OnceExpired,
                FormattableString.Invariant($"Session {session.Id} has this key, and its deadline is {deadline:yyyy-MM-dd HH:mm} UTC, which has passed or is less than {ShortestRest.TotalMinutes:0} minutes away. Stop it with Stop-MeshiaSession {session.Id}, then try again."),
                [session.Id]);
        }

        return null;
    }

    private void Renamed(string id)
    {
        if (_renamed.Add(id))
            _toStop.Enqueue(id);
    }

    private OnceStep.Wait Pause(string reason) => new(timing.Pause, reason);

    private static OnceStep.Fail Unsettled(string message, IReadOnlyList<string> ids) => new(OnceError.OnceUnsettled, $"{message} Sessions: {string.Join(", ", ids)}.", ids);

    private string Ours() => _ours.Count == 0 ? "" : $" This call created: {string.Join(", ", _ours.Keys)}; it may cost money.";

    private static bool IsLive(SessionBook.Entry entry) => !entry.Session.HasEnded;

    /// <summary>An age that was surely reached when the list was read: a clock that cannot be believed says nothing.</summary>
    private TimeSpan AgeToHandOut(SessionBook.Entry entry) =>
        !_ours.ContainsKey(entry.Session.Id) && _look is { Date: { } date } look && SessionDeadline.CanTrust(date, look.LocalTime)
            ? Longer(AgeAt(date, entry), _lookBegan - entry.FirstSeen)
            : _lookBegan - entry.FirstSeen;

    /// <summary>The highest age that anything speaks for: an old session may have a job.</summary>
    private TimeSpan AgeToStop(SessionBook.Entry entry, TimeSpan now)
    {
        var age = now - entry.FirstSeen;
        if (_look is { } look)
        {
            // The time of the first page.
            var since = now - _lookBegan;
            if (look.Date is { } date)
                age = Longer(age, AgeAt(date + since, entry));
            if (!SessionDeadline.CanTrust(look.Date, look.LocalTime))
                age = Longer(age, AgeAt(look.LocalTime + since, entry));
        }

        return age;
    }

    private TimeSpan AgeAt(DateTimeOffset time, SessionBook.Entry entry) => entry.Session.CreatedAt is { } created ? time - created - timing.AgeError : TimeSpan.Zero;

    private DateTimeOffset ServiceTime(TimeSpan now) => (_look!.Date ?? _look.LocalTime) + (now - _lookBegan);

    private static TimeSpan Longer(TimeSpan left, TimeSpan right) => left > right ? left : right;
}
