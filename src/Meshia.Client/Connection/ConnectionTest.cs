namespace Meshia;

/// <summary>Whether the service answers, and takes the key.</summary>
public sealed class ConnectionTest
{
    /// <summary>The address that was tried.</summary>
    public required Uri BaseUri { get; init; }

    /// <summary>The address.</summary>
    public override string ToString() => BaseUri.AbsoluteUri;

    /// <summary>Whether the service answered at all.</summary>
    public required bool IsReachable { get; init; }

    /// <summary>Whether it took the key.</summary>
    public required bool IsAuthenticated { get; init; }

    /// <summary>How long its answer took.</summary>
    public TimeSpan? Latency { get; init; }

    /// <summary>Requests left in this minute: by the service's word where it says so, else by this process's own count.</summary>
    public int? RequestsLeft { get; init; }

    /// <summary>What went wrong, or null.</summary>
    public string? Error { get; init; }
}
