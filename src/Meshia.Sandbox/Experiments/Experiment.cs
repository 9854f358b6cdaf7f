using System.Text.Json.Serialization;
using Meshia.Sandbox.Artifacts;

namespace Meshia.Sandbox.Experiments;

/// <summary>[A] An experiment, as stored and as sent. [D] It has config, metrics, artifacts and duration.</summary>
internal sealed record Experiment
{
    public required string Id { get; init; }

    public required string SessionId { get; init; }

    [JsonIgnore]
    public int Ordinal { get; init; }

    public required string Name { get; init; }

    public required string Status { get; init; }

    public required PythonJson Config { get; init; }

    public required PythonJson Metrics { get; init; }

    public IReadOnlyList<Artifact> Artifacts { get; init; } = [];

    public double? DurationSeconds { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    [JsonIgnore]
    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? CompletedAt { get; init; }

    public string? Error { get; init; }

    /// <summary>The experiment with what it lasted, or, while it runs, has lasted so far.</summary>
    public Experiment At(DateTimeOffset now) => Status == ExperimentStatus.Running
        ? this with { DurationSeconds = (now - StartedAt)?.TotalSeconds }
        : this;
}

/// <summary>[A] The words for the states.</summary>
internal static class ExperimentStatus
{
    public const string Queued = "queued";
    public const string Running = "running";
    public const string Completed = "completed";
    public const string Failed = "failed";
}
