namespace Meshia;

/// <summary>
/// The folder for what the module remembers between runs, apart from settings: <c>%LOCALAPPDATA%\Meshia</c>,
/// <c>~/Library/Application Support/Meshia/State</c> or <c>$XDG_STATE_HOME/meshia</c> (<c>~/.local/state/meshia</c>), or
/// <c>state</c> in the folder that the environment variable <c>MESHIA_CONFIG_PATH</c> names. On Unix only its owner may read it.
/// </summary>
internal static class StateFolder
{
    /// <summary>The folder's path; it may not exist yet.</summary>
    public static string FolderPath => Environment.GetEnvironmentVariable(ConnectionProfileFile.FolderVariable) is { Length: > 0 } folder
        ? Path.Combine(Path.GetFullPath(folder), "state")
        : Default();

    /// <summary>Gives the path of a file in the folder, which is created if it is missing.</summary>
    /// <param name="parts">The file's name, after the names of folders.</param>
    /// <exception cref="IOException">The folder cannot be created.</exception>
    public static string PathOf(params string[] parts)
    {
        var path = Path.Combine([FolderPath, .. parts]);
        OwnFile.CreateFolder(Path.GetDirectoryName(path)!);
        return path;
    }

    /// <summary>Deletes the folder with everything in it.</summary>
    /// <exception cref="IOException">Something in it cannot be deleted.</exception>
    public static void Delete() => OwnFile.DeleteFolder(FolderPath);

    private static string Default()
    {
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify);
        if (Environment.OSVersion.Platform == PlatformID.Win32NT)
            return Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "Meshia");
        if (System.Runtime.InteropServices.RuntimeInformation.IsOSPlatform(System.Runtime.InteropServices.OSPlatform.OSX))
            return Path.Combine(home, "Library", "Application Support", "Meshia", "State");
        return Environment.GetEnvironmentVariable("XDG_STATE_HOME") is { Length: > 0 } state && Path.IsPathRooted(state)
            ? Path.Combine(state, "meshia")
            : Path.Combine(home, ".local", "state", "meshia");
    }
}
