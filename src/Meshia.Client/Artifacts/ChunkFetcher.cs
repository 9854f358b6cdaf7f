using System.Buffers;
using System.Net.Http.Headers;

namespace Meshia;

/// <summary>
/// Fetches the chunks of a file: over one connection, and over more that help where the file is worth it and its host gives
/// parts of it.
/// </summary>
internal sealed class ChunkFetcher(Artifact artifact, PartialDownload partial, ArtifactStorage storage, ArtifactSaveOptions options, DownloadTasks tasks)
{
    /// <summary>A try that brought less is followed by a wait.</summary>
    internal const int WorthwhileBytes = 64 * 1024;

    private const int BufferSize = 256 * 1024;

    /// <summary>Below it a second connection costs more than it brings.</summary>
    private const long SmallestInParallel = 4L * ChunkMap.ChunkSize;

    private int _helpers;
    private volatile bool _refusesHelpers;

    private ChunkMap Map => partial.Map;

    /// <summary>Why the last try failed.</summary>
    public MeshiaException? LastFailure { get; private set; }

    /// <summary>Fetches until the file is verified.</summary>
    public async Task FetchAsync()
    {
        var seen = storage.Budget.BytesFetched;
        while (await Map.TakeAsync(tasks.Token).ConfigureAwait(false) is { } chunk)
        {
            if (await FetchRunAsync(chunk, isHelper: false).ConfigureAwait(false) is not { } setback)
                continue;
            // Bytes of any connection are progress: the storage is alive.
            var brought = storage.Budget.BytesFetched - seen;
            seen += brought;
            if (brought == 0)
                storage.Budget.CountFruitless();
            var wait = setback.Failure.RetryAfter;
            if (!storage.Budget.Allows(wait))
                throw setback.Failure;
            storage.Tell(ClientMessageLevel.Notice, $"Continuing {artifact.Id} with {Map.BytesThere} bytes: {setback.Failure.Message:long}");
            if (wait is not null || brought < WorthwhileBytes)
                await storage.WaitAsync(wait, tasks.Token).ConfigureAwait(false);
        }
    }

    /// <summary>Fetches chunks that no other fetcher handles. Ends if the storage refuses or sends nothing.</summary>
    private async Task HelpAsync()
    {
        try
        {
            var refusals = 0;
            var seen = storage.Budget.BytesFetched;
            while (Map.TryTake() is { } chunk)
            {
                if (await FetchRunAsync(chunk, isHelper: true).ConfigureAwait(false) is not { } setback)
                    continue;
                var brought = storage.Budget.BytesFetched - seen;
                seen += brought;
                refusals = setback.IsRefusal ? refusals + 1 : 0;
                _refusesHelpers |= refusals > (setback.IsOfAddress ? 1 : 0);
                if (_refusesHelpers || brought == 0)
                    return;
                if (setback.Failure.RetryAfter is not null || brought < WorthwhileBytes)
                    await storage.WaitAsync(setback.Failure.RetryAfter, tasks.Token).ConfigureAwait(false);
            }
        }
        finally
        {
            Interlocked.Decrement(ref _helpers);
        }
    }

    /// <summary>Fetches a chunk and what follows it, in one answer. Gives back what it could not fetch.</summary>
    private async Task<Setback?> FetchRunAsync(Chunk taken, bool isHelper)
    {
        Chunk? chunk = taken;
        try
        {
            if (Map.BytesThere > 0 && !partial.MayCombine)
                throw new StartOverException(storage.CutOff(Map.BytesThere, $"it cannot be continued, because there is neither an ETag nor a hash"), storage.Budget.MaxRetries);
            var url = await storage.Address.GetAsync(tasks.Token).ConfigureAwait(false);
            var wantsRange = chunk.Position > 0 || Map.Length >= SmallestInParallel;
            var range = wantsRange && !storage.RefusesRanges ? new RangeHeaderValue(chunk.Position, Map.EndOfGap(chunk) - 1) : null;
            using var response = await storage.OpenAsync(url, range, range is null ? null : partial.Version, tasks.Token).ConfigureAwait(false);
            if (!response.IsSuccessStatusCode)
                return Failed(storage.Refused(response, url, range is not null, Map.Length));

            var answer = new StorageAnswer(response, artifact);
            if (storage.Check(answer) is { } setback)
                return Failed(setback);
            var position = answer.Position;
            if (position > chunk.Position)
                return Failed(new(storage.Invalid($"bytes from another position than requested")));
            partial.CheckVersion(answer);
            if (position < chunk.Position && !answer.IsPart)
            {
                // The host ignores ranges: everything comes again, what is there is passed over.
                if (isHelper)
                    return Failed(new(storage.Invalid($"the whole file instead of a part")) { IsRefusal = true });
                Map.IsSequential = true;
                Map.Release(chunk);
                chunk = Map.TryTake();
                if (chunk is null)
                    return null;
            }

            if (!isHelper)
                StartHelpers(answer);
            var run = new Run(position, chunk);
            try
            {
                return await ReadAsync(response, answer, run).ConfigureAwait(false);
            }
            finally
            {
                chunk = run.Chunk;
            }
        }
        catch (BodyReader.BrokenException failure)
        {
            return Failed(new(storage.CutOff(Map.BytesThere, $"{failure.Message:long}", failure.InnerException)));
        }
        catch (MeshiaException failure) when (ArtifactStorage.IsPassing(failure))
        {
            return Failed(new(failure));
        }
        finally
        {
            if (chunk is { State: ChunkState.Taken })
                Map.Release(chunk);
        }
    }

    /// <summary>Reads an answer into the chunks that it belongs to.</summary>
    private async Task<Setback?> ReadAsync(HttpResponseMessage response, StorageAnswer answer, Run run)
    {
        using var body = await storage.ReadAsync(response, answer, tasks.Token).ConfigureAwait(false);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            while (true)
            {
                // Whole chunks first: of an empty file there is nothing to read.
                while (run.Chunk is { } whole && whole.Written == Map.SizeOf(whole))
                {
                    // Where the host did not say how long the file is, only its end says that nothing was left out.
                    if (answer.Total is null && whole.Position == Map.Length && await body.ReadAsync(buffer).ConfigureAwait(false) > 0)
                        throw TooLong();
                    run.Chunk = partial.Complete(whole);
                }

                if (run.Chunk is null)
                    return null;

                var count = await body.ReadAsync(buffer).ConfigureAwait(false);
                if (count == 0)
                {
                    if (Map.Length is not null)
                        return Failed(new(storage.CutOff(run.Position, null)));
                    Map.SetLength(run.Position);
                    continue;
                }

                Write(buffer, count, run);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Writes what has been read into the chunks that it belongs to, passing over what is there already.</summary>
    private void Write(byte[] buffer, int count, Run run)
    {
        for (var used = 0; run.Chunk is { } chunk && used < count;)
        {
            used += (int)Math.Min(count - used, Math.Max(0, chunk.Position - (run.Position + used)));
            var take = Math.Min(count - used, Map.SizeOf(chunk) - chunk.Written);
            if (take > 0)
            {
                using (storage.Budget.PauseForDisk())
                    partial.File.Write(buffer, used, take, chunk.Position);
                chunk.Hash.Append(buffer.AsSpan(used, take));
                chunk.Written += take;
                used += take;
                storage.Budget.AddBytes(take);
            }

            if (used < count && chunk.Position == Map.Length)
                throw TooLong();
            if (used < count)
                run.Chunk = partial.Complete(chunk);
        }

        run.Position += count;
        if (options.Progress is { } progress)
            progress.Report(Map.BytesThere);
    }

    /// <summary>Has other connections help, again where those that did have given up.</summary>
    private void StartHelpers(StorageAnswer answer)
    {
        if (_refusesHelpers || Volatile.Read(ref _helpers) > 0 || !answer.GivesParts || storage.RefusesRanges || Map.IsSequential || !partial.MayCombine || Map.Length is not { } length || length - Map.BytesThere < SmallestInParallel)
            return;
        for (var helper = 1; helper < options.Connections; helper++)
        {
            Interlocked.Increment(ref _helpers);
            tasks.Start(HelpAsync);
        }
    }

    private Setback Failed(Setback setback)
    {
        LastFailure = setback.Failure;
        return setback;
    }

    private MeshiaException TooLong() => storage.Corrupted($"there are more than the announced {Map.Length} bytes");

    /// <summary>How far the reading of one answer has come.</summary>
    private sealed class Run(long position, Chunk chunk)
    {
        /// <summary>Where in the file the next byte of the answer belongs.</summary>
        public long Position { get; set; } = position;

        /// <summary>The chunk to go on with; null if all that follows is another connection's.</summary>
        public Chunk? Chunk { get; set; } = chunk;
    }
}
