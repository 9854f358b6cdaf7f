using System.Net.Http.Headers;

namespace Meshia;

/// <summary>
/// What of a file is there so far: the <c>.partial</c> file, the journal that remembers what is done, and which version of
/// the artifact it is.
/// </summary>
internal sealed class PartialDownload : IDisposable
{
    public const string FileEnding = ".partial";
    public const string JournalEnding = ".partial.journal";

    private readonly Artifact _artifact;
    private readonly string _path;
    private readonly ArtifactStorage _storage;
    private readonly object _lock = new();
    private TransferJournal? _journal;
    private EntityTagHeaderValue? _entityTag;
    private bool _isAnswered;
    private bool _isFinished;
    private bool _isSwapped;

    /// <summary>Opens what an earlier run left, or begins.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public PartialDownload(Artifact artifact, string path, ArtifactStorage storage)
    {
        (_artifact, _path, _storage) = (artifact, path, storage);
        Map = new(artifact.SizeBytes);
        File = new(path + FileEnding);
        try
        {
            Resume();
        }
        catch
        {
            File.Dispose();
            throw;
        }
    }

    public PartialFile File { get; }

    public ChunkMap Map { get; private set; }

    /// <summary>Whether it continues an earlier run.</summary>
    public bool IsResumed { get; private set; }

    /// <summary>Whether the storage names the version, so that bytes of another one are noticed.</summary>
    public bool IsOneVersion { get; private set; }

    /// <summary>The version, where the storage is to give bytes of no other.</summary>
    public EntityTagHeaderValue? Version => IsOneVersion ? _entityTag : null;

    /// <summary>Whether bytes of two answers may be put together: one version, or a hash that finds out.</summary>
    public bool MayCombine => _artifact.KnownSha256 is not null || _entityTag is { IsWeak: false };

    private string JournalPath => _path + JournalEnding;

    /// <summary>Takes note of the file's version at the first answer, and compares at each other one.</summary>
    /// <exception cref="StartOverException">It is another one.</exception>
    /// <exception cref="MeshiaException">It has another size than the one that the service announced.</exception>
    public void CheckVersion(StorageAnswer answer)
    {
        var (total, tag) = (answer.Total, answer.EntityTag);
        if (total is not null && _artifact.SizeBytes is { } announced && total != announced)
            throw _storage.Corrupted($"the storage has {total} bytes, but {announced} were announced");
        lock (_lock)
        {
            var isFirst = !_isAnswered && !IsResumed;
            // A part that was asked for with If-Range need not repeat the tag.
            var isOtherTag = _entityTag is not null && (tag is null ? !answer.IsPart : !tag.Equals(_entityTag));
            // Some storages give each of their servers its own tag. With a hash, that decides.
            if (isOtherTag && _artifact.KnownSha256 is not null)
                (isOtherTag, IsOneVersion) = (false, false);
            if (!isFirst && (isOtherTag || (total is not null && Map.Length is { } known && total != known)))
                throw new StartOverException(_storage.Changed(), _storage.Budget.MaxRetries);
            _isAnswered = true;
            if (isFirst)
                (_entityTag, IsOneVersion) = (tag, tag is { IsWeak: false });
            if (Map.Length is null && total is { } length)
            {
                DiskSpace.Ensure(length - Map.BytesThere, _path, _artifact);
                Map.SetLength(length);
            }
        }
    }

    /// <summary>Takes note of a chunk that is whole.</summary>
    /// <returns>The next chunk to fetch in the same answer.</returns>
    public Chunk? Complete(Chunk chunk)
    {
        Map.Complete(chunk);
        if (MayCombine && Map.Length is > ChunkMap.ChunkSize and { } length)
        {
            lock (_lock)
                _journal ??= TransferJournal.Begin(JournalPath, new(_artifact.Id, length, _artifact.KnownSha256, _entityTag));
            _journal.Done(chunk);
        }

        return Map.TryTakeAfter(chunk);
    }

    /// <summary>Forgets what has come so far.</summary>
    public void StartOver()
    {
        _journal?.Dispose();
        _journal = null;
        OwnFile.Delete(JournalPath);
        File.Clear();
        Map = new(_artifact.SizeBytes);
        (_entityTag, _isAnswered, IsOneVersion, IsResumed) = (null, false, false, false);
    }

    /// <summary>Checks that the path of the partial file still leads to the bytes that were hashed.</summary>
    /// <exception cref="IOException">Somebody has put another file there, or removed it.</exception>
    public void CheckPath()
    {
        _isSwapped = !File.IsAtItsPath();
        if (_isSwapped)
            throw new IOException($"'{File.Path}' was replaced or removed during the download of artifact {_artifact.Id}. The file that is there now was not changed. Delete it, then run the same command again.");
    }

    /// <summary>Puts the file, which is whole, under its name. Until then, no other process may open it.</summary>
    public void Publish(bool overwrite)
    {
#if !NET
        // There, only a closed file can replace another.
        File.Dispose();
#endif
        if (overwrite)
            OwnFile.Replace(File.Path, _path);
        else
            OwnFile.Move(File.Path, _path);
        _isFinished = true;
        File.Dispose();
        _journal?.Dispose();
        OwnFile.Delete(JournalPath);
    }

    /// <summary>Keeps what another run can go on with, and nothing else.</summary>
    public void Dispose()
    {
        _journal?.Dispose();
        // Deleted before it is closed: after that, another download may have it.
        if (!_isFinished && (_journal is null || !Map.HasDone || _isSwapped))
        {
            if (!_isSwapped && (File.IsClosed || File.IsAtItsPath()))
                OwnFile.Delete(File.Path);
            OwnFile.Delete(JournalPath);
        }

        File.Dispose();
    }

    private void Resume()
    {
        if (File.Length > 0 && TransferJournal.Read(JournalPath) is { } state)
        {
            if (state.Header.Fits(_artifact))
            {
                (_entityTag, IsOneVersion) = (state.Header.EntityTag, state.Header.EntityTag is { IsWeak: false });
                Map = new(state.Header.Length);
                foreach (var done in state.Digests.Where(done => (done.Key + 1L) * ChunkMap.ChunkSize <= File.Length || File.Length == state.Header.Length))
                    Map.SetDone(done.Key, done.Value);
                // Without a hash, the storage must say itself that its file is still the same one.
                if (_artifact.KnownSha256 is null)
                    Map.RequireOne();
                _journal = TransferJournal.Continue(JournalPath, state);
                IsResumed = Map.HasDone;
                _storage.Tell(ClientMessageLevel.Notice, $"Continuing {_artifact.Id}: {Map.BytesThere} of {state.Header.Length} bytes are done.");
                return;
            }

            _storage.Tell(ClientMessageLevel.Warning, $"The unfinished download at '{File.Path}' is of another version of the file. The download of {_artifact.Id} starts over.");
        }

        File.Clear();
    }
}
