using System.Globalization;
using Meshia.Sandbox.Sessions;

namespace Meshia.Sandbox.Faults;

/// <summary>
/// A list that lags. Each item is shown as it was some time ago: a time of its own, at most that of the fault. Until an
/// item has settled, it may also be missing from one look and be back at the next.
/// </summary>
internal sealed class ListLag(Fault fault, long seed, DateTimeOffset now)
{
    private readonly TimeSpan _most = TimeSpan.FromSeconds(fault.Seconds ?? 30);

    /// <summary>Whether an item that was created then is in the list.</summary>
    public bool Shows(string id, DateTimeOffset createdAt) => createdAt <= now - Of(id) && !IsHidden(id, createdAt);

    /// <summary>The session as the list shows it; null if it is missing.</summary>
    public Session? Show(Session session)
    {
        if (!Shows(session.Id, session.CreatedAt))
            return null;
        var then = now - Of(session.Id);
        if (session.StoppedAt <= then)
            return session;
        return session with
        {
            Status = session.StartedAt <= then ? SessionStatus.Running : SessionStatus.Provisioning,
            StartedAt = session.StartedAt <= then ? session.StartedAt : null,
            StoppedAt = null,
            StopReason = null,
            Error = null,
        };
    }

    private TimeSpan Of(string id) => _most * FaultChance.Of(seed, $"{fault.Identity}|lag", id);

    // By the item and the number of the look.
    private bool IsHidden(string id, DateTimeOffset createdAt) =>
        fault.Flap is { } flap && now - createdAt < _most
        && FaultChance.Of(seed, $"{fault.Identity}|flap|{fault.Matches.ToString(CultureInfo.InvariantCulture)}", id) < flap;
}
