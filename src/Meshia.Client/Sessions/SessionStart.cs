namespace Meshia;

/// <summary>What <see cref="MeshiaClient.StartSessionAsync"/> starts.</summary>
public sealed class SessionStart
{
    /// <summary>The name; with a key or a longest time, lowercase letters, digits and single hyphens.</summary>
    public required string Name { get; init; }

    /// <summary>The GPU's slug, as in <c>rtx4090</c>.</summary>
    public required string Gpu { get; init; }

    /// <summary>The repository, as in <c>github:user/repo</c>, or null.</summary>
    public string? Repo { get; init; }

    /// <summary>The key: of all sessions that are started with one key, from any machine, one is live. Null for a new session each time.</summary>
    public string? Once { get; init; }

    /// <summary>How long the session may live, 1 minute to 72 hours; the deadline becomes part of its name. Null for no deadline.</summary>
    public TimeSpan? MaxDuration { get; init; }

    /// <summary>Hears what is waited for, as a sentence.</summary>
    public Action<string>? Progress { get; init; }
}
