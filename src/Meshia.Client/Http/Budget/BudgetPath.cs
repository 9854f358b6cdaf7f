namespace Meshia;

/// <summary>Where the budget of a key is.</summary>
internal static class BudgetPath
{
    private const string BootIdFile = "/proc/sys/kernel/random/boot_id";
    private static readonly TimeSpan _longestUse = TimeSpan.FromDays(7);

    /// <summary>The path of the file, or null if none can be shared: no folder of the user, or one on the network.</summary>
    /// <param name="folder">The folder of <see cref="StateFolder"/>.</param>
    /// <param name="service">The service, which counts by key.</param>
    /// <param name="key">The key, of which the name has a digest only.</param>
    public static string? In(string folder, Uri service, ApiKey key)
    {
        // Without a home folder the path would depend on the current folder.
        if (!Path.IsPathRooted(folder))
            return null;
        try
        {
            OwnFile.CreateFolder(folder);
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
