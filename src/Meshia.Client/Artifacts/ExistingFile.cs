namespace Meshia;

/// <summary>A file that is where an artifact is to go.</summary>
internal static class ExistingFile
{
    /// <summary>Keeps it if it is the right one, which is not fetched again.</summary>
    /// <exception cref="FileInUseException">Another download has just given it its name.</exception>
    /// <exception cref="IOException">It is a different file, or that is not known.</exception>
    public static async Task<SavedArtifact> KeepAsync(Artifact artifact, string path, ArtifactSaveOptions options, CancellationToken cancellationToken)
    {
        if (OwnFile.IsLink(path))
            throw OwnFile.NotRegular(path);
        var (manifest, length, announced) = (options.Manifest, new FileInfo(path).Length, artifact.KnownSha256);
        var isRightLength = artifact.SizeBytes is not { } size || size == length;
        if (isRightLength && !options.Verify && manifest?.Find(path, artifact.Id) is { } unchanged && (announced is null || announced == unchanged.Sha256))
            return Kept(artifact, path, length, unchanged.Sha256, ArtifactVerification.Manifest);

        var earlier = manifest?.FindChanged(path, artifact.Id);
        if (isRightLength && (announced ?? earlier?.Sha256) is { } expected)
        {
            var hash = await FileHash.ComputeAsync(path, cancellationToken).ConfigureAwait(false);
            if (hash == expected)
            {
                var kept = Kept(artifact, path, length, hash, announced is not null ? ArtifactVerification.Sha256 : earlier!.Verified);
                manifest?.Remember(kept, path);
                return kept;
            }
        }

        throw new IOException(isRightLength && announced is null && earlier is null
            ? $"'{path}' exists already, and the service gives no hash to check it. To download and replace it, use -Force."
            : $"'{path}' exists already and is a different file. To download and replace it, use -Force.");
    }

    private static SavedArtifact Kept(Artifact artifact, string path, long length, string hash, ArtifactVerification verified)
    {
        // A run that died when the file had its name left its journal; beside a partial file it is that of a later one.
        if (!OwnFile.Exists(path + PartialDownload.FileEnding))
            OwnFile.Delete(path + PartialDownload.JournalEnding);
        return new()
        {
            ArtifactId = artifact.Id,
            ExperimentId = artifact.ExperimentId,
            Name = artifact.Name,
            Path = path,
            Length = length,
            Sha256 = hash,
            Verified = verified,
            Downloaded = false,
        };
    }
}
