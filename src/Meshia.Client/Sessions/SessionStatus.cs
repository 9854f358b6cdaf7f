namespace Meshia;

/// <summary>The words for a session's state that the wire contract assumes; the service may add others.</summary>
public static class SessionStatus
{
    /// <summary>The pod is being made; documented as the state of a new session.</summary>
    public const string Provisioning = "provisioning";

    /// <summary>The pod is ready, and costs money.</summary>
    public const string Running = "running";

    /// <summary>The pod is being stopped.</summary>
    public const string Stopping = "stopping";

    /// <summary>It stopped: by a person, by its plan's limit, or by idling.</summary>
    public const string Stopped = "stopped";

    /// <summary>It could not be made, or broke.</summary>
    public const string Failed = "failed";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Provisioning, Running, Stopping, Stopped, Failed];
}
