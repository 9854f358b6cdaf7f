#if NET
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
#endif

namespace Meshia;

/// <content>Opening without following a link, which .NET has no option for.</content>
internal static partial class OwnFile
{
    private const int SharingViolation = 32;
    private const int LockViolation = 33;

#if NET
    private const int NoEntry = 2;
    private const int Interrupted = 4;
    private const int PermissionDenied = 13;
    private const int NotADirectory = 20;
    private const int IsADirectory = 21;
    private const int NoReader = 6;
    private const int LockShared = 1;
    private const int LockExclusive = 2;
    private const int LockWithoutWaiting = 4;

    private static FileStream OpenWithoutLinks(string path, FileAccess access, FileShare share)
    {
        if (OperatingSystem.IsWindows())
            return OpenBetweenChecks(path, access, share);
        var flags = access switch { FileAccess.Read => 0, FileAccess.Write => 1, _ => 2 } | UnixFlags;
        var name = Encoding.UTF8.GetBytes(path + '\0');
        int descriptor;
        int error;
        do
        {
            descriptor = NativeMethods.Open(name, flags);
            error = Marshal.GetLastPInvokeError();
        }
        while (descriptor < 0 && error == Interrupted);
        if (descriptor < 0)
        {
            throw error switch
            {
                NoEntry => new FileNotFoundException($"'{path}' does not exist.", path),
                NotADirectory => new DirectoryNotFoundException($"The folder of '{path}' does not exist."),
                PermissionDenied => new UnauthorizedAccessException($"Access to '{path}' is denied."),
                // A link (ELOOP, 40 on Linux and 62 on macOS), a folder, a socket or a pipe without a reader.
                40 or 62 or IsADirectory or NoReader or 102 => NotRegular(path),
                _ => new IOException($"'{path}' cannot be opened: {Marshal.GetPInvokeErrorMessage(error)}."),
            };
        }

        var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        try
        {
            // As FileStream itself does; a file system without locks says so with another error.
            var kind = share == FileShare.None ? LockExclusive : share == FileShare.Read && access == FileAccess.Read ? LockShared : 0;
            if (kind != 0 && NativeMethods.Lock(handle, kind | LockWithoutWaiting) != 0 && Marshal.GetLastPInvokeError() is 11 or 35)
                throw new FileInUseException(path);
            if ((File.GetAttributes(handle) & FileAttributes.Directory) != 0)
                throw NotRegular(path);
            return new FileStream(handle, access, bufferSize: 1);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>O_NOFOLLOW, O_CLOEXEC and, so that a pipe does not wait for its other end, O_NONBLOCK.</summary>
    private static int UnixFlags =>
        OperatingSystem.IsLinux()
            ? 0x80000 | 0x800 | (RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm or Architecture.Ppc64le ? 0x8000 : 0x20000)
            : 0x1000000 | 0x4 | 0x100;

    private static partial class NativeMethods
    {
        [DllImport("libc", EntryPoint = "open", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static extern int Open(byte[] path, int flags);

        [DllImport("libc", EntryPoint = "flock", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static extern int Lock(SafeFileHandle handle, int operation);
    }
#else
    private const int ReplaceExisting = 1;
    private const int WriteThrough = 8;

    /// <summary>File.Replace leaves a moment in which nothing has the name.</summary>
    private static void MoveOver(string temporary, string path)
    {
        if (!NativeMethods.MoveFile(temporary, path, ReplaceExisting | WriteThrough))
            throw new IOException($"'{path}' cannot be replaced: {new System.ComponentModel.Win32Exception().Message}", System.Runtime.InteropServices.Marshal.GetHRForLastWin32Error());
    }

    private static class NativeMethods
    {
        [System.Runtime.InteropServices.DllImport("kernel32", EntryPoint = "MoveFileExW", CharSet = System.Runtime.InteropServices.CharSet.Unicode, ExactSpelling = true, SetLastError = true)]
        [return: System.Runtime.InteropServices.MarshalAs(System.Runtime.InteropServices.UnmanagedType.Bool)]
        public static extern bool MoveFile(string from, string to, int flags);
    }

    private static FileStream OpenWithoutLinks(string path, FileAccess access, FileShare share) => OpenBetweenChecks(path, access, share);
#endif

    /// <summary>Windows lets only administrators and developers make links; one that is there before or after is refused.</summary>
    private static FileStream OpenBetweenChecks(string path, FileAccess access, FileShare share)
    {
        if (IsLink(path))
            throw NotRegular(path);
        FileStream file;
        try
        {
            file = new FileStream(path, FileMode.Open, access, share, bufferSize: 1);
        }
        catch (IOException failure) when (IsInUse(failure.HResult & 0xFFFF))
        {
            throw new FileInUseException(path, failure);
        }

        if (!IsLink(path))
            return file;
        file.Dispose();
        throw NotRegular(path);
    }

    /// <summary>On Linux and macOS, where this runs on .NET without the other way of opening, a lock that is held is EWOULDBLOCK.</summary>
    private static bool IsInUse(int code) =>
        code is SharingViolation or LockViolation || (Environment.OSVersion.Platform != PlatformID.Win32NT && (code is 11 or 35));
}
