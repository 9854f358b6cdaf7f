using System.Security.AccessControl;
using System.Security.Principal;

namespace Meshia;

/// <summary>Folders that only their owner, the system and administrators may enter (Windows).</summary>
#if NET
[System.Runtime.Versioning.SupportedOSPlatform("windows")]
#endif
internal static class PrivateFolder
{
    private const FileSystemRights Writing = FileSystemRights.CreateFiles | FileSystemRights.AppendData | FileSystemRights.Delete
        | FileSystemRights.DeleteSubdirectoriesAndFiles | FileSystemRights.ChangePermissions | FileSystemRights.TakeOwnership;

    private static readonly WellKnownSidType[] _owners = [WellKnownSidType.LocalSystemSid, WellKnownSidType.BuiltinAdministratorsSid];

    private static readonly WellKnownSidType[] _others =
    [
        WellKnownSidType.WorldSid, WellKnownSidType.AuthenticatedUserSid, WellKnownSidType.BuiltinUsersSid, WellKnownSidType.BuiltinGuestsSid,
        WellKnownSidType.AnonymousSid, WellKnownSidType.InteractiveSid, WellKnownSidType.NetworkSid,
    ];

    /// <summary>Creates a folder, with those above it, if it is missing.</summary>
    /// <param name="path">Its path.</param>
    public static void Create(string path)
    {
        if (Directory.Exists(path))
            return;
        using var user = WindowsIdentity.GetCurrent();
        var security = new DirectorySecurity();
        security.SetAccessRuleProtection(isProtected: true, preserveInheritance: false);
        foreach (var owner in _owners.Select(type => new SecurityIdentifier(type, null)).Append(user.User!))
            security.AddAccessRule(new(owner, FileSystemRights.FullControl, InheritanceFlags.ContainerInherit | InheritanceFlags.ObjectInherit, PropagationFlags.None, AccessControlType.Allow));
#if NET
        security.CreateDirectory(path);
#else
        Directory.CreateDirectory(path, security);
#endif
    }

    /// <summary>Makes sure that a folder is not one that any user may write to.</summary>
    /// <param name="path">Its path.</param>
    /// <exception cref="IOException">Other users may write to it.</exception>
    public static void Check(string path)
    {
        var rules = new DirectoryInfo(path).GetAccessControl(AccessControlSections.Access).GetAccessRules(includeExplicit: true, includeInherited: true, typeof(SecurityIdentifier));
        foreach (FileSystemAccessRule rule in rules)
        {
            if (rule.AccessControlType == AccessControlType.Allow && (rule.FileSystemRights & Writing) != 0
                && (rule.PropagationFlags & PropagationFlags.InheritOnly) == 0 && _others.Any(((SecurityIdentifier)rule.IdentityReference).IsWellKnown))
                throw new IOException($"Other users of this machine may write to '{path}', and could so decide where your key is sent. Take their rights away (icacls), or name another folder in {ConnectionProfileFile.FolderVariable}.");
        }
    }
}
