namespace Meshia.Sandbox;

/// <summary>How a sandbox is run. Every default is that of the command line.</summary>
public sealed record SandboxOptions
{
    /// <summary>Folder or database file that keeps the state; a temporary folder when null.</summary>
    public string? Data { get; init; }

    /// <summary>Port of the API. 0 means any free port.</summary>
    public int Port { get; init; }

    /// <summary>Port of the artifact storage. 0 means any free port.</summary>
    public int StoragePort { get; init; }

    /// <summary>The one API key that is accepted; a random one when null.</summary>
    public string? Key { get; init; }

    /// <summary>Makes ids, names, metrics and artifact bytes reproducible; random when null.</summary>
    public long? Seed { get; init; }

    /// <summary>The plan whose limits apply.</summary>
    public SandboxPlan Plan { get; init; } = SandboxPlan.Pro;

    /// <summary>How long a new session is provisioning.</summary>
    public TimeSpan Provisioning { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long each experiment runs.</summary>
    public TimeSpan ExperimentDuration { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a session runs without an experiment.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>Requests allowed per minute.</summary>
    public int RateLimit { get; init; } = 60;

    /// <summary>The address to listen on besides loopback, as a name or an IP address; loopback alone when null.</summary>
    public string? Host { get; init; }

    /// <summary>Whether the clock stands still until it is stepped.</summary>
    public bool StandStill { get; init; }

    /// <summary>The time at which the clock starts where there is no data yet; the machine's when null.</summary>
    public DateTimeOffset? StartTime { get; init; }

    /// <summary>Whether a request that leans on something undocumented is refused.</summary>
    public bool Strict { get; init; }

    /// <summary>A JSON file with faults to set at the start.</summary>
    public string? Faults { get; init; }

    /// <summary>Wait before the first retry of a webhook delivery; doubled for each further one.</summary>
    public TimeSpan WebhookBackoff { get; init; } = TimeSpan.FromSeconds(1);
}

/// <summary>The plans that Meshia documents.</summary>
public enum SandboxPlan
{
    /// <summary>One session at a time, one GPU, 12 hours, no webhooks.</summary>
    Trial,

    /// <summary>Unlimited sessions, all GPUs, 72 hours, webhooks.</summary>
    Pro,
}
