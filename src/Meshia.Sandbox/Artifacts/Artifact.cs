using System.Text.Json.Serialization;

namespace Meshia.Sandbox.Artifacts;

/// <summary>[A] An artifact, as stored and as sent.</summary>
internal sealed record Artifact
{
    /// <summary>[D] An artifact has at most 2 GB.</summary>
    public const long MaxBytes = 2L * 1024 * 1024 * 1024;

    public required string Id { get; init; }

    public required string ExperimentId { get; init; }

    public required string Name { get; init; }

    public required long SizeBytes { get; init; }

    public required string ContentType { get; init; }

    /// <summary>Computed when it is first asked for: hashing everything that is produced would cost more than all else.</summary>
    public string? Sha256 { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Which kind of bytes it has.</summary>
    [JsonIgnore]
    public ArtifactKind Content { get; init; }

    /// <summary>Its bytes, if a text was given.</summary>
    [JsonIgnore]
    public string? Data { get; init; }
}

internal enum ArtifactKind
{
    Noise,
    Safetensors,
    Metrics,
    Log,

    /// <summary>A given text.</summary>
    Given,
}
