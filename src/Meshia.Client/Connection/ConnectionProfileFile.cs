using System.Text.Json;

namespace Meshia;

/// <summary>
/// The file of all profiles, without secrets, in the platform's own configuration folder. It is written whole or not at
/// all, by one process at a time. Only its owner may read it, on Windows by the permissions of its folder. One
/// that is damaged, or of a newer version, is never overwritten.
/// </summary>
public static class ConnectionProfileFile
{
    /// <summary>The environment variable that names another folder for the file.</summary>
    public const string FolderVariable = "MESHIA_CONFIG_PATH";

    private const string FileName = "profiles.json";
    private const int Version = 1;

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(25);

    /// <summary>Where the file is: below <c>%APPDATA%</c>, <c>~/.config</c> or <c>~/Library/Application Support</c>.</summary>
    public static string FilePath => Path.Combine(
        Environment.GetEnvironmentVariable(FolderVariable) is { Length: > 0 } folder
            ? Path.GetFullPath(folder)
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData, Environment.SpecialFolderOption.DoNotVerify), "Meshia"),
        FileName);

    /// <summary>All profiles, by name.</summary>
    /// <exception cref="IOException">The file is damaged, or cannot be read; the message names it.</exception>
    public static IReadOnlyList<ConnectionProfile> Read()
    {
        var path = FilePath;
        try
        {
            if (OwnFile.ReadAllBytes(path) is not { } bytes)
                return [];
            CheckFolder(path);
            return Parse(bytes, path);
        }
        catch (Exception failure) when (failure is JsonException or FormatException)
        {
            throw new IOException($"The file of profiles is damaged and was not changed: {path}. Correct it or move it away, then save the profiles again. ({failure.Message})", failure);
        }
        catch (UnauthorizedAccessException failure)
        {
            throw new IOException($"The file of profiles cannot be read: {path}. ({failure.Message})", failure);
        }
    }

    /// <summary>Finds a profile, with a name in any case.</summary>
    /// <exception cref="IOException">The file is damaged, or cannot be read.</exception>
    public static ConnectionProfile? Find(string name) => Read().FirstOrDefault(profile => Is(profile, name));

    /// <summary>Saves a profile instead of one of the same name.</summary>
    /// <exception cref="IOException">The file is damaged, or cannot be written.</exception>
    public static void Save(ConnectionProfile profile)
    {
        if (profile is null)
            throw new ArgumentNullException(nameof(profile));
        Change(profiles => [.. profiles.Where(other => !Is(other, profile.Name)), profile]);
    }

    /// <summary>Removes a profile, if it is there.</summary>
    /// <exception cref="IOException">The file is damaged, or cannot be written.</exception>
    public static void Remove(string name) => Change(profiles => [.. profiles.Where(profile => !Is(profile, name))]);

    /// <summary>Deletes the file and what belongs to it, and its folder where nothing else is in it.</summary>
    /// <exception cref="IOException">It cannot be deleted.</exception>
    public static void Delete()
    {
        var folder = Path.GetDirectoryName(FilePath)!;
        if (!Directory.Exists(folder))
            return;
        try
        {
            // The lock, and what a run left that was killed while it wrote.
            foreach (var file in Directory.GetFiles(folder, $"{FileName}*"))
                OwnFile.Delete(file);
            if (!Directory.EnumerateFileSystemEntries(folder).Any())
                Directory.Delete(folder);
        }
        catch (UnauthorizedAccessException failure)
        {
            throw new IOException($"The file of profiles cannot be deleted: {FilePath}. ({failure.Message})", failure);
        }
    }

    /// <summary>The address in the file decides where the key is sent, so nobody else may change the file.</summary>
    private static void CheckFolder(string path)
    {
#if NET
        if (!OperatingSystem.IsWindows())
        {
            UnixAccess.Check(Path.GetDirectoryName(path)!);
            UnixAccess.Check(path);
            return;
        }
#else
        if (Environment.OSVersion.Platform != PlatformID.Win32NT)
            return;
#endif
        // A folder of somebody's choice may be one that every user may write to, as those below ProgramData.
        if (Environment.GetEnvironmentVariable(FolderVariable) is { Length: > 0 })
            PrivateFolder.Check(Path.GetDirectoryName(path)!);
    }

    private static bool Is(ConnectionProfile profile, string name) => string.Equals(profile.Name, name, StringComparison.OrdinalIgnoreCase);

    private static void Change(Func<IReadOnlyList<ConnectionProfile>, IReadOnlyList<ConnectionProfile>> change)
    {
        var path = FilePath;
        try
        {
            OwnFile.CreateFolder(Path.GetDirectoryName(path)!);
            using var turn = WaitForTurn(path + ".lock");
            OwnFile.WriteAllBytes(path, JsonValue.ToBytes(ToPlain(change(Read())), indented: true));
        }
        catch (UnauthorizedAccessException failure)
        {
            throw new IOException($"The file of profiles cannot be written: {path}. ({failure.Message})", failure);
        }
    }

    /// <summary>Waits until no other process changes the file; the lock goes with its process, however that ends.</summary>
    private static FileStream WaitForTurn(string path)
    {
        for (var waited = System.Diagnostics.Stopwatch.StartNew(); ; Thread.Sleep(_pause))
        {
            try
            {
                return OwnFile.OpenOrCreate(path, FileAccess.Write);
            }
            catch (FileInUseException) when (waited.Elapsed < _patience)
            {
                // Another process has its turn.
            }
        }
    }

    private static List<ConnectionProfile> Parse(byte[] bytes, string path)
    {
        if (JsonValue.Parse(bytes) is not Dictionary<string, object?> root)
            throw new FormatException("It has no profiles.");
        if (JsonFields.ToNumber(root.TryGetValue("version", out var version) ? version : null) > Version)
            throw OwnFile.WrittenByNewerModule(path);
        if (!root.TryGetValue("profiles", out var value) || value is not Dictionary<string, object?> profiles)
            throw new FormatException("It has no profiles.");
        return [.. profiles.Select(pair =>
        {
            var fields = new JsonFields(pair.Value as Dictionary<string, object?> ?? throw new FormatException($"Profile '{pair.Key}' is not an object."));
            var profile = new ConnectionProfile
            {
                Name = pair.Key,
                BaseUri = Uri.TryCreate(fields.Text("base_uri"), UriKind.Absolute, out var uri) ? uri : throw new FormatException($"Profile '{pair.Key}' has no address."),
                Vault = fields.Text("vault") ?? throw new FormatException($"Profile '{pair.Key}' has no vault."),
                SecretName = fields.Text("secret_name") ?? throw new FormatException($"Profile '{pair.Key}' has no secret."),
                MaxRunning = (int?)fields.Integer("max_running"),
                AllowedGpu = fields.Names("allowed_gpu"),
                RequireMaxDuration = fields.Flag("require_max_duration") ?? false,
                Price = fields.Map("price").ToDictionary(price => price.Key, price => (decimal)(JsonFields.ToNumber(price.Value) ?? throw new FormatException($"Profile '{pair.Key}' has a price of '{price.Key}' that is not a number.")), StringComparer.OrdinalIgnoreCase),
                SettleSeconds = fields.Number("settle_seconds"),
                CertificatePath = fields.Text("certificate_path"),
            };
            try
            {
                _ = profile.Policy;
                _ = profile.SettleTime is { } settle ? new OnceTiming(settle) : null;
            }
            catch (ArgumentException failure)
            {
                throw new FormatException($"Profile '{pair.Key}': {failure.Message}", failure);
            }

            return profile;
        })];
    }

    private static Dictionary<string, object?> ToPlain(IReadOnlyList<ConnectionProfile> profiles) => new()
    {
        ["version"] = Version,
        ["profiles"] = profiles.ToDictionary(profile => profile.Name, object? (profile) => ToPlain(profile)),
    };

    private static Dictionary<string, object?> ToPlain(ConnectionProfile profile)
    {
        var plain = new Dictionary<string, object?>
        {
            ["base_uri"] = profile.BaseUri.AbsoluteUri,
            ["vault"] = profile.Vault,
            ["secret_name"] = profile.SecretName,
        };
        if (profile.MaxRunning is { } most)
            plain["max_running"] = (long)most;
        if (profile.AllowedGpu.Count > 0)
            plain["allowed_gpu"] = profile.AllowedGpu.Cast<object?>().ToArray();
        if (profile.RequireMaxDuration)
            plain["require_max_duration"] = true;
        if (profile.Price.Count > 0)
            plain["price"] = profile.Price.ToDictionary(price => price.Key, price => (object?)price.Value);
        if (profile.SettleSeconds is { } seconds)
            plain["settle_seconds"] = seconds;
        if (profile.CertificatePath is { } path)
            plain["certificate_path"] = path;
        return plain;
    }

    /// <summary>Whether two profiles say the same of sessions.</summary>
    internal static bool HaveSameSettings(ConnectionProfile one, ConnectionProfile other) => JsonValue.ToText(ToPlain(one)) == JsonValue.ToText(ToPlain(other));
}
