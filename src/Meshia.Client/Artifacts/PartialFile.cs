namespace Meshia;

/// <summary>The file that a download is written into, at any place and from several threads, until it is whole.</summary>
internal sealed class PartialFile : IDisposable
{
    private readonly FileStream _file;

    /// <exception cref="IOException">It cannot be written, or another process is writing it.</exception>
    public PartialFile(string path)
    {
        Path = path;
        // Every access says where, and in large pieces: a buffer would only be in the way.
        _file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1);
    }

    public string Path { get; }

    public long Length => _file.Length;

    public void Clear() => _file.SetLength(0);

    /// <exception cref="IOException">The disk fails or is full; what was written before stays.</exception>
    public void Write(byte[] buffer, int start, int count, long offset)
    {
        try
        {
#if NET
            RandomAccess.Write(_file.SafeFileHandle, buffer.AsSpan(start, count), offset);
#else
            lock (_file)
            {
                _file.Position = offset;
                _file.Write(buffer, start, count);
                _file.Flush();
            }
#endif
        }
        catch (Exception failure) when (failure is IOException or ArgumentOutOfRangeException)
        {
            // The latter is how .NET says that the file system takes no file of this size.
            throw new IOException($"Writing '{Path}' failed: {failure.Message.TrimEnd('.')}. What has come so far is kept: make room, then run the same command again.", failure);
        }
    }

    /// <returns>How many bytes were there to be read.</returns>
    public int Read(byte[] buffer, int count, long offset)
    {
        var total = 0;
        for (var read = 1; read > 0 && total < count; total += read)
        {
#if NET
            read = RandomAccess.Read(_file.SafeFileHandle, buffer.AsSpan(total, count - total), offset + total);
#else
            lock (_file)
            {
                _file.Position = offset + total;
                read = _file.Read(buffer, total, count - total);
            }
#endif
        }

        return total;
    }

    /// <summary>Waits until the bytes are on the disk itself.</summary>
    public void Flush()
    {
#if NET
        RandomAccess.FlushToDisk(_file.SafeFileHandle);
#else
        lock (_file)
            _file.Flush(flushToDisk: true);
#endif
    }

    public void Dispose() => _file.Dispose();
}
