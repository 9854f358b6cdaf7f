using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Meshia;

/// <summary>
/// Files with holes. NTFS fills everything before a byte with zeros unless a file is marked as sparse, so a connection
/// that starts in the middle of a large file would wait for gigabytes to be written. Elsewhere files need no mark.
/// </summary>
internal static class SparseFile
{
    private const uint SetSparse = 0x000900C4;

    /// <summary>Marks a file, where its file system knows the mark.</summary>
    /// <param name="file">The file, open for writing.</param>
    public static void TryMark(FileStream file)
    {
        if (Environment.OSVersion.Platform == PlatformID.Win32NT)
            _ = NativeMethods.Control(file.SafeFileHandle, SetSparse, IntPtr.Zero, 0, IntPtr.Zero, 0, out _, IntPtr.Zero);
    }

    private static class NativeMethods
    {
        [DllImport("kernel32", EntryPoint = "DeviceIoControl", ExactSpelling = true, SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
        [return: MarshalAs(UnmanagedType.Bool)]
        public static extern bool Control(SafeFileHandle file, uint code, IntPtr input, int inputSize, IntPtr output, int outputSize, out int returned, IntPtr overlapped);
    }
}
