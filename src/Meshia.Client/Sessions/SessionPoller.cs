using System.Runtime.CompilerServices;

namespace Meshia;

/// <summary>Waits for sessions: several by one list, a single one by its id.</summary>
internal sealed class SessionPoller(Transport transport, WaitOptions options, CallOptions? call) : Poller<Session>(transport, options, call)
{
    protected override IReadOnlyList<string> UsualStatuses { get; } = [SessionStatus.Running];

    protected override IReadOnlyList<string> StatusOrder => SessionStatus.All;

    protected override string? StateOf(Session item) => item.Status;

    protected override bool IsOver(Session item) => EndState.IsOver(item);

    protected override Task<Session> GetAsync(string id, CancellationToken cancellationToken) => SessionRequests.GetAsync(Transport, id, Call, cancellationToken);

    protected override async IAsyncEnumerable<Observation> LookAsync(IReadOnlyList<string> ids, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var listed = new Dictionary<string, Session>(StringComparer.Ordinal);
        var failure = await ReadListAsync("sessions", ids, SessionRequests.List(), session => session.Id, session => listed[session.Id] = session, cancellationToken).ConfigureAwait(false);
        foreach (var id in ids.Where(listed.ContainsKey))
            yield return new(id, listed[id], null);
        foreach (var id in ids.Where(id => !listed.ContainsKey(id)))
            yield return failure is not null && IsPassing(failure) ? new(id, null, failure) : await SeeAsync(id, cancellationToken).ConfigureAwait(false);
    }
}
