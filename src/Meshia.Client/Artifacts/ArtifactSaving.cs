using System.Diagnostics;

namespace Meshia;

/// <summary>
/// The saving of one artifact: keeps a file that is there and right, downloads one that is not, and waits for another
/// process that downloads the same file.
/// </summary>
internal sealed class ArtifactSaving(Transport transport, Artifact artifact, string path, ArtifactSaveOptions options, CallOptions? call)
{
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(100);

    private readonly Stopwatch _idle = new();
    private (long Length, DateTime WrittenAt) _lookOfOther;

    /// <exception cref="MeshiaException">The artifact does not come, or not in time.</exception>
    /// <exception cref="IOException">The file cannot be written, or another one is there already.</exception>
    public Task<SavedArtifact> RunAsync(CancellationToken cancellationToken) => TimeLimit.RunAsync(
        call?.Timeout,
        transport.Options.TimeProvider,
        WaitForTurnAsync,
        (limit, failure) => new MeshiaException(MeshiaFailure.TimedOut, "timed_out", $"Artifact {artifact.Id} was not complete within {limit.TotalSeconds:0.#} s. The bytes so far are kept.", failure)
        {
            RecommendedAction = "Run the same command again with a longer -TimeoutSeconds to continue.",
        },
        cancellationToken);

    private async Task<SavedArtifact> WaitForTurnAsync(CancellationToken cancellationToken)
    {
        for (var hasWaited = false; ; hasWaited = true)
        {
            try
            {
                if (OwnFile.Exists(path) && !Directory.Exists(path) && await KeepAsync(hasWaited, cancellationToken).ConfigureAwait(false) is { } kept)
                    return kept;
                using var storage = new ArtifactStorage(transport, artifact, call);
                using var download = new ArtifactDownload(artifact, path, options, storage);
                return await download.RunAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (FileInUseException) when (IsOtherAlive())
            {
                if (!hasWaited)
                    (call?.Observer ?? transport.Options.Observer)?.Invoke(new(ClientMessageLevel.Warning, $"Another download is writing '{path}'. Waiting for it."));
            }

            await Task.Delay(_pause, cancellationToken).ConfigureAwait(false);
            options.Manifest?.Refresh();
        }
    }

    /// <summary>Keeps the file that is there; null if it is to be replaced.</summary>
    private async Task<SavedArtifact?> KeepAsync(bool hasWaited, CancellationToken cancellationToken)
    {
        if (options.Overwrite && !hasWaited)
            return null;
        try
        {
            return await ExistingFile.KeepAsync(artifact, path, options, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException failure) when (options.Overwrite && failure is not FileInUseException)
        {
            // The other download did not bring it.
            return null;
        }
    }

    /// <summary>Whether the other download does something, or may yet.</summary>
    private bool IsOtherAlive()
    {
        var other = new FileInfo(path + PartialDownload.FileEnding);
        var look = other.Exists ? (other.Length, other.LastWriteTimeUtc) : default;
        if (look != _lookOfOther)
            _idle.Restart();
        _lookOfOther = look;
        _idle.Start();
        return _idle.Elapsed < transport.Options.TotalTimeout;
    }
}
