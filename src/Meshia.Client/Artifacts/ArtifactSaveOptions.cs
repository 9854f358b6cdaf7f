namespace Meshia;

/// <summary>How an artifact is saved.</summary>
public sealed class ArtifactSaveOptions
{
    /// <summary>How many connections fetch one large file at the same time, if its host allows it. Default 4.</summary>
    public int Connections { get; init; } = 4;

    /// <summary>Fetches and replaces a file that lies there. Without it, the right one is kept, and another is an error.</summary>
    public bool Overwrite { get; init; }

    /// <summary>Hashes a file that is there already, also where its size and its time stamp are those in the manifest.</summary>
    public bool Verify { get; init; }

    /// <summary>Hears the number of the file's bytes that are there so far, from any thread.</summary>
    public IProgress<long>? Progress { get; init; }

    /// <summary>What is known of the folder; it learns of the file. Without it, a file that is there already is hashed.</summary>
    public FolderManifest? Manifest { get; init; }
}
