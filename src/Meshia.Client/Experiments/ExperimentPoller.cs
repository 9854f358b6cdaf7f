using System.Net;
using System.Runtime.CompilerServices;

namespace Meshia;

/// <summary>Waits for experiments: one list serves all of a session, a single one is looked at by its id.</summary>
internal sealed class ExperimentPoller(Transport transport, WaitOptions options, CallOptions? call, IReadOnlyDictionary<string, string> sessionIds)
    : Poller<Experiment>(transport, options, call)
{
    /// <summary>Every so many looks, whether a session has ended and left its experiments behind.</summary>
    private const int LooksPerSessionLook = 4;

    private readonly Dictionary<string, string> _sessionIds = sessionIds.ToDictionary(pair => pair.Key, pair => pair.Value, StringComparer.Ordinal);
    private readonly Dictionary<string, string> _endedSessions = new(StringComparer.Ordinal);
    private int _looks;

    protected override IReadOnlyList<string> UsualStatuses { get; } = [.. ExperimentStatus.GoodEnds, ExperimentStatus.Failed];

    protected override IReadOnlyList<string> StatusOrder => ExperimentStatus.All;

    protected override string? StateOf(Experiment item) => item.Status;

    protected override bool IsOver(Experiment item) => EndState.IsOver(item);

    /// <summary>A list need not hold configuration and metrics.</summary>
    protected override bool IsWhole(Experiment item) => item.Config.Count > 0 || item.Metrics.Count > 0;

    protected override string? FindFault(Experiment item)
    {
        if (base.FindFault(item) is { } fault)
            return IsOver(item) && item.Error is { } error ? $"{fault}: {error}" : fault;
        return item.SessionId is { } sessionId && _endedSessions.TryGetValue(sessionId, out var end) ? $"it is {item.Status ?? "in no state"}, and its session {sessionId} is {end}" : null;
    }

    protected override Task<Experiment> GetAsync(string id, CancellationToken cancellationToken) => ExperimentRequests.GetAsync(Transport, id, Call, cancellationToken);

    protected override async IAsyncEnumerable<Observation> LookAsync(IReadOnlyList<string> ids, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Before the experiments: what a session has done until it ended is in what is seen afterwards.
        if (++_looks % LooksPerSessionLook == 0)
            await LookAtSessionsAsync(ids, cancellationToken).ConfigureAwait(false);
        foreach (var group in ids.GroupBy(SessionOf))
        {
            var listed = new Dictionary<string, Experiment>(StringComparer.Ordinal);
            var failure = group.Key is { } sessionId ? await LookAtListAsync(sessionId, [.. group], listed, cancellationToken).ConfigureAwait(false) : null;
            foreach (var id in group.Where(listed.ContainsKey))
                yield return new(id, listed[id], null);
            foreach (var id in group.Where(id => !listed.ContainsKey(id)))
            {
                var seen = failure is not null && IsPassing(failure) ? new(id, null, failure) : await SeeAsync(id, cancellationToken).ConfigureAwait(false);
                if (seen.Item?.SessionId is { } found)
                    _sessionIds[id] = found;
                yield return seen;
            }
        }
    }

    private string? SessionOf(string id) => _sessionIds.TryGetValue(id, out var sessionId) ? sessionId : null;

    private async Task<MeshiaException?> LookAtListAsync(string sessionId, List<string> ids, Dictionary<string, Experiment> listed, CancellationToken cancellationToken)
    {
        var durations = new List<TimeSpan>();
        var failure = await ReadListAsync(
            $"experiments of {sessionId}",
            ids,
            ExperimentRequests.List(sessionId),
            experiment => experiment.Id,
            experiment =>
            {
                listed[experiment.Id] = experiment;
                if (experiment.Duration is { } duration && ExperimentStatus.IsGoodEnd(experiment.Status))
                    durations.Add(duration);
            },
            cancellationToken).ConfigureAwait(false);
        // The session is gone; its experiments are looked for one by one.
        if (failure?.StatusCode == HttpStatusCode.NotFound)
            _endedSessions[sessionId] = "deleted";
        if (durations.Count > 0)
            UsualTime = durations.Min();
        return failure;
    }

    private async Task LookAtSessionsAsync(IReadOnlyList<string> ids, CancellationToken cancellationToken)
    {
        var left = new HashSet<string>(ids.Select(SessionOf).OfType<string>().Where(id => !_endedSessions.ContainsKey(id)), StringComparer.Ordinal);
        var failure = await ReadListAsync("sessions", [.. left], SessionRequests.List(), session => session.Id, session =>
        {
            if (left.Remove(session.Id))
                Note(session);
        }, cancellationToken).ConfigureAwait(false);
        if (failure is not null && IsPassing(failure))
            return;
        foreach (var sessionId in left)
        {
            try
            {
                Note(await SessionRequests.GetAsync(Transport, sessionId, Call, cancellationToken).ConfigureAwait(false));
            }
            catch (MeshiaException gone) when (gone.StatusCode == HttpStatusCode.NotFound)
            {
                _endedSessions[sessionId] = "deleted";
            }
            catch (MeshiaException other) when (!RefusesKey(other))
            {
                // The experiments themselves are what is waited for.
                Tell(ClientMessageLevel.Notice, $"Whether session {sessionId} has ended is not known: {other.Message}");
            }
        }
    }

    private void Note(Session session)
    {
        if (EndState.IsOver(session))
            _endedSessions[session.Id] = session.Status ?? "over";
    }
}
