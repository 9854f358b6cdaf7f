namespace Meshia.Client.Tests;

/// <summary>A way to start a session for a key, as the simulation drives it.</summary>
internal abstract class SimulatedStart
{
    public abstract OnceStep Begin(TimeSpan now);

    public abstract OnceStep Listed(OnceLook look, TimeSpan now);

    public abstract OnceStep Created(OnceCreation creation, TimeSpan now);

    public abstract OnceStep Got(string id, SeenSession? session, TimeSpan now);

    public virtual OnceStep Stopped(string id, bool isConfirmed, TimeSpan now) => new OnceStep.List();

    public virtual TimeSpan? LaterLookAt => null;

    public virtual OnceLeftovers LookLater(OnceLook look, TimeSpan now) => new([], [], []);
}

/// <summary>The algorithm of the product.</summary>
internal sealed class RealStart(OnceRequest request, OnceTiming timing) : SimulatedStart
{
    private readonly OnceStart _start = new(request, timing);

    public override TimeSpan? LaterLookAt => _start.LaterLookAt;

    public override OnceStep Begin(TimeSpan now) => _start.Begin(now);

    public override OnceStep Listed(OnceLook look, TimeSpan now) => _start.Listed(look, now);

    public override OnceStep Created(OnceCreation creation, TimeSpan now) => _start.Created(creation, now);

    public override OnceStep Got(string id, SeenSession? session, TimeSpan now) => _start.Got(id, session, now);

    public override OnceStep Stopped(string id, bool isConfirmed, TimeSpan now) => _start.Stopped(id, isConfirmed, now);

    public override OnceLeftovers LookLater(OnceLook look, TimeSpan now) => _start.LookLater(look, now);
}

/// <summary>A simpler design: the token is in the name, and the list is read once before and once after the request.</summary>
internal sealed class OneLookStart(OnceRequest request) : SimulatedStart
{
    private string? _own;
    private bool _hasSent;

    public override OnceStep Begin(TimeSpan now) => new OnceStep.List();

    public override OnceStep Listed(OnceLook look, TimeSpan now)
    {
        var oldest = look.Sessions.Where(session => !session.HasEnded && SessionName.Parse(session.Name).Token == request.Once.Token).MinBy(session => (session.CreatedAt, session.Id));
        if (_own is not null && oldest is not null && oldest.Id != _own && !_own.StartsWith('-'))
        {
            var own = _own;
            _own = "-";
            return new OnceStep.Stop(own);
        }

        if (oldest is not null)
            return new OnceStep.Get(oldest.Id);
        if (_own is not null and not "-")
            return new OnceStep.Get(_own);
        if (_hasSent)
            return new OnceStep.Fail(OnceError.OnceUnsettled, "The outcome is unknown.", []);
        _hasSent = true;
        return new OnceStep.Create(SessionName.Compose(request.BaseName, request.Once, null));
    }

    public override OnceStep Created(OnceCreation creation, TimeSpan now)
    {
        _own = (creation as OnceCreation.Created)?.Session.Id;
        return new OnceStep.List();
    }

    public override OnceStep Got(string id, SeenSession? session, TimeSpan now) => session is { HasEnded: false }
        ? new OnceStep.HandOut(session, id != _own)
        : new OnceStep.Fail(OnceError.OnceUnsettled, "It has ended.", []);
}

/// <summary>A simpler design: each machine has a file that says what it was about to create. A re-run there takes the newest session of that name.</summary>
internal sealed class JournalStart(OnceRequest request, Dictionary<string, DateTimeOffset> journal) : SimulatedStart
{
    private bool _hasSent;

    public override OnceStep Begin(TimeSpan now) => new OnceStep.List();

    public override OnceStep Listed(OnceLook look, TimeSpan now)
    {
        var isRerun = journal.TryGetValue(request.Once.Value, out var since);
        if (isRerun && look.Sessions.Where(session => !session.HasEnded && session.Name!.StartsWith(request.BaseName, StringComparison.Ordinal) && session.CreatedAt >= since).MaxBy(session => session.CreatedAt) is { } newest)
            return new OnceStep.Get(newest.Id);
        if (_hasSent)
            return new OnceStep.Fail(OnceError.OnceUnsettled, "The outcome is unknown.", []);
        _hasSent = true;
        journal[request.Once.Value] = look.Date!.Value.AddSeconds(-2);
        return new OnceStep.Create(SessionName.Compose(request.BaseName, request.Once, null));
    }

    public override OnceStep Created(OnceCreation creation, TimeSpan now) => creation is OnceCreation.Created created ? new OnceStep.HandOut(created.Session, false) : new OnceStep.List();

    public override OnceStep Got(string id, SeenSession? session, TimeSpan now) => session is { HasEnded: false }
        ? new OnceStep.HandOut(session, true)
        : new OnceStep.Fail(OnceError.OnceUnsettled, "It has ended.", []);
}
