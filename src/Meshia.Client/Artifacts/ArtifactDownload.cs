using System.Diagnostics;

namespace Meshia;

/// <summary>
/// One download on its way to a file. <see cref="ChunkFetcher"/> fetches chunks into the <see cref="PartialDownload"/>,
/// <see cref="DownloadVerifier"/> follows it and hashes what lies there. Only what is proved right gets the file's name.
/// </summary>
internal sealed class ArtifactDownload : IDisposable
{
    private readonly Artifact _artifact;
    private readonly string _path;
    private readonly ArtifactSaveOptions _options;
    private readonly ArtifactStorage _storage;
    private readonly PartialDownload _partial;
    private readonly Stopwatch _watch = Stopwatch.StartNew();

    /// <exception cref="IOException">The file cannot be written, or there is no room for it.</exception>
    public ArtifactDownload(Artifact artifact, string path, ArtifactSaveOptions options, ArtifactStorage storage)
    {
        (_artifact, _path, _options, _storage) = (artifact, path, options, storage);
        if (Directory.Exists(path))
            throw new IOException($"'{path}' is a folder.");
        if (OwnFile.IsLink(path))
            throw OwnFile.NotRegular(path);
        // Before space is reserved for a wrong size. An existing partial file knows its size better.
        var partialPath = path + PartialDownload.FileEnding;
        if (artifact.SizeBytes is { } size)
            DiskSpace.Ensure(size - (File.Exists(partialPath) ? new FileInfo(partialPath).Length : 0), path, artifact);
        _partial = new(artifact, path, storage);
        if (_partial.IsResumed)
            options.Progress?.Report(_partial.Map.BytesThere);
    }

    /// <exception cref="MeshiaException">The storage does not give it, or what came is not what the service announced.</exception>
    /// <exception cref="IOException">There is no room for it, or the disk fails.</exception>
    public async Task<SavedArtifact> RunAsync(CancellationToken cancellationToken)
    {
        if (_artifact.Sha256 is { } unread && _artifact.KnownSha256 is null)
            _storage.Tell(ClientMessageLevel.Warning, $"The service gives '{unread}' as the SHA-256 of {_artifact.Id}. That is not a SHA-256, so the file is not verified with it.");
        if (_partial.Map.Length is { } length)
            DiskSpace.Ensure(length - _partial.Map.BytesThere, _path, _artifact);
        for (var restarts = 0; ; restarts++)
        {
            try
            {
                return Finish(await FetchAndHashAsync(cancellationToken).ConfigureAwait(false));
            }
            catch (StartOverException reason)
            {
                _partial.StartOver();
                if (restarts >= reason.MostTimes)
                    throw reason.Failure;
                _storage.Tell(ClientMessageLevel.Warning, $"The download of {_artifact.Id} starts over: {reason.Failure.Message:long}");
            }
        }
    }

    public void Dispose() => _partial.Dispose();

    /// <summary>Runs the connections and the reader until the file is there, or something fails for good.</summary>
    /// <returns>The SHA-256 of what lies in the file.</returns>
    private async Task<string> FetchAndHashAsync(CancellationToken cancellationToken)
    {
        using var tasks = new DownloadTasks(cancellationToken, _storage.Budget.Spent);
        var fetcher = new ChunkFetcher(_artifact, _partial, _storage, _options, tasks);
        string? hash = null;
        tasks.Start(async () =>
        {
            hash = await new DownloadVerifier(_artifact, _partial, _storage).HashAsync(tasks.Token).ConfigureAwait(false);
            // A helper may be waiting for its next try.
            tasks.End();
        });
        tasks.Start(fetcher.FetchAsync);
        await tasks.WaitAsync().ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        return hash ?? throw _storage.Budget.TimedOut(_artifact, fetcher.LastFailure);
    }

    /// <summary>Puts the bytes under the file's name, if they are right.</summary>
    private SavedArtifact Finish(string hash)
    {
        var length = _partial.Map.Length!.Value;
        if (_artifact.SizeBytes is { } size && size != length)
            throw new StartOverException(_storage.Corrupted($"{length} bytes came, {size} were announced"), 0);
        if (_artifact.KnownSha256 is { } announced && announced != hash)
            throw new StartOverException(_storage.Corrupted($"its SHA-256 is {hash}, but {announced} was announced"), 1);
        var verified = _artifact.KnownSha256 is not null ? ArtifactVerification.Sha256
            : _partial.IsOneVersion ? ArtifactVerification.SizeAndETag
            : _artifact.SizeBytes is not null ? ArtifactVerification.Size : ArtifactVerification.None;
        _partial.File.Flush();
        _partial.CheckPath();
        var saved = new SavedArtifact
        {
            ArtifactId = _artifact.Id,
            ExperimentId = _artifact.ExperimentId,
            Name = _artifact.Name,
            Path = _path,
            Length = length,
            Sha256 = hash,
            Verified = verified,
            Downloaded = true,
            Resumed = _partial.IsResumed,
            BytesFetched = _storage.Budget.BytesFetched,
            Tries = _storage.Budget.Tries,
            Elapsed = _watch.Elapsed,
        };
        // Before the name: a run that is killed in between must not leave an unknown file.
        _options.Manifest?.Remember(saved, _partial.File.Path);
        _partial.Publish(_options.Overwrite);
        return saved;
    }
}
