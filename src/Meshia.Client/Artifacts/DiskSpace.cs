namespace Meshia;

/// <summary>Whether there is room for a file.</summary>
internal static class DiskSpace
{
    /// <exception cref="IOException">There is less room than that, as far as anybody knows.</exception>
    public static void Ensure(long bytes, string path, Artifact artifact)
    {
        var folder = Path.GetDirectoryName(path)!;
        if (bytes <= 0 || FreeBytes(folder) is not { } free || free >= bytes)
            return;
        throw new IOException($"There is no room for artifact {artifact.Id} in '{folder}': {bytes} bytes are needed, {free} are free. What has come so far is kept: make room, then run the same command again.");
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
}
