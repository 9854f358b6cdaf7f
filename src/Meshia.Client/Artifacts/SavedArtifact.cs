namespace Meshia;

/// <summary>How the bytes of a saved artifact were proved right.</summary>
public enum ArtifactVerification
{
    /// <summary>Neither hash nor size was known; the transfer itself was complete.</summary>
    None,

    /// <summary>The size is the one that was announced. There was neither hash nor ETag.</summary>
    Size,

    /// <summary>The size is the one that was announced, and all bytes are of one version (ETag). There was no hash.</summary>
    SizeAndETag,

    /// <summary>The SHA-256 of the bytes on the disk was computed now, and is the one that the service announced.</summary>
    Sha256,

    /// <summary>
    /// The file was not read. Its size and its time stamp are those that the manifest of the folder remembers from when it was
    /// saved and verified. To have it hashed, use <see cref="ArtifactSaveOptions.Verify"/>.
    /// </summary>
    Manifest,
}

/// <summary>An artifact that lies on the disk, whole.</summary>
public sealed class SavedArtifact
{
    /// <summary>The path of the file.</summary>
    public override string ToString() => Path;

    /// <summary>The artifact's id.</summary>
    public required string ArtifactId { get; init; }

    /// <summary>The experiment that made it.</summary>
    public string? ExperimentId { get; init; }

    /// <summary>Its name as the service gives it.</summary>
    public string? Name { get; init; }

    /// <summary>The name of its file, which is the service's name made safe.</summary>
    public string FileName => System.IO.Path.GetFileName(Path);

    /// <summary>Where it lies; a full path.</summary>
    public required string Path { get; init; }

    /// <summary>Its size in bytes.</summary>
    public required long Length { get; init; }

    /// <summary>The SHA-256 of its bytes in lower-case hexadecimal digits: computed now, or remembered where <see cref="Verified"/> is <c>Manifest</c>.</summary>
    public required string Sha256 { get; init; }

    /// <summary>How it was proved right.</summary>
    public required ArtifactVerification Verified { get; init; }

    /// <summary>False where the right file lay there already and nothing was fetched.</summary>
    public required bool Downloaded { get; init; }

    /// <summary>Whether an earlier download, which did not end, was continued.</summary>
    public bool Resumed { get; init; }

    /// <summary>How many bytes were fetched now.</summary>
    public long BytesFetched { get; init; }

    /// <summary>How often the storage was asked. One for each connection, if nothing went wrong.</summary>
    public int Tries { get; init; }

    /// <summary>How long it took.</summary>
    public TimeSpan Elapsed { get; init; }
}
