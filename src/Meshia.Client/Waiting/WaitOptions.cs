namespace Meshia;

/// <summary>What is waited for, and for how long.</summary>
public sealed class WaitOptions
{
    /// <summary>The states that end the wait; those of the kind of thing where none are given.</summary>
    public IReadOnlyList<string>? Statuses { get; init; }

    /// <summary>How long to wait; with zero each is looked at once.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>Whether one that gets there is enough.</summary>
    public bool Any { get; init; }

    /// <summary>Whether the things were just created: one that the service does not find yet is waited for, for half a minute.</summary>
    public bool IsNew { get; init; }

    /// <summary>Told after each look.</summary>
    public Action<WaitProgress>? Progress { get; init; }
}

/// <summary>How far a wait has come.</summary>
/// <param name="Total">How many are waited for in all.</param>
/// <param name="Ended">How many of them are waited for no more.</param>
/// <param name="States">The states of the others, as in <c>3 running, 1 queued</c>; the mere state where there is one thing in all.</param>
public sealed record WaitProgress(int Total, int Ended, string States);
