using System.Runtime.InteropServices;

namespace Meshia.PowerShell;

/// <summary>
/// Finds programs on the PATH, by absolute path: a program that is started by its bare name may be one that another user put into
/// the current folder.
/// </summary>
internal static class ProgramPath
{
    /// <summary>The path of a program; null if no folder of the PATH has it. Entries that depend on the current folder do not count.</summary>
    /// <param name="name">The name without extension, as in <c>dotnet</c>.</param>
    public static string? Find(string name)
    {
        var file = RuntimeInformation.IsOSPlatform(OSPlatform.Windows) ? name + ".exe" : name;
        return (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Select(folder => folder.Trim().Trim('"'))
            .Where(IsAbsolute)
            .Select(folder => Path.Combine(folder, file))
            .FirstOrDefault(IsProgram);
    }

#if NET
    private static bool IsAbsolute(string folder) => Path.IsPathFullyQualified(folder);

    private static bool IsProgram(string path) =>
        File.Exists(path) && (OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0);
#else
    // Of the rooted paths on Windows, those with a drive or a server do not depend on the current one.
    private static bool IsAbsolute(string folder) =>
        folder.Length > 2 && folder.IndexOfAny(Path.GetInvalidPathChars()) < 0 && (folder.StartsWith(@"\\", StringComparison.Ordinal) || (folder[1] == ':' && folder[2] is ('\\' or '/')));

    private static bool IsProgram(string path) => File.Exists(path);
#endif
}
