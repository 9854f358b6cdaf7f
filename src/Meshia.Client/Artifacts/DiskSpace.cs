using System.Runtime.InteropServices;

namespace Meshia;

/// <summary>Whether there is room for a file.</summary>
internal static class DiskSpace
{
    /// <exception cref="IOException">There is not enough free space.</exception>
    public static void Ensure(long bytes, string path, Artifact artifact)
    {
        var folder = Path.GetDirectoryName(path)!;
        if (bytes <= 0 || FreeBytes(folder) is not { } free || free >= bytes)
            return;
        throw new IOException($"The disk of '{folder}' has not enough space for artifact {artifact.Id}: {bytes} bytes are needed, {free} are free. The bytes so far are kept. Free some space, then run the same command again.");
    }

    private static long? FreeBytes(string folder)
    {
        // Windows: a volume may be mounted in a folder, and a share has no letter, so the folder itself is asked.
        if (Environment.OSVersion.Platform == PlatformID.Win32NT)
            return NativeMethods.FreeSpace(folder, out var free, IntPtr.Zero, IntPtr.Zero) ? (long)Math.Min(free, long.MaxValue) : null;
        try
        {
            return new DriveInfo(folder).AvailableFreeSpace;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // A share on another machine, for example: writing will show it.
            return null;
        }
    }

    private static class NativeMethods
    {
        [DllImport("kernel32", EntryPoint = "GetDiskFreeSpaceExW", CharSet = CharSet.Unicode, ExactSpelling = true, SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
        [return: MarshalAs(UnmanagedType.Bool)]
        public static extern bool FreeSpace(string folder, out ulong free, IntPtr total, IntPtr totalFree);
    }
}
