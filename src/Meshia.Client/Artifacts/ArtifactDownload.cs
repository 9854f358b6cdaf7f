using System.Buffers;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.ExceptionServices;
using System.Security.Cryptography;

namespace Meshia;

/// <summary>
/// One download on its way to a file. Connections fetch chunks into the <c>.partial</c> file (<see cref="ChunkMap"/>), a
/// journal remembers what is done, and one reader follows them through the file from its beginning, finds what is
/// damaged, and computes the SHA-256 of what really lies there. Only what is proved right gets the file's name.
/// </summary>
internal sealed class ArtifactDownload : IDisposable
{
    public const string PartialEnding = ".partial";
    public const string JournalEnding = ".partial.journal";

    private const int BufferSize = 256 * 1024;

    /// <summary>Below it a second connection costs more than it brings.</summary>
    private const long SmallestInParallel = 4L * ChunkMap.ChunkSize;

    /// <summary>A try that brought less is followed by a wait.</summary>
    private const int WorthwhileBytes = 64 * 1024;

    private const int MostDamages = 3;

    /// <summary>The disk works while the line does, so that little is left to wait for at the end.</summary>
    private const int ChunksPerFlush = 8;

    private readonly Artifact _artifact;
    private readonly string _path;
    private readonly ArtifactSaveOptions _options;
    private readonly ArtifactStorage _storage;
    private readonly PartialFile _file;
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly object _lock = new();
    private readonly List<Task> _running = [];
    private ChunkMap _map;
    private TransferJournal? _journal;
    private EntityTagHeaderValue? _entityTag;
    private ExceptionDispatchInfo? _failure;
    private bool _isAnswered;
    private bool _isOneVersion;
    private bool _refusesRanges;
    private bool _hasHelpers;
    private bool _isResumed;
    private bool _isFinished;
    private long _fetched;
    private int _tries;

    /// <exception cref="IOException">The file cannot be written, or there is no room for it.</exception>
    public ArtifactDownload(Artifact artifact, string path, ArtifactSaveOptions options, ArtifactStorage storage)
    {
        (_artifact, _path, _options, _storage) = (artifact, path, options, storage);
        if (Directory.Exists(path))
            throw new IOException($"A folder lies at '{path}' already.");
        // Before anything is laid out for a size that makes no sense; what is there already is known better later.
        if (artifact.SizeBytes is { } size)
            EnsureRoom(size - (File.Exists(PartialPath) ? new FileInfo(PartialPath).Length : 0));
        _map = new(artifact.SizeBytes);
        _file = new(PartialPath);
        try
        {
            Resume();
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    private string PartialPath => _path + PartialEnding;

    private string JournalPath => _path + JournalEnding;

    /// <summary>Whether bytes of two answers may be put together: one version, or a hash that finds out.</summary>
    private bool MayCombine => _artifact.Sha256 is not null || _entityTag is { IsWeak: false };

    /// <exception cref="MeshiaException">The storage does not give it, or what came is not what the service announced.</exception>
    /// <exception cref="IOException">There is no room for it, or the disk fails.</exception>
    public async Task<SavedArtifact> RunAsync(CancellationToken cancellationToken)
    {
        if (_map.Length is { } length)
            EnsureRoom(length - _map.BytesThere);
        for (var restarts = 0; ; restarts++)
        {
            try
            {
                return Finish(await FetchAndHashAsync(cancellationToken).ConfigureAwait(false));
            }
            catch (StartOverException reason)
            {
                StartOver();
                if (restarts >= reason.MostTimes)
                    throw reason.Failure;
                _storage.Tell(ClientMessageLevel.Warning, $"The download of {_artifact.Id} starts over: {reason.Failure.Message}");
            }
        }
    }

    /// <summary>Keeps what another run can go on with, and nothing else.</summary>
    public void Dispose()
    {
        _journal?.Dispose();
        _file.Dispose();
        if (_isFinished || (_journal is not null && _map.HasDone))
            return;
        File.Delete(PartialPath);
        File.Delete(JournalPath);
    }

    private void Resume()
    {
        if (_file.Length > 0 && TransferJournal.Read(JournalPath) is { } state)
        {
            if (state.Header.Fits(_artifact))
            {
                (_entityTag, _isOneVersion) = (state.Header.EntityTag, state.Header.EntityTag is { IsWeak: false });
                _map = new(state.Header.Length);
                foreach (var done in state.Digests.Where(done => (done.Key + 1L) * ChunkMap.ChunkSize <= _file.Length || _file.Length == state.Header.Length))
                    _map.SetDone(done.Key, done.Value);
                // Without a hash, the storage must say itself that its file is still the same one.
                if (_artifact.Sha256 is null)
                    _map.RequireOne();
                _journal = TransferJournal.Continue(JournalPath, state);
                _isResumed = _map.HasDone;
                _storage.Tell(ClientMessageLevel.Notice, $"Continuing {_artifact.Id}: {_map.BytesThere} of {state.Header.Length} bytes are there.");
                _options.Progress?.Report(_map.BytesThere);
                return;
            }

            _storage.Tell(ClientMessageLevel.Warning, $"What is left of an earlier download at '{PartialPath}' is of other bytes; the download of {_artifact.Id} starts over.");
        }

        _file.Clear();
    }

    private void StartOver()
    {
        _journal?.Dispose();
        _journal = null;
        File.Delete(JournalPath);
        _file.Clear();
        _map = new(_artifact.SizeBytes);
        _running.Clear();
        (_entityTag, _failure, _isAnswered, _isOneVersion, _hasHelpers, _isResumed) = (null, null, false, false, false, false);
    }

    /// <summary>Runs the connections and the reader until the file is there, or something fails for good.</summary>
    /// <returns>The SHA-256 of what lies in the file.</returns>
    private async Task<string> FetchAndHashAsync(CancellationToken cancellationToken)
    {
        using var all = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var hash = "";
        Start(all, async () =>
        {
            hash = await HashAsync(all.Token).ConfigureAwait(false);
            // A helper may be waiting for its next try.
            all.Cancel();
        });
        Start(all, () => FetchAsync(all, isHelper: false));
        for (var task = NextRunning(); task is not null; task = NextRunning())
            await task.ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        _failure?.Throw();
        return hash;
    }

    /// <summary>Starts something whose failure ends all the rest.</summary>
    private void Start(CancellationTokenSource all, Func<Task> work)
    {
        var task = Task.Run(async () =>
        {
            try
            {
                await work().ConfigureAwait(false);
            }
            catch (Exception failure)
            {
                lock (_lock)
                {
                    if (!all.IsCancellationRequested)
                        _failure = ExceptionDispatchInfo.Capture(failure);
                    all.Cancel();
                }
            }
        });
        lock (_lock)
            _running.Add(task);
    }

    private Task? NextRunning()
    {
        lock (_lock)
            return _running.Find(task => !task.IsCompleted);
    }

    /// <summary>Follows the connections through the file.</summary>
    private async Task<string> HashAsync(CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent((int)Math.Min(ChunkMap.ChunkSize, _map.Length ?? ChunkMap.ChunkSize));
        var flush = Task.CompletedTask;
        try
        {
            for (var index = 0; await _map.WhenDoneAsync(index, cancellationToken).ConfigureAwait(false) is { } chunk;)
            {
                var count = _file.Read(buffer, chunk.Written, chunk.Offset);
                if (count != chunk.Written || ChunkMap.DigestOf(buffer, count) != chunk.Digest)
                {
                    _storage.Tell(ClientMessageLevel.Warning, $"'{PartialPath}' is damaged at byte {chunk.Offset}; that part of {_artifact.Id} is fetched again.");
                    _map.Damaged(chunk);
                    if (chunk.Damages > MostDamages)
                        throw new IOException($"The disk does not keep what is written into '{PartialPath}' at byte {chunk.Offset}.");
                    continue;
                }

                hash.AppendData(buffer, 0, count);
                index++;
                if (index % ChunksPerFlush != 0 || !flush.IsCompleted)
                    continue;
                await flush.ConfigureAwait(false);
                flush = Task.Run(_file.Flush, CancellationToken.None);
            }

            // A disk says only once that it failed.
            await flush.ConfigureAwait(false);
            _map.Verified();
            return FileHash.Hex(hash.GetHashAndReset());
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            // The file must not be closed under it.
            await Task.WhenAny(flush).ConfigureAwait(false);
        }
    }

    /// <summary>Fetches what is missing over one connection at a time. A helper gives up where the storage does not want it.</summary>
    private async Task FetchAsync(CancellationTokenSource all, bool isHelper)
    {
        var fruitless = 0;
        var refusals = 0;
        var seen = Interlocked.Read(ref _fetched);
        while ((isHelper ? _map.TryTake() : await _map.TakeAsync(all.Token).ConfigureAwait(false)) is { } chunk)
        {
            var setback = await FetchRunAsync(chunk, all, isHelper).ConfigureAwait(false);
            if (setback is null)
                continue;
            var now = Interlocked.Read(ref _fetched);
            var brought = now - seen;
            seen = now;
            // Bytes of any connection are progress: the storage is alive.
            fruitless = brought > 0 ? 0 : fruitless + 1;
            refusals = setback.IsRefusal ? refusals + 1 : 0;
            if (isHelper && refusals > (setback.IsOfAddress ? 1 : 0))
                return;
            if (fruitless > _storage.Settings.MaxRetries || setback.Wait > _storage.Settings.TotalTimeout)
                throw setback.Failure;
            _storage.Tell(ClientMessageLevel.Notice, $"Continuing {_artifact.Id} with {_map.BytesThere} bytes: {setback.Failure.Message}");
            if (setback.Wait is not null || brought < WorthwhileBytes)
                await _storage.WaitAsync(setback.Wait, fruitless, all.Token).ConfigureAwait(false);
        }
    }

    /// <summary>Fetches a chunk and what follows it, in one answer. Gives back what it could not fetch.</summary>
    private async Task<Setback?> FetchRunAsync(Chunk taken, CancellationTokenSource all, bool isHelper)
    {
        Chunk? chunk = taken;
        try
        {
            if (_map.BytesThere > 0 && !MayCombine)
                throw new StartOverException(ArtifactStorage.CutOff(_artifact, _map.BytesThere, "and what came could not be combined with more, having neither ETag nor hash"), _storage.Settings.MaxRetries);
            var url = await _storage.Address.GetAsync(all.Token).ConfigureAwait(false);
            var wantsRange = chunk.Position > 0 || _map.Length >= SmallestInParallel;
            var range = wantsRange && !_refusesRanges ? new RangeHeaderValue(chunk.Position, _map.EndOfGap(chunk) - 1) : null;
            Interlocked.Increment(ref _tries);
            using var response = await _storage.OpenAsync(url, range, range is not null && _isOneVersion ? _entityTag : null, all.Token).ConfigureAwait(false);
            if (!response.IsSuccessStatusCode)
                return Refusal(response, url, range);

            var position = BeginOf(response);
            if (position > chunk.Position)
                return new(ArtifactStorage.Invalid(_artifact, "bytes of another place than those that it was asked for"));
            CheckVersion(response, isWhole: response.StatusCode != HttpStatusCode.PartialContent);
            if (position < chunk.Position && response.StatusCode != HttpStatusCode.PartialContent)
            {
                // The host ignores ranges: everything comes again, what is there is passed over.
                if (isHelper)
                    return new(ArtifactStorage.Invalid(_artifact, "the whole file in place of a part")) { IsRefusal = true };
                _map.IsSequential = true;
                _map.Release(chunk);
                chunk = _map.TryTake();
                if (chunk is null)
                    return null;
            }

            if (!isHelper)
                StartHelpers(response, all);
            using var body = await _storage.ReadAsync(response, all.Token).ConfigureAwait(false);
            var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
            try
            {
                while (true)
                {
                    // Whole chunks first: of an empty file there is nothing to read.
                    while (chunk is not null && chunk.Written == _map.SizeOf(chunk))
                    {
                        // Where the host did not say how long the file is, only its end says that nothing was left out.
                        if (TotalOf(response) is null && chunk.Position == _map.Length && await body.ReadAsync(buffer).ConfigureAwait(false) > 0)
                            throw TooLong();
                        chunk = Complete(chunk);
                    }

                    if (chunk is null)
                        return null;

                    var count = await body.ReadAsync(buffer).ConfigureAwait(false);
                    if (count == 0)
                    {
                        if (_map.Length is not null)
                            return new(ArtifactStorage.CutOff(_artifact, position, null));
                        _map.SetLength(position);
                        continue;
                    }

                    chunk = Write(buffer, count, position, chunk);
                    position += count;
                }
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
        catch (BodyReader.BrokenException failure)
        {
            return new(ArtifactStorage.CutOff(_artifact, _map.BytesThere, failure.Message, failure.InnerException));
        }
        catch (MeshiaException failure) when (ArtifactStorage.IsPassing(failure))
        {
            return new(failure);
        }
        finally
        {
            if (chunk is { State: ChunkState.Taken })
                _map.Release(chunk);
        }
    }

    /// <summary>Writes what has been read into the chunks that it belongs to, passing over what is there already.</summary>
    /// <returns>The chunk to go on with; null where all that follows is another connection's.</returns>
    private Chunk? Write(byte[] buffer, int count, long position, Chunk? chunk)
    {
        for (var used = 0; chunk is not null && used < count;)
        {
            used += (int)Math.Min(count - used, Math.Max(0, chunk.Position - (position + used)));
            var take = Math.Min(count - used, _map.SizeOf(chunk) - chunk.Written);
            if (take > 0)
            {
                _file.Write(buffer, used, take, chunk.Position);
                chunk.Hash.Append(buffer.AsSpan(used, take));
                chunk.Written += take;
                used += take;
                Interlocked.Add(ref _fetched, take);
            }

            if (used < count && chunk.Position == _map.Length)
                throw TooLong();
            if (used < count)
                chunk = Complete(chunk);
        }

        if (_options.Progress is { } progress)
            progress.Report(_map.BytesThere);
        return chunk;
    }

    /// <returns>The next chunk to fetch in the same answer.</returns>
    private Chunk? Complete(Chunk chunk)
    {
        _map.Complete(chunk);
        if (MayCombine && _map.Length is > ChunkMap.ChunkSize and { } length)
        {
            lock (_lock)
                _journal ??= TransferJournal.Begin(JournalPath, new(_artifact.Id, length, _artifact.Sha256, _entityTag));
            _journal.Done(chunk);
        }

        return _map.TryTakeAfter(chunk);
    }

    private static long BeginOf(HttpResponseMessage response) =>
        response.StatusCode == HttpStatusCode.PartialContent ? response.Content.Headers.ContentRange?.From ?? long.MaxValue : 0;

    /// <summary>How long the whole file is, as far as the answer says it.</summary>
    private static long? TotalOf(HttpResponseMessage response) =>
        response.StatusCode == HttpStatusCode.PartialContent ? response.Content.Headers.ContentRange?.Length : response.Content.Headers.ContentLength;

    /// <summary>Takes note of the file's version at the first answer, and compares at each other one.</summary>
    /// <exception cref="StartOverException">It is another one.</exception>
    private void CheckVersion(HttpResponseMessage response, bool isWhole)
    {
        var (total, tag) = (TotalOf(response), response.Headers.ETag);
        if (total is not null && _artifact.SizeBytes is { } announced && total != announced)
            throw Corrupted($"the storage has {total} bytes, {announced} were announced");
        lock (_lock)
        {
            var isFirst = !_isAnswered && !_isResumed;
            // A part that was asked for with If-Range need not repeat the tag.
            var isOtherTag = _entityTag is not null && (tag is null ? isWhole : !tag.Equals(_entityTag));
            var isOther = !isFirst && (isOtherTag || (total is not null && _map.Length is { } known && total != known));
            if (isOther)
                throw new StartOverException(new(MeshiaFailure.Corrupted, "artifact_changed", $"Artifact {_artifact.Id} changed while it was being downloaded.") { RecommendedAction = "Try again once it changes no more." }, _storage.Settings.MaxRetries);
            _isAnswered = true;
            if (isFirst)
                (_entityTag, _isOneVersion) = (tag, tag is { IsWeak: false });
            if (_map.Length is null && total is { } length)
            {
                EnsureRoom(length - _map.BytesThere);
                _map.SetLength(length);
            }
        }
    }

    private Setback Refusal(HttpResponseMessage response, SignedUrl url, RangeHeaderValue? range)
    {
        var status = (int)response.StatusCode;
        var failure = ArtifactStorage.Refused(_artifact, url, response.StatusCode, _tries);
        if (status is 401 or 403)
            _storage.Address.Refused(url);
        else if (status == 416 && response.Content.Headers.ContentRange?.Length is { } length && length != _map.Length)
            throw new StartOverException(failure, _storage.Settings.MaxRetries);
        else if (status == 416 && range is not null)
            _refusesRanges = true;
        else if (status is not (408 or 416 or 425 or 429) && !Resilience.IsPassing(response.StatusCode))
            throw failure;
        return new(failure) { IsRefusal = true, IsOfAddress = status is 401 or 403, Wait = _storage.RetryAfter(response) };
    }

    /// <summary>Has other connections help, where the file is worth it and its host gives parts of it.</summary>
    private void StartHelpers(HttpResponseMessage response, CancellationTokenSource all)
    {
        var givesParts = response.StatusCode == HttpStatusCode.PartialContent || response.Headers.AcceptRanges.Contains("bytes");
        if (_hasHelpers || !givesParts || _refusesRanges || _map.IsSequential || !MayCombine || _map.Length is not { } length || length - _map.BytesThere < SmallestInParallel)
            return;
        _hasHelpers = true;
        for (var helper = 1; helper < _options.Connections; helper++)
            Start(all, () => FetchAsync(all, isHelper: true));
    }

    /// <summary>Puts the bytes under the file's name, if they are right.</summary>
    private SavedArtifact Finish(string hash)
    {
        var length = _map.Length!.Value;
        if (_artifact.SizeBytes is { } size && size != length)
            throw new StartOverException(Corrupted($"{length} bytes came, {size} were announced"), 0);
        if (_artifact.Sha256 is not null && !string.Equals(_artifact.Sha256, hash, StringComparison.OrdinalIgnoreCase))
            throw new StartOverException(Corrupted($"their SHA-256 is {hash}, announced was {_artifact.Sha256}"), 1);
        var verified = _artifact.Sha256 is not null ? ArtifactVerification.Sha256
            : _isOneVersion ? ArtifactVerification.SizeAndETag
            : _artifact.SizeBytes is not null ? ArtifactVerification.Size : ArtifactVerification.None;
        _file.Flush();
        _file.Dispose();
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
            Resumed = _isResumed,
            BytesFetched = _fetched,
            Tries = _tries,
            Elapsed = _watch.Elapsed,
        };
        // Before the name: a run that dies in between must leave no file that nobody knows.
        _options.Manifest?.Remember(saved, PartialPath);
        Publish();
        _isFinished = true;
        _journal?.Dispose();
        File.Delete(JournalPath);
        return saved;
    }

    private void Publish()
    {
        if (_options.Overwrite && File.Exists(_path))
            File.Replace(PartialPath, _path, null);
        else
            File.Move(PartialPath, _path);
    }

    /// <exception cref="IOException">There is less room than that, as far as anybody knows.</exception>
    private void EnsureRoom(long bytes)
    {
        var folder = Path.GetDirectoryName(_path)!;
        if (bytes <= 0 || FreeBytes(folder) is not { } free || free >= bytes)
            return;
        throw new IOException($"There is no room for artifact {_artifact.Id} in '{folder}': {bytes} bytes are needed, {free} are free. What has come so far is kept: make room, then run the same command again.");
    }

    private static long? FreeBytes(string folder)
    {
        try
        {
            return new DriveInfo(Path.DirectorySeparatorChar == '\\' ? Path.GetPathRoot(folder)! : folder).AvailableFreeSpace;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // A share on another machine, for example: writing will show it.
            return null;
        }
    }

    private MeshiaException TooLong() => Corrupted($"more than the {_map.Length} bytes came that were announced");

    private MeshiaException Corrupted(string how) => new(MeshiaFailure.Corrupted, "artifact_corrupted", $"Artifact {_artifact.Id} did not arrive whole: {how}. Nothing was kept.")
    {
        RecommendedAction = "Try again; if it stays, the artifact itself is damaged.",
        Attempts = _tries,
    };

    /// <summary>A try that did not bring all that it was to bring.</summary>
    private sealed record Setback(MeshiaException Failure)
    {
        /// <summary>Whether the storage did not even begin to give.</summary>
        public bool IsRefusal { get; init; }

        /// <summary>Whether another address may help.</summary>
        public bool IsOfAddress { get; init; }

        /// <summary>How long the storage asks to wait.</summary>
        public TimeSpan? Wait { get; init; }
    }

    /// <summary>What has come so far is of no use.</summary>
    private sealed class StartOverException(MeshiaException failure, int mostTimes) : Exception(failure.Message, failure)
    {
        public MeshiaException Failure => failure;

        /// <summary>How often it is worth starting over for this reason.</summary>
        public int MostTimes => mostTimes;
    }
}
