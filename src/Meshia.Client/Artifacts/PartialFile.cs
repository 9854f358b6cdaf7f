namespace Meshia;

/// <summary>The file that a download is written into, at any place and from several threads, until it is whole.</summary>
internal sealed class PartialFile : IDisposable
{
    /// <summary>
    /// On Windows a file that is open can be given its name only where its opener allows to delete it. On Unix that is
    /// always so, and only <see cref="FileShare.None"/> is a lock.
    /// </summary>
    private static readonly FileShare _alone = Environment.OSVersion.Platform == PlatformID.Win32NT ? FileShare.Delete : FileShare.None;

    private FileStream _file;
    private bool _isNew;

    /// <exception cref="FileInUseException">Another download is writing it.</exception>
    /// <exception cref="IOException">It cannot be written.</exception>
    public PartialFile(string path)
    {
        Path = path;
        if (!OwnFile.Exists(path))
        {
            try
            {
                (_file, _isNew) = (Create(path), true);
                return;
            }
            catch (IOException) when (OwnFile.Exists(path))
            {
                // Another download has just created it.
            }
        }

        try
        {
            _file = OwnFile.Open(path, FileAccess.ReadWrite, _alone);
        }
        catch (FileNotFoundException failure)
        {
            throw new FileInUseException(path, failure);
        }

        if (OwnFile.Exists(path))
            return;
        // Between the opening and the lock, the other download has given it its final name.
        _file.Dispose();
        throw new FileInUseException(path);
    }

    public string Path { get; }

    public long Length => _file.Length;

    public bool IsClosed { get; private set; }

    /// <summary>Whether what is at the path is still this file. Nobody else can open that while it is open here.</summary>
    public bool IsAtItsPath()
    {
        try
        {
            using var other = OwnFile.Open(Path, FileAccess.Read, FileShare.Read);
#if NET
            // A file system without locks lets it be opened twice.
            return other.Length == Length && File.GetLastWriteTimeUtc(other.SafeFileHandle) == File.GetLastWriteTimeUtc(_file.SafeFileHandle);
#else
            return false;
#endif
        }
        catch (FileInUseException)
        {
            return true;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Begins again with an empty file.</summary>
    /// <exception cref="FileInUseException">Another download has just created it.</exception>
    public void Clear()
    {
        if (_isNew || Environment.OSVersion.Platform == PlatformID.Win32NT)
        {
            _file.SetLength(0);
            return;
        }

        // What was there may be a hard link to another file: it is not written to.
        OwnFile.Delete(Path);
        _file.Dispose();
        try
        {
            (_file, _isNew) = (Create(Path), true);
        }
        catch (IOException failure) when (OwnFile.Exists(Path))
        {
            throw new FileInUseException(Path, failure);
        }
    }

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
            throw new IOException($"Writing '{Path}' failed: {failure.Message.TrimEnd('.')}. The bytes so far are kept. Free some space, then run the same command again.", failure);
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

    public void Dispose()
    {
        IsClosed = true;
        _file.Dispose();
    }

    private static FileStream Create(string path)
    {
        // Every access says where, and in large pieces: a buffer would only be in the way.
        var file = OwnFile.Create(path, FileAccess.ReadWrite, _alone, isPrivate: false);
        SparseFile.TryMark(file);
        return file;
    }
}
