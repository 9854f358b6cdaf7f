namespace Meshia;

/// <summary>How the wait for one thing ended.</summary>
public enum WaitEnd
{
    /// <summary>It is in a state that was waited for.</summary>
    Reached,

    /// <summary>It ended otherwise, and cannot get there any more.</summary>
    Missed,

    /// <summary>It does not exist, or not any more.</summary>
    Gone,

    /// <summary>The time was over before.</summary>
    TimedOut,

    /// <summary>The service refuses to say anything of it.</summary>
    Refused,
}

/// <summary>The end of the wait for one thing.</summary>
/// <typeparam name="T">What is waited for.</typeparam>
public sealed class WaitResult<T>
    where T : class
{
    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>How it ended.</summary>
    public required WaitEnd End { get; init; }

    /// <summary>What was last seen of it; null if it was never seen.</summary>
    public T? Item { get; init; }

    /// <summary>Why, in a sentence; null if it got there.</summary>
    public string? Reason { get; init; }

    /// <summary>What the service said, where that is why.</summary>
    public MeshiaException? Failure { get; init; }
}
