using System.Management.Automation;

namespace Meshia.PowerShell;

/// <summary>A path that a user wrote, as one of the file system: below the session's location, never the process's directory.</summary>
internal static class FileSystemPath
{
    private const string FileSystem = "FileSystem";

    /// <summary>The full path, by the letter: wildcards mean nothing in it. One of another provider ends the command.</summary>
    public static string Resolve(PSCmdlet cmdlet, string path)
    {
        var resolved = cmdlet.SessionState.Path.GetUnresolvedProviderPathFromPSPath(path, out var provider, out _);
        if (provider.Name != FileSystem)
            cmdlet.ThrowTerminatingError(StreamRecord.Error("NotAFileSystem", ErrorCategory.InvalidArgument, path, $"'{path:long}' is a path of the provider {provider.Name}, not of a file system."));
        return resolved;
    }

    /// <summary>The full path of what is there, for a completer, which has no session of its own; null if there is nothing.</summary>
    public static string? TryResolve(string path)
    {
        using var shell = System.Management.Automation.PowerShell.Create(RunspaceMode.CurrentRunspace);
        var found = shell.AddCommand("Microsoft.PowerShell.Management\\Resolve-Path").AddParameter("LiteralPath", path).AddParameter("ErrorAction", ActionPreference.Ignore).Invoke();
        return found.Count == 1 && found[0].BaseObject is PathInfo { Provider.Name: FileSystem } item ? item.ProviderPath : null;
    }
}
