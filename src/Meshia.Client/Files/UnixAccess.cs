#if NET
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Text;

namespace Meshia;

/// <summary>Who else may change a file or a folder (Linux, macOS).</summary>
[UnsupportedOSPlatform("windows")]
internal static class UnixAccess
{
    private const int CurrentFolder = -100;
    private const uint OwnerAndGroup = 0x18;

    /// <summary>Makes sure that nobody else may change a file or a folder.</summary>
    /// <param name="path">Its path.</param>
    /// <exception cref="IOException">Others may change it, or another user owns it.</exception>
    public static void Check(string path)
    {
        // A link is followed: what counts is where the file is in the end.
        var owner = new Status();
        var isKnown = OperatingSystem.IsLinux() && NativeMethods.Status(CurrentFolder, Encoding.UTF8.GetBytes(path + '\0'), 0, OwnerAndGroup, ref owner) == 0;
        if (WhoElse(File.GetUnixFileMode(path), isKnown ? (owner.User, owner.Group) : null, NativeMethods.User()) is { } who)
            throw new IOException($"{who} may change '{path}', and could so decide where your key is sent. Correct its owner or permissions (chown, chmod go-w), or name another folder in {ConnectionProfileFile.FolderVariable}.");
    }

    /// <summary>Tells who else may change something.</summary>
    /// <param name="mode">Its permissions.</param>
    /// <param name="owner">The user and the group that own it; null if they are not known.</param>
    /// <param name="me">The user of this process.</param>
    /// <returns>Null if nobody else may.</returns>
    internal static string? WhoElse(UnixFileMode mode, (uint User, uint Group)? owner, uint me)
    {
        if ((mode & UnixFileMode.OtherWrite) != 0)
            return "Other users of this machine";
        // Many systems give each user a group of the same number, in which nobody else is.
        if ((mode & UnixFileMode.GroupWrite) != 0 && owner?.Group is { } group && group != owner.Value.User && group != 0)
            return $"The group {group}";
        // Root may read what it is given, as in a container with the folder of a user.
        return owner?.User is { } user && user != me && user != 0 && me != 0 ? $"The user {user}" : null;
    }

    /// <summary>The start of <c>struct statx</c>, which is the same on each processor.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Status
    {
        [FieldOffset(20)]
        public uint User;

        [FieldOffset(24)]
        public uint Group;
    }

    private static class NativeMethods
    {
        [DllImport("libc", EntryPoint = "statx")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static extern int Status(int folder, byte[] path, int flags, uint mask, ref Status status);

        [DllImport("libc", EntryPoint = "geteuid")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static extern uint User();
    }
}
#endif
