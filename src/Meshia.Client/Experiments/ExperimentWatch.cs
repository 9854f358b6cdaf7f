using System.Net;

namespace Meshia;

/// <summary>Waits for experiments: one list serves all of a session, a single one is looked at by its id.</summary>
internal sealed class ExperimentWatch(MeshiaClient client, WaitOptions options, MeshiaClientOptions settings, Action<ClientMessage>? tell, IReadOnlyDictionary<string, string> sessionIds)
    : Watch<Experiment>(client, options, settings, tell)
{
    /// <summary>Every so many looks, whether a session has ended and left its experiments behind.</summary>
    private const int LooksPerSessionLook = 4;

    private static readonly string[] _finished = [ExperimentStatus.Completed, ExperimentStatus.Failed];

    private readonly Dictionary<string, string> _sessionIds = sessionIds.ToDictionary(pair => pair.Key, pair => pair.Value, StringComparer.Ordinal);
    private readonly Dictionary<string, string> _endedSessions = new(StringComparer.Ordinal);
    private int _looks;

    private IReadOnlyList<string> Statuses => Options.Statuses ?? _finished;

    protected override string? StateOf(Experiment item) => item.Status;

    protected override bool IsThere(Experiment item) => Statuses.Contains(item.Status, StringComparer.OrdinalIgnoreCase);

    protected override string? FindFault(Experiment item)
    {
        if (_finished.Contains(item.Status))
            return $"it is {item.Status}";
        return item.SessionId is { } sessionId && _endedSessions.TryGetValue(sessionId, out var end) ? $"it is {item.Status ?? "in no state"}, and its session {sessionId} is {end}" : null;
    }

    protected override async Task<Dictionary<string, Seen>> LookAsync(IReadOnlyList<string> ids, CancellationToken cancellationToken)
    {
        var seen = new Dictionary<string, Seen>(StringComparer.Ordinal);
        // Before the experiments: what a session has done until it ended is in what is seen afterwards.
        if (++_looks % LooksPerSessionLook == 0)
            await LookAtSessionsAsync(ids, cancellationToken).ConfigureAwait(false);
        foreach (var group in ids.Where(_sessionIds.ContainsKey).GroupBy(id => _sessionIds[id]).Where(group => group.Count() > 1))
            await LookAtListAsync(group.Key, [.. group], seen, cancellationToken).ConfigureAwait(false);
        foreach (var id in ids.Where(id => !seen.ContainsKey(id)))
        {
            seen[id] = await SeeAsync(() => Client.GetExperimentAsync(id, cancellationToken)).ConfigureAwait(false);
            if (seen[id].Item is { SessionId: { } sessionId })
                _sessionIds[id] = sessionId;
        }

        return seen;
    }

    /// <summary>A list need not hold configuration and metrics.</summary>
    protected override Task<Experiment> CompleteAsync(Experiment item, CancellationToken cancellationToken) =>
        item.Config.Count > 0 || item.Metrics.Count > 0 ? Task.FromResult(item) : Client.GetExperimentAsync(item.Id, cancellationToken);

    private async Task LookAtListAsync(string sessionId, List<string> ids, Dictionary<string, Seen> seen, CancellationToken cancellationToken)
    {
        Requests++;
        var durations = new List<TimeSpan>();
        try
        {
            await foreach (var experiment in Client.GetExperimentsAsync(sessionId, cancellationToken).ConfigureAwait(false))
            {
                if (ids.Contains(experiment.Id))
                    seen[experiment.Id] = new(experiment, null);
                if (experiment is { Status: ExperimentStatus.Completed, Duration: { } duration })
                    durations.Add(duration);
            }
        }
        catch (MeshiaException failure) when (failure.StatusCode == HttpStatusCode.NotFound)
        {
            // The session is gone; its experiments are looked for one by one.
            _endedSessions[sessionId] = "deleted";
        }

        if (durations.Count > 0)
            UsualTime = durations.Min();
    }

    private async Task LookAtSessionsAsync(IReadOnlyList<string> ids, CancellationToken cancellationToken)
    {
        foreach (var sessionId in ids.Where(_sessionIds.ContainsKey).Select(id => _sessionIds[id]).Distinct().ToList())
        {
            Requests++;
            try
            {
                var session = await Client.GetSessionAsync(sessionId, cancellationToken).ConfigureAwait(false);
                if (session.Status is SessionStatus.Stopped or SessionStatus.Failed)
                    _endedSessions[sessionId] = session.Status;
            }
            catch (MeshiaException failure) when (failure.StatusCode == HttpStatusCode.NotFound)
            {
                _endedSessions[sessionId] = "deleted";
            }
        }
    }
}
