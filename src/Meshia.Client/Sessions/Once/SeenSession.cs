namespace Meshia;

/// <summary>What one answer of the service said about a session, as far as keys and deadlines need it.</summary>
internal sealed record SeenSession(string Id, string? Name, string? Gpu, string? Repo, string? Status, DateTimeOffset? CreatedAt, DateTimeOffset? StoppedAt)
{
    /// <summary>Whether the pod is gone for good, or is being stopped.</summary>
    public bool HasEnded => IsStopping || EndState.IsSessionOver(Status, StoppedAt) || Is(SessionStatus.Failed);

    /// <summary>Whether the pod is being stopped and the service does not say yet when it was.</summary>
    public bool IsStopping => Is(SessionStatus.Stopping);

    /// <summary>Whether the pod is still being made, so that no job can run on it.</summary>
    public bool IsProvisioning => Is(SessionStatus.Provisioning);

    /// <summary>What of a session matters here.</summary>
    public static SeenSession From(Session session) => new(session.Id, session.Name, session.Gpu, session.Repo, session.Status, session.CreatedAt, session.StoppedAt);

    private bool Is(string status) => string.Equals(Status, status, StringComparison.OrdinalIgnoreCase);
}
