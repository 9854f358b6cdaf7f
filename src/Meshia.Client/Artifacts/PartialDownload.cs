using System.Net;
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

    /// <summary>Whether it goes on with what an earlier run left.</summary>
    public bool IsResumed { get; private set; }

    /// <summary>Whether the storage names the version, so that bytes of another one are noticed.</summary>
    public bool IsOneVersion { get; private set; }

    /// <summary>The version, where the storage is to give bytes of no other.</summary>
    public EntityTagHeaderValue? Version => IsOneVersion ? _entityTag : null;

    /// <summary>Whether bytes of two answers may be put together: one version, or a hash that finds out.</summary>
    public bool MayCombine => _artifact.Sha256 is not null || _entityTag is { IsWeak: false };

    private string JournalPath => _path + JournalEnding;

    /// <summary>How long the whole file is, as far as an answer says it.</summary>
    public static long? TotalOf(HttpResponseMessage response) =>
        response.StatusCode == HttpStatusCode.PartialContent ? response.Content.Headers.ContentRange?.Length : response.Content.Headers.ContentLength;

    /// <summary>Takes note of the file's version at the first answer, and compares at each other one.</summary>
    /// <exception cref="StartOverException">It is another one.</exception>
    /// <exception cref="MeshiaException">It has another size than the one that the service announced.</exception>
    public void CheckVersion(HttpResponseMessage response)
    {
        var (total, tag) = (TotalOf(response), response.Headers.ETag);
        if (total is not null && _artifact.SizeBytes is { } announced && total != announced)
            throw _storage.Corrupted($"the storage has {total} bytes, {announced} were announced");
        lock (_lock)
        {
            var isFirst = !_isAnswered && !IsResumed;
            // A part that was asked for with If-Range need not repeat the tag.
            var isOtherTag = _entityTag is not null && (tag is null ? response.StatusCode != HttpStatusCode.PartialContent : !tag.Equals(_entityTag));
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
                _journal ??= TransferJournal.Begin(JournalPath, new(_artifact.Id, length, _artifact.Sha256, _entityTag));
            _journal.Done(chunk);
        }

        return Map.TryTakeAfter(chunk);
    }

    /// <summary>Forgets what has come so far.</summary>
    public void StartOver()
    {
        _journal?.Dispose();
        _journal = null;
        System.IO.File.Delete(JournalPath);
        File.Clear();
        Map = new(_artifact.SizeBytes);
        (_entityTag, _isAnswered, IsOneVersion, IsResumed) = (null, false, false, false);
    }

    /// <summary>Puts the file, which is whole and closed, under its name.</summary>
    public void Publish(bool overwrite)
    {
        if (overwrite && System.IO.File.Exists(_path))
            System.IO.File.Replace(File.Path, _path, null);
        else
            System.IO.File.Move(File.Path, _path);
        _isFinished = true;
        _journal?.Dispose();
        System.IO.File.Delete(JournalPath);
    }

    /// <summary>Keeps what another run can go on with, and nothing else.</summary>
    public void Dispose()
    {
        _journal?.Dispose();
        File.Dispose();
        if (_isFinished || (_journal is not null && Map.HasDone))
            return;
        System.IO.File.Delete(File.Path);
        System.IO.File.Delete(JournalPath);
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
                if (_artifact.Sha256 is null)
                    Map.RequireOne();
                _journal = TransferJournal.Continue(JournalPath, state);
                IsResumed = Map.HasDone;
                _storage.Tell(ClientMessageLevel.Notice, $"Continuing {_artifact.Id}: {Map.BytesThere} of {state.Header.Length} bytes are there.");
                return;
            }

            _storage.Tell(ClientMessageLevel.Warning, $"What is left of an earlier download at '{File.Path}' is of other bytes; the download of {_artifact.Id} starts over.");
        }

        File.Clear();
    }
}
