namespace Meshia;

/// <summary>What a call with <c>-Once</c> asks for.</summary>
/// <param name="BaseName">The name that the user wrote.</param>
/// <param name="Once">The key.</param>
/// <param name="Gpu">The GPU's slug.</param>
/// <param name="Repo">The repository, or null.</param>
/// <param name="MaxDuration">How long a new session may live, or null.</param>
internal sealed record OnceRequest(string BaseName, OnceKey Once, string Gpu, string? Repo, TimeSpan? MaxDuration);

/// <summary>One reading of the whole list of sessions.</summary>
/// <param name="Sessions">The sessions of all pages; one may be there twice.</param>
/// <param name="IsComplete">Whether it went back far enough, and no page is known to be missing.</param>
/// <param name="Date">The time of the service's clock, from the <c>Date</c> of the first page; null if it does not say.</param>
/// <param name="LocalTime">The time of this machine's clock at that answer.</param>
internal sealed record OnceLook(IReadOnlyList<SeenSession> Sessions, bool IsComplete, DateTimeOffset? Date, DateTimeOffset LocalTime)
{
    /// <summary>How long ago the reading began. Pages wait for their turn in the requests a minute.</summary>
    public TimeSpan Duration { get; init; }
}

/// <summary>How creating a session ended.</summary>
internal abstract record OnceCreation
{
    private OnceCreation()
    {
    }

    /// <summary>The service answered with the session.</summary>
    public sealed record Created(SeenSession Session) : OnceCreation;

    /// <summary>The service surely did nothing, and may do it later: a 429, or a connection that was refused.</summary>
    public sealed record NotSent(TimeSpan RetryAfter) : OnceCreation;

    /// <summary>Anything else. It may have been created, or be created yet.</summary>
    public sealed record Unknown : OnceCreation;
}
