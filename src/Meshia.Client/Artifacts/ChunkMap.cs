using System.IO.Hashing;

namespace Meshia;

/// <summary>Where a chunk stands.</summary>
internal enum ChunkState
{
    Missing,
    Taken,
    Done,
}

/// <summary>A piece of a file that is fetched and written down as one.</summary>
internal sealed class Chunk(int index, long offset)
{
    public int Index => index;

    public long Offset => offset;

    public ChunkState State { get; set; }

    /// <summary>How many bytes of it are in the file. Another connection can go on after them.</summary>
    public int Written { get; set; }

    /// <summary>The hash of what was written, to find later what the disk did not keep.</summary>
    public XxHash128 Hash { get; } = new();

    /// <summary>The hash of the whole chunk, once it is done.</summary>
    public string? Digest { get; set; }

    /// <summary>How often the file did not hold what had been written.</summary>
    public int Damages { get; set; }

    /// <summary>Where the next byte belongs.</summary>
    public long Position => offset + Written;
}

/// <summary>
/// Which pieces of a file are there, and who fetches which of the others. A connection takes a chunk and goes on with
/// the next ones until it meets another's; one that has nothing left takes over the second half of the largest gap.
/// </summary>
internal sealed class ChunkMap
{
    /// <summary>What a crash costs at most for each connection.</summary>
    public const int ChunkSize = 4 * 1024 * 1024;

    private readonly object _lock = new();
    private readonly List<Chunk> _chunks = [];
    private TaskCompletionSource<bool> _change = NewChange();
    private bool _isVerified;

    /// <param name="length">The file's, if it is known.</param>
    public ChunkMap(long? length)
    {
        if (length is { } known)
            SetLength(known);
    }

    /// <summary>The file's length; null until it is known.</summary>
    public long? Length { get; private set; }

    /// <summary>Whether to go from the beginning to the end, because the storage supports nothing else.</summary>
    public bool IsSequential { get; set; }

    /// <summary>The bytes that are in the file.</summary>
    public long BytesThere
    {
        get
        {
            lock (_lock)
                return _chunks.Sum(chunk => (long)chunk.Written);
        }
    }

    public bool HasDone
    {
        get
        {
            lock (_lock)
                return _chunks.Exists(chunk => chunk.State == ChunkState.Done);
        }
    }

    public void SetLength(long length)
    {
        lock (_lock)
        {
            Length = length;
            // An empty file has one chunk too: it is fetched like any other.
            for (var count = Math.Max(1, (length + ChunkSize - 1) / ChunkSize); _chunks.Count < count;)
                Add();
            Changed();
        }
    }

    public int SizeOf(Chunk chunk) => Length is { } length ? (int)Math.Min(ChunkSize, length - chunk.Offset) : ChunkSize;

    /// <summary>Takes note of a chunk of an earlier run.</summary>
    public void SetDone(int index, string digest)
    {
        lock (_lock)
        {
            if (index < _chunks.Count)
                (_chunks[index].State, _chunks[index].Digest, _chunks[index].Written) = (ChunkState.Done, digest, SizeOf(_chunks[index]));
        }
    }

    /// <summary>Leaves something to fetch where everything is there.</summary>
    public void RequireOne()
    {
        lock (_lock)
        {
            if (_chunks.TrueForAll(chunk => chunk.State == ChunkState.Done))
                (_chunks[_chunks.Count - 1].State, _chunks[_chunks.Count - 1].Written) = (ChunkState.Missing, 0);
        }
    }

    /// <summary>Takes a chunk to fetch; null if none is left for now.</summary>
    public Chunk? TryTake()
    {
        lock (_lock)
        {
            if (Length is null && _chunks.Count == 0)
                Add();
            return Take(IsSequential ? _chunks.Find(chunk => chunk.State == ChunkState.Missing) : Next());
        }
    }

    /// <summary>Takes a chunk to fetch, and waits for one to turn up; null once the file is verified.</summary>
    public async Task<Chunk?> TakeAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task change;
            lock (_lock)
            {
                change = _change.Task;
                if (_isVerified)
                    return null;
                if (TryTake() is { } chunk)
                    return chunk;
            }

            await WaitAsync(change, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Takes what follows a chunk in the same answer: the next chunk, or, where all of the file comes anyway, the next one
    /// that is missing. Null where it is another connection's, or there already.
    /// </summary>
    public Chunk? TryTakeAfter(Chunk chunk)
    {
        lock (_lock)
        {
            var index = chunk.Index + 1;
            if (Length is null && index == _chunks.Count)
                Add();
            while (IsSequential && index < _chunks.Count && _chunks[index].State != ChunkState.Missing)
                index++;
            return index < _chunks.Count && _chunks[index].State == ChunkState.Missing ? Take(_chunks[index]) : null;
        }
    }

    /// <summary>Gives a chunk back that could not be fetched to its end.</summary>
    public void Release(Chunk chunk)
    {
        lock (_lock)
        {
            chunk.State = ChunkState.Missing;
            Changed();
        }
    }

    public void Complete(Chunk chunk)
    {
        lock (_lock)
        {
            (chunk.Digest, chunk.State) = (FileHash.Hex(chunk.Hash.GetHashAndReset()), ChunkState.Done);
            Changed();
        }
    }

    /// <summary>The hash of a chunk's bytes. It finds accidents; against an attacker stands the SHA-256 of the whole file.</summary>
    public static string DigestOf(byte[] buffer, int count) => FileHash.Hex(XxHash128.Hash(buffer.AsSpan(0, count)));

    /// <summary>Has a chunk fetched again: the file does not hold what was written into it.</summary>
    public void Damaged(Chunk chunk)
    {
        lock (_lock)
        {
            (chunk.State, chunk.Written, chunk.Digest) = (ChunkState.Missing, 0, null);
            chunk.Damages++;
            Changed();
        }
    }

    /// <summary>The file is complete: no fetcher needs to wait for a chunk.</summary>
    public void Verified()
    {
        lock (_lock)
        {
            _isVerified = true;
            Changed();
        }
    }

    /// <summary>The end of the gap that begins with a chunk; null if it is not known.</summary>
    public long? EndOfGap(Chunk chunk)
    {
        lock (_lock)
        {
            var end = chunk.Index + 1;
            while (end < _chunks.Count && _chunks[end].State == ChunkState.Missing)
                end++;
            return Length is { } length ? Math.Min(length, (long)end * ChunkSize) : null;
        }
    }

    /// <summary>Waits until a chunk is done; null if the file ends before it.</summary>
    public async Task<Chunk?> WhenDoneAsync(int index, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task change;
            lock (_lock)
            {
                change = _change.Task;
                if (index < _chunks.Count && _chunks[index].State == ChunkState.Done)
                    return _chunks[index];
                if (Length is not null && index >= _chunks.Count)
                    return null;
            }

            await WaitAsync(change, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The beginning of a gap that no fetcher handles, or else the middle of the largest other gap.</summary>
    private Chunk? Next()
    {
        Chunk? middle = null;
        var largest = 1;
        for (var start = 0; start < _chunks.Count; start++)
        {
            if (_chunks[start].State != ChunkState.Missing)
                continue;
            if (start == 0 || _chunks[start - 1].State != ChunkState.Taken)
                return _chunks[start];
            var end = start;
            while (end < _chunks.Count && _chunks[end].State == ChunkState.Missing)
                end++;
            if (end - start > largest)
                (largest, middle) = (end - start, _chunks[start + ((end - start) / 2)]);
            start = end;
        }

        return middle;
    }

    private static Chunk? Take(Chunk? chunk)
    {
        if (chunk is not null)
            chunk.State = ChunkState.Taken;
        return chunk;
    }

    private void Add() => _chunks.Add(new(_chunks.Count, (long)_chunks.Count * ChunkSize));

    private void Changed()
    {
        var change = _change;
        _change = NewChange();
        change.SetResult(true);
    }

    private static TaskCompletionSource<bool> NewChange() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static async Task WaitAsync(Task change, CancellationToken cancellationToken)
    {
        var stop = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var registration = cancellationToken.Register(() => stop.TrySetResult(true));
        await Task.WhenAny(change, stop.Task).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
    }
}
