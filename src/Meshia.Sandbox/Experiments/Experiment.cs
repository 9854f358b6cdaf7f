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

    /// <summary>The given outcome; null if the script decides it.</summary>
    [JsonIgnore]
    public ExperimentOutcome? Outcome { get; init; }

    /// <summary>The experiment with what it lasted, or, while it runs, has lasted so far.</summary>
    public Experiment At(DateTimeOffset now) => Status == ExperimentStatus.Running
        ? this with { DurationSeconds = (now - StartedAt)?.TotalSeconds }
        : this;
}

/// <summary>The outcome of an experiment that was added.</summary>
/// <param name="Seconds">How long it runs.</param>
/// <param name="Error">Why it fails; null if it completes.</param>
/// <param name="Metrics">JSON text of its metrics.</param>
/// <param name="Artifacts">What it leaves behind.</param>
internal sealed record ExperimentOutcome(double? Seconds, string? Error, string Metrics, IReadOnlyList<PlannedArtifact> Artifacts);

/// <summary>An artifact that an experiment leaves behind: a text, or noise of a size.</summary>
internal sealed record PlannedArtifact(string Name, string ContentType, long SizeBytes, string? Text);

/// <summary>[A] The words for the states.</summary>
internal static class ExperimentStatus
{
    public static IReadOnlyList<string> All { get; } = ["queued", "running", "completed", "failed"];

    public const string Queued = "queued";
    public const string Running = "running";
    public const string Completed = "completed";
    public const string Failed = "failed";
}
