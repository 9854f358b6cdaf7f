namespace Meshia;

/// <summary>A file that lies where an artifact is to go.</summary>
internal static class ExistingFile
{
    /// <summary>Keeps it if it is the right one, which is not fetched again.</summary>
    /// <exception cref="IOException">It is another one, or nobody can tell.</exception>
    public static async Task<SavedArtifact> KeepAsync(Artifact artifact, string path, FolderManifest? manifest, CancellationToken cancellationToken)
    {
        var length = new FileInfo(path).Length;
        var isRightLength = artifact.SizeBytes is not { } size || size == length;
        if (isRightLength && manifest?.Find(path, artifact.Id) is { } unchanged && IsAnnounced(artifact, unchanged.Sha256))
            return Kept(artifact, path, length, unchanged.Sha256, unchanged.Verified, manifest);

        var earlier = manifest?.FindChanged(path, artifact.Id);
        if (isRightLength && (artifact.Sha256 ?? earlier?.Sha256) is { } expected)
        {
            var hash = await FileHash.ComputeAsync(path, cancellationToken).ConfigureAwait(false);
            if (string.Equals(hash, expected, StringComparison.OrdinalIgnoreCase))
                return Kept(artifact, path, length, hash, earlier?.Verified ?? ArtifactVerification.None, manifest);
        }

        throw new IOException(isRightLength && artifact.Sha256 is null && earlier is null
            ? $"A file lies at '{path}' already, and the service gives no hash to tell whether it is the right one."
            : $"Another file lies at '{path}' already.");
    }

    private static bool IsAnnounced(Artifact artifact, string hash) => artifact.Sha256 is null || string.Equals(artifact.Sha256, hash, StringComparison.OrdinalIgnoreCase);

    private static SavedArtifact Kept(Artifact artifact, string path, long length, string hash, ArtifactVerification earlier, FolderManifest? manifest)
    {
        var saved = new SavedArtifact
        {
            ArtifactId = artifact.Id,
            ExperimentId = artifact.ExperimentId,
            Name = artifact.Name,
            Path = path,
            Length = length,
            Sha256 = hash,
            Verified = artifact.Sha256 is not null ? ArtifactVerification.Sha256 : earlier,
            Downloaded = false,
        };
        manifest?.Remember(saved, path);
        // A run that died when the file had its name left its journal; beside a partial file it is that of a later one.
        if (!File.Exists(path + PartialDownload.FileEnding))
            File.Delete(path + PartialDownload.JournalEnding);
        return saved;
    }
}
