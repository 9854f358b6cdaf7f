using System.Text.Json.Serialization;

namespace Meshia.Sandbox.Sessions;

/// <summary>[A] A session, as stored and as sent.</summary>
internal sealed record Session
{
    [JsonIgnore]
    public long Seq { get; init; }

    public required string Id { get; init; }

    public required string Name { get; init; }

    public required string Gpu { get; init; }

    public string? Repo { get; init; }

    public required string Status { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? StoppedAt { get; init; }

    /// <summary>When the plan ends the session, whatever it does.</summary>
    [JsonIgnore]
    public DateTimeOffset EndsAt { get; init; }

    /// <summary>When its state next changes by itself; null when it never does again.</summary>
    [JsonIgnore]
    public DateTimeOffset? NextAt { get; init; }
}

/// <summary>The words for the states. [D] provisioning, running; [A] the others.</summary>
internal static class SessionStatus
{
    public const string Provisioning = "provisioning";
    public const string Running = "running";
    public const string Stopping = "stopping";
    public const string Stopped = "stopped";
    public const string Failed = "failed";

    public static IReadOnlyList<string> All { get; } = [Provisioning, Running, Stopping, Stopped, Failed];
}
