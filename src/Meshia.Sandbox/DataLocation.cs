using System.Globalization;

namespace Meshia.Sandbox;

/// <summary>
/// Where the state is kept: in the folder or file that was asked for, or in a temporary folder. One sandbox at a time has it;
/// only its owner can read it.
/// </summary>
internal sealed class DataLocation : IDisposable
{
    private const string FileName = "meshia-sandbox.db";
    private const string TemporaryPrefix = "meshia-sandbox-";
    private const string TemporaryMark = "meshia-sandbox.temporary";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerOnlyFolder = OwnerOnly | UnixFileMode.UserExecute;

    private const int LockedOnLinux = 11;
    private const int LockedOnMacOS = 35;
    private const int LockedOnWindows = unchecked((int)0x80070020);

    private static readonly string[] _fileExtensions = [".db", ".sqlite", ".sqlite3"];

    private readonly bool _temporary;
    private readonly FileStream _lock;
    private Task _sweep = Task.CompletedTask;

    /// <exception cref="IOException">Another sandbox has the data; the message names it.</exception>
    public DataLocation(string? wanted)
    {
        _temporary = wanted is null;
        Path = wanted is null ? Directory.CreateTempSubdirectory(TemporaryPrefix).FullName : System.IO.Path.GetFullPath(wanted);
        var isFile = !Directory.Exists(Path)
            && (System.IO.File.Exists(Path) || _fileExtensions.Contains(System.IO.Path.GetExtension(Path), StringComparer.OrdinalIgnoreCase));
        File = isFile ? Path : System.IO.Path.Combine(Path, FileName);
        ProtectFolder(System.IO.Path.GetDirectoryName(File)!);
        _lock = TryLock(LockFile(File)) ?? throw new IOException(DescribeOwner());
        if (_temporary)
            ProtectFile(Mark(Path), create: true);
        foreach (var file in new[] { File, $"{File}-wal", $"{File}-shm" })
            ProtectFile(file, create: file == File);
    }

    /// <summary>The folder or file as the user knows it.</summary>
    public string Path { get; }

    public string File { get; }

    private string OwnerFile => $"{File}.owner";

    /// <summary>Writes down who has the data, for a second sandbox to say.</summary>
    public void SetOwner(Uri baseUri)
    {
        ProtectFile(OwnerFile, create: true);
        System.IO.File.WriteAllText(OwnerFile, string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId} {baseUri.OriginalString}"));
    }

    /// <summary>Removes the data of killed sandboxes, in the background: a start need not wait until a long list of temporary files is read.</summary>
    public void StartSweep()
    {
        if (_temporary)
            _sweep = Task.Run(SweepTemporaryFolders);
    }

    public void Dispose()
    {
        // A folder that is half deleted could have lost the mark by which the next sweep finds it.
        _sweep.Wait();
        System.IO.File.Delete(OwnerFile);
        // Without its mark the folder is no longer a thing for the sweep of another sandbox.
        if (_temporary)
            System.IO.File.Delete(Mark(Path));
        _lock.Dispose();
        try
        {
            if (_temporary)
                Directory.Delete(Path, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // Another sandbox has just swept it.
        }
    }

    private static string LockFile(string file) => $"{file}.lock";

    private static string Mark(string folder) => System.IO.Path.Combine(folder, TemporaryMark);

    /// <summary>A lock that ends with the process, however it ends; null if another process has it.</summary>
    private static FileStream? TryLock(string path, FileMode mode = FileMode.OpenOrCreate)
    {
        try
        {
            var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = FileShare.None };
            if (mode == FileMode.OpenOrCreate && !OperatingSystem.IsWindows())
                options.UnixCreateMode = OwnerOnly;
            return new FileStream(path, options);
        }
        catch (IOException exception) when (exception.HResult is LockedOnLinux or LockedOnMacOS or LockedOnWindows)
        {
            return null;
        }
    }

    /// <summary>Removes folders with the mark of temporary data that no process has locked.</summary>
    private static void SweepTemporaryFolders()
    {
        try
        {
            foreach (var folder in new DirectoryInfo(System.IO.Path.GetTempPath()).EnumerateDirectories($"{TemporaryPrefix}*"))
                Sweep(folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A user who cannot list this folder can still create one in it.
        }
    }

    private static void Sweep(DirectoryInfo folder)
    {
        try
        {
            var path = LockFile(System.IO.Path.Combine(folder.FullName, FileName));
            if (folder.LinkTarget is not null || !System.IO.File.Exists(Mark(folder.FullName)) || TryLock(path, FileMode.Open) is not { } abandoned)
                return;
            using (abandoned)
            {
                // It may have ended in this moment, and then deletes the folder itself.
                if (System.IO.File.Exists(Mark(folder.FullName)))
                    folder.Delete(recursive: true);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Of another user, or being removed by another sandbox right now.
        }
    }

    private static void ProtectFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(folder);
        else if (!Directory.Exists(folder))
            Directory.CreateDirectory(folder, OwnerOnlyFolder);
        else if (Directory.EnumerateFileSystemEntries(folder).All(entry => System.IO.Path.GetFileName(entry).StartsWith(FileName, StringComparison.Ordinal)))
            // A folder with other things in it stays as its owner made it; the files are protected in any case.
            System.IO.File.SetUnixFileMode(folder, OwnerOnlyFolder);
    }

    private static void ProtectFile(string file, bool create)
    {
        // SQLite gives its other files the mode of the database.
        if (OperatingSystem.IsWindows())
        {
            if (create)
                new FileStream(file, FileMode.OpenOrCreate).Dispose();
        }
        else if (System.IO.File.Exists(file))
            System.IO.File.SetUnixFileMode(file, OwnerOnly);
        else if (create)
            new FileStream(file, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly }).Dispose();
    }

    private string DescribeOwner()
    {
        var who = "another sandbox";
        try
        {
            if (System.IO.File.ReadAllText(OwnerFile).Split(' ') is [var process, var address])
                who = $"the sandbox with process id {process} at {address}";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It is just starting, or it runs as another user.
        }

        return $"The data in '{Path}' is in use by {who}. Stop that sandbox, or use another folder.";
    }
}
