namespace Meshia;

/// <summary>What a sync of experiments does, and who is told about it.</summary>
public sealed class SyncOptions
{
    /// <summary>Only these sessions; all of the account where null.</summary>
    public IReadOnlyList<string>? SessionIds { get; init; }

    /// <summary>Which artifacts of ended experiments are saved too, by their names; none where null.</summary>
    public Func<string, bool>? Artifact { get; init; }

    /// <summary>Looks at ended experiments and sessions again.</summary>
    public bool Force { get; init; }

    /// <summary>Hears how far the sync is.</summary>
    public Action<SyncProgress>? Progress { get; init; }

    /// <summary>Hears of each session, experiment or artifact that failed, by its id; the others go on.</summary>
    public Action<string, Exception>? Failed { get; init; }

    /// <summary>Hears of what the user should know, as of a damaged line.</summary>
    public Action<string>? Warned { get; init; }

    /// <summary>Is told once where the sync waits for another one of the same folder.</summary>
    public Action? Waiting { get; init; }
}

/// <summary>How far a sync is.</summary>
/// <param name="Done">How many sessions are done.</param>
/// <param name="Total">How many sessions there are to look at.</param>
/// <param name="SessionId">The session that it looks at.</param>
public sealed record SyncProgress(int Done, int Total, string SessionId);
