namespace Meshia;

/// <summary>Whether an item has ended, for any word of the service.</summary>
internal static class EndState
{
    private static readonly HashSet<string> _ends = new(StringComparer.OrdinalIgnoreCase)
    {
        ExperimentStatus.Failed, SessionStatus.Stopped,
        "cancelled", "canceled", "aborted", "killed", "terminated", "deleted", "timed_out", "timeout", "error",
    };

    public static bool IsOver(Session session) => IsOver(session.Status, session.StoppedAt, SessionStatus.All);

    public static bool IsSessionOver(string? status, DateTimeOffset? stoppedAt) => IsOver(status, stoppedAt, SessionStatus.All);

    public static bool IsOver(Experiment experiment) => ExperimentStatus.IsGoodEnd(experiment.Status) || IsOver(experiment.Status, experiment.CompletedAt, ExperimentStatus.All);

    /// <summary>A state that is known to go on does, even where a time of the end is set already.</summary>
    private static bool IsOver(string? status, DateTimeOffset? endedAt, IReadOnlyList<string> known) =>
        (status is not null && _ends.Contains(status)) || (endedAt is not null && !known.Contains(status, StringComparer.OrdinalIgnoreCase));
}
