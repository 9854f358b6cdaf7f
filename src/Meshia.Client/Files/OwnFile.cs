namespace Meshia;

/// <summary>
/// Opens and replaces the files that the module itself writes: saved profiles, partial downloads, journals, manifests and
/// state. Such a file is created exclusively and is never reached through a link, because anyone who may write to its
/// folder could plant one that leads to another file. A pipe or a device in its place is refused.
/// </summary>
internal static partial class OwnFile
{
    /// <summary>Another process that creates and deletes the same file may get in between this often.</summary>
    private const int MostTries = 20;

    /// <summary>How long a scanner or an indexer may hold a file (Windows).</summary>
    private static readonly TimeSpan _longestHold = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Creates a file that must not be there yet.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="access">Read, write or both.</param>
    /// <param name="share">What other processes may do meanwhile.</param>
    /// <param name="isPrivate">Whether only its owner may read it (Unix: mode 600).</param>
    /// <exception cref="IOException">Something is there already, or the file cannot be created.</exception>
    public static FileStream Create(string path, FileAccess access = FileAccess.ReadWrite, FileShare share = FileShare.None, bool isPrivate = true)
    {
#if NET
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = access, Share = share, BufferSize = 1 };
        if (isPrivate && !OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new(path, options);
#else
        return new(path, FileMode.CreateNew, access, share, bufferSize: 1);
#endif
    }

    /// <summary>Opens a file that is there.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="access">Read, write or both.</param>
    /// <param name="share">What other processes may do meanwhile.</param>
    /// <exception cref="FileNotFoundException">Nothing is there.</exception>
    /// <exception cref="IOException">It is a link, a pipe or a device, or another process holds it.</exception>
    public static FileStream Open(string path, FileAccess access, FileShare share)
    {
        var file = OpenWithoutLinks(path, access, share);
        if (file.CanSeek)
            return file;
        file.Dispose();
        throw NotRegular(path);
    }

    /// <summary>Opens a file, or creates it if it does not exist.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="access">Read, write or both.</param>
    /// <param name="share">What other processes may do meanwhile.</param>
    /// <param name="isPrivate">Whether only its owner may read a new one.</param>
    /// <exception cref="IOException">It is a link, a pipe or a device, or another process holds it.</exception>
    public static FileStream OpenOrCreate(string path, FileAccess access = FileAccess.ReadWrite, FileShare share = FileShare.None, bool isPrivate = true)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return Open(path, access, share);
            }
            catch (FileNotFoundException)
            {
                try
                {
                    return Create(path, access, share, isPrivate);
                }
                catch (IOException) when (tries < MostTries && Exists(path))
                {
                    // Another process has just created it.
                }
            }
        }
    }

    /// <summary>Reads a whole file; null if nothing is there.</summary>
    /// <param name="path">Its path.</param>
    /// <exception cref="IOException">It is a link, a pipe or a device, or cannot be read.</exception>
    public static byte[]? ReadAllBytes(string path)
    {
        try
        {
            return Retry(path, () =>
            {
                // Another process may replace the file meanwhile; on Windows it could not without these shares.
                using var file = Open(path, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
                using var bytes = new MemoryStream();
                file.CopyTo(bytes);
                return bytes.ToArray();
            });
        }
        catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Writes a whole file: after it the path holds the new content or, where it fails, the old one.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="content">The new content.</param>
    /// <param name="isPrivate">Whether only its owner may read it.</param>
    /// <exception cref="IOException">It is a link, a pipe or a device, or cannot be written.</exception>
    public static void WriteAllBytes(string path, byte[] content, bool isPrivate = true)
    {
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (var file = Create(temporary, FileAccess.Write, isPrivate: isPrivate))
            {
                file.Write(content, 0, content.Length);
                file.Flush(flushToDisk: true);
            }

            Replace(temporary, path);
        }
        finally
        {
            Delete(temporary);
        }
    }

    /// <summary>Gives a finished file a name that nothing has yet.</summary>
    /// <param name="temporary">The finished file, on the same volume.</param>
    /// <param name="path">The name.</param>
    /// <exception cref="IOException">Something has the name already, or another process keeps holding the file.</exception>
    public static void Move(string temporary, string path) => Retry(path, () =>
    {
        File.Move(temporary, path);
        return true;
    });

    /// <summary>Deletes a file, or a link itself, where one is there.</summary>
    /// <param name="path">Its path.</param>
    /// <exception cref="IOException">Another process keeps holding it.</exception>
    public static void Delete(string path) => Retry(path, () =>
    {
        File.Delete(path);
        return true;
    });

    /// <summary>Deletes a folder with everything in it, if it exists. A link in it is deleted, and not what it leads to.</summary>
    /// <param name="path">Its path.</param>
    /// <exception cref="IOException">Something in it cannot be deleted.</exception>
    public static void DeleteFolder(string path)
    {
        try
        {
            Retry(path, () =>
            {
                if (Directory.Exists(path))
                    Directory.Delete(path, recursive: true);
                return true;
            });
        }
        catch (UnauthorizedAccessException failure)
        {
            throw new IOException($"'{path}' cannot be deleted: {failure.Message}", failure);
        }
    }

    /// <summary>Puts a finished file in the place of another, at once; the other is there whole or not at all.</summary>
    /// <param name="temporary">The finished file, on the same volume.</param>
    /// <param name="path">The place.</param>
    /// <exception cref="IOException">The place is a link, or another process keeps holding one of the files.</exception>
    public static void Replace(string temporary, string path) => Retry(path, () =>
    {
        if (IsLink(path))
            throw NotRegular(path);
#if NET
        File.Move(temporary, path, overwrite: true);
#else
        if (Environment.OSVersion.Platform == PlatformID.Win32NT)
            MoveOver(temporary, path);
        else if (File.Exists(path))
            File.Replace(temporary, path, null);
        else
            File.Move(temporary, path);
#endif
        return true;
    });

    /// <summary>Creates a folder that only its owner may enter, with those above it, if it is missing.</summary>
    /// <param name="path">Its path.</param>
    /// <exception cref="IOException">It cannot be created.</exception>
    public static void CreateFolder(string path)
    {
#if NET
        if (OperatingSystem.IsWindows())
            PrivateFolder.Create(path);
        else
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
#else
        if (Environment.OSVersion.Platform == PlatformID.Win32NT)
            PrivateFolder.Create(path);
        else
            Directory.CreateDirectory(path);
#endif
    }

    /// <summary>Does something to a file again while a scanner, an indexer or a reader holds it for a moment (Windows).</summary>
    /// <typeparam name="T">What it gives.</typeparam>
    /// <param name="path">The file, which an error names.</param>
    /// <param name="work">The work.</param>
    /// <exception cref="IOException">Another program keeps holding the file.</exception>
    public static T Retry<T>(string path, Func<T> work)
    {
        for (var waited = System.Diagnostics.Stopwatch.StartNew(); ; Thread.Sleep(_pause))
        {
            try
            {
                return work();
            }
            catch (Exception failure) when (IsHeld(failure) && waited.Elapsed < _longestHold)
            {
                // It is tried again after the pause.
            }
            catch (IOException failure) when (failure.GetType() == typeof(IOException) && !failure.Message.Contains(path))
            {
                throw new IOException($"'{path}' cannot be changed: {failure.Message}", failure);
            }
            catch (UnauthorizedAccessException failure) when (!failure.Message.Contains(path))
            {
                // Windows says it too of a file that another program has open.
                throw new UnauthorizedAccessException($"Access to '{path}' is denied: its permissions do not allow it, or another program is using it.", failure);
            }
        }
    }

    /// <summary>Whether anything is at a path, a dangling link included.</summary>
    /// <param name="path">The path.</param>
    public static bool Exists(string path)
    {
        try
        {
            _ = File.GetAttributes(path);
            return true;
        }
        catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
    }

    /// <summary>The error for a file that a newer version of the module has written.</summary>
    /// <param name="path">Its path.</param>
    public static IOException WrittenByNewerModule(string path) =>
        new($"'{path}' was written by a newer version of the Meshia module and was not changed. Update the module, or delete the file.");

    /// <summary>Whether there is a link at a path.</summary>
    /// <param name="path">The path.</param>
    public static bool IsLink(string path) => Exists(path) && (File.GetAttributes(path) & FileAttributes.ReparsePoint) != 0;

    /// <summary>Sharing violation, lock violation, user-mapped section; and "access denied", which Windows says of a file that is being deleted or replaced.</summary>
    private static bool IsHeld(Exception failure) =>
        Environment.OSVersion.Platform == PlatformID.Win32NT
        && (failure is UnauthorizedAccessException or FileInUseException || (failure is IOException && (failure.HResult & 0xFFFF) is 5 or 32 or 33 or 1175 or 1176 or 1177 or 1224));

    /// <summary>The error for what is not a regular file.</summary>
    /// <param name="path">Its path.</param>
    public static IOException NotRegular(string path) =>
        new($"'{path}' is a link, a pipe or a device, not a regular file, and was not changed. Another user may have put it there. Delete it, or use another folder.");
}
