using System.Text.Json.Serialization;

namespace Meshia.Sandbox.Sessions;

/// <summary>[A] A session, as stored and as sent.</summary>
internal sealed record Session
{
    /// <summary>How long before an automatic stop it is announced.</summary>
    private static readonly TimeSpan _notice = TimeSpan.FromMinutes(5);

    [JsonIgnore]
    public long Seq { get; init; }

    public required string Id { get; init; }

    [JsonIgnore]
    public string Account { get; init; } = "";

    public required string Name { get; init; }

    public required string Gpu { get; init; }

    public string? Repo { get; init; }

    public required string Status { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? StoppedAt { get; init; }

    /// <summary>Why it stops or has stopped; from five minutes before an automatic stop on, why it will.</summary>
    public string? StopReason { get; init; }

    /// <summary>From five minutes before an automatic stop on, its time.</summary>
    public DateTimeOffset? StopsAt { get; init; }

    /// <summary>What went wrong, where it failed.</summary>
    public string? Error { get; init; }

    /// <summary>When the plan ends the session in any case.</summary>
    [JsonIgnore]
    public DateTimeOffset EndsAt { get; init; }

    /// <summary>When it stops for being idle; null while it is not.</summary>
    [JsonIgnore]
    public DateTimeOffset? IdleAt { get; init; }

    /// <summary>When its state next changes by itself; null when it never does again.</summary>
    [JsonIgnore]
    public DateTimeOffset? NextAt { get; init; }

    /// <summary>What is to go wrong with it; null if nothing is.</summary>
    [JsonIgnore]
    public string? Fault { get; init; }

    [JsonIgnore]
    public double? FaultSeconds { get; init; }

    [JsonIgnore]
    public bool IsActive => Status is SessionStatus.Provisioning or SessionStatus.Running;

    /// <summary>The session with the notice of a stop that is near.</summary>
    public Session At(DateTimeOffset now)
    {
        if (!IsActive)
            return this;
        var (at, reason) = IdleAt < EndsAt ? (IdleAt.Value, SessionStopReason.Idle) : (EndsAt, SessionStopReason.Plan);
        return at - now <= _notice && Fault is null ? this with { StopsAt = at, StopReason = reason } : this;
    }
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

/// <summary>[D] A session is stopped by a person or for being idle. [A] The words, and the other reasons.</summary>
internal static class SessionStopReason
{
    public const string User = "user";
    public const string Idle = "idle";
    public const string Plan = "plan";
    public const string Failure = "failure";
}
