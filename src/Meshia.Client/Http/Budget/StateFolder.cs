namespace Meshia;

/// <summary>The folder for what the processes of a user on one machine share.</summary>
internal static class StateFolder
{
    /// <summary>The environment variable that names another folder.</summary>
    public const string Variable = "MESHIA_STATE_PATH";

    private const string BootIdFile = "/proc/sys/kernel/random/boot_id";
    private static readonly TimeSpan _longestUse = TimeSpan.FromDays(7);

    /// <summary>The folder: below <c>%LOCALAPPDATA%</c>, <c>~/.local/state</c> or <c>~/Library/Application Support</c>.</summary>
    public static string Default
    {
        get
        {
            if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } folder)
                return Path.GetFullPath(folder);
            var parent = Environment.GetEnvironmentVariable("XDG_STATE_HOME") is { Length: > 0 } state && Path.IsPathRooted(state)
                ? state
                : File.Exists(BootIdFile)
                    ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify), ".local", "state")
                    : Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
            return Path.Combine(parent, "Meshia");
        }
    }

    /// <summary>The path of the budget of a key, or null where a file cannot be shared: no folder, or one on the network.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="service">The service, which counts by key.</param>
    /// <param name="key">The key, of which the name has a digest only.</param>
    public static string? BudgetPath(string folder, Uri service, ApiKey key)
    {
        try
        {
            if (!Path.IsPathRooted(folder))
                return null;
            Create(folder);
            if (new DriveInfo(folder).DriveType == DriveType.Network)
                return null;
            DeleteOld(folder);
            return Path.Combine(folder, $"requests-{Digest.Of($"budget|{service.GetLeftPart(UriPartial.Authority)}|{key.Reveal()}", 16)}-{BootId}.bin");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>The times in the file are those since the machine has started. Without an id, times of another start are out of range or over within a minute.</summary>
    private static string BootId => File.Exists(BootIdFile) ? Digest.Of(File.ReadAllText(BootIdFile), 8) : "0";

    private static void Create(string path)
    {
#if NET
        if (!OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            return;
        }
#endif
        Directory.CreateDirectory(path);
    }

    /// <summary>Deletes the files of other starts and of keys that are not used any more.</summary>
    private static void DeleteOld(string folder)
    {
        foreach (var path in Directory.GetFiles(folder, "requests-*.bin"))
        {
            if (DateTime.UtcNow - File.GetLastWriteTimeUtc(path) > _longestUse)
                File.Delete(path);
        }
    }
}
