using System.Text.Json;

namespace Meshia;

/// <summary>
/// The file of all profiles, without secrets, in the platform's own configuration folder. It is written whole or not at
/// all, by one process at a time, and is readable by its owner only. One that is damaged is never overwritten.
/// </summary>
public static class ConnectionProfileFile
{
    /// <summary>The environment variable that names another folder for the file.</summary>
    public const string FolderVariable = "MESHIA_CONFIG_PATH";

    private const string FileName = "profiles.json";

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
            return File.Exists(path) ? Parse(ReadFile(path)) : [];
        }
        catch (Exception failure) when (failure is JsonException or FormatException)
        {
            throw new IOException($"The file of profiles is damaged and was left as it is: {path}. Mend it or move it away, then save the profiles again. ({failure.Message})", failure);
        }
        catch (UnauthorizedAccessException failure)
        {
            throw new IOException($"The file of profiles cannot be read: {path}. ({failure.Message})", failure);
        }
    }

    /// <summary>Finds a profile, whatever the case of its name.</summary>
    /// <exception cref="IOException">The file is damaged, or cannot be read.</exception>
    public static ConnectionProfile? Find(string name) => Read().FirstOrDefault(profile => Is(profile, name));

    /// <summary>Saves a profile in place of one of the same name.</summary>
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

    private static bool Is(ConnectionProfile profile, string name) => string.Equals(profile.Name, name, StringComparison.OrdinalIgnoreCase);

    private static void Change(Func<IReadOnlyList<ConnectionProfile>, IReadOnlyList<ConnectionProfile>> change)
    {
        var path = FilePath;
        try
        {
            CreateFolder(Path.GetDirectoryName(path)!);
            using var turn = WaitForTurn(path + ".lock");
            Replace(path, change(Read()));
        }
        catch (UnauthorizedAccessException failure)
        {
            throw new IOException($"The file of profiles cannot be written: {path}. ({failure.Message})", failure);
        }
    }

    private static void Replace(string path, IReadOnlyList<ConnectionProfile> profiles)
    {
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (var file = OpenFile(temporary, FileMode.CreateNew))
            {
                var bytes = JsonValue.ToBytes(ToPlain(profiles), indented: true);
                file.Write(bytes, 0, bytes.Length);
                file.Flush(flushToDisk: true);
            }

            if (File.Exists(path))
                File.Replace(temporary, path, null);
            else
                File.Move(temporary, path);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>Another process may replace the file meanwhile; on Windows it could not, were it not allowed to.</summary>
    private static byte[] ReadFile(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var bytes = new MemoryStream();
        file.CopyTo(bytes);
        return bytes.ToArray();
    }

    /// <summary>Waits until no other process changes the file; the lock goes with its process, however that ends.</summary>
    private static FileStream WaitForTurn(string path)
    {
        for (var waited = System.Diagnostics.Stopwatch.StartNew(); ; Thread.Sleep(_pause))
        {
            try
            {
                return OpenFile(path, FileMode.OpenOrCreate);
            }
            catch (IOException) when (waited.Elapsed < _patience && File.Exists(path))
            {
                // Another process has its turn.
            }
        }
    }

    private static List<ConnectionProfile> Parse(byte[] bytes)
    {
        if (JsonValue.Parse(bytes) is not Dictionary<string, object?> root || !root.TryGetValue("profiles", out var value) || value is not Dictionary<string, object?> profiles)
            throw new FormatException("It holds no profiles.");
        return [.. profiles.Select(pair =>
        {
            var fields = new JsonFields(pair.Value as Dictionary<string, object?> ?? throw new FormatException($"Profile '{pair.Key}' is not an object."));
            return new ConnectionProfile
            {
                Name = pair.Key,
                BaseUri = Uri.TryCreate(fields.Text("base_uri"), UriKind.Absolute, out var uri) ? uri : throw new FormatException($"Profile '{pair.Key}' has no address."),
                Vault = fields.Text("vault") ?? throw new FormatException($"Profile '{pair.Key}' has no vault."),
                SecretName = fields.Text("secret_name") ?? throw new FormatException($"Profile '{pair.Key}' has no secret."),
            };
        })];
    }

    private static Dictionary<string, object?> ToPlain(IReadOnlyList<ConnectionProfile> profiles) => new()
    {
        ["profiles"] = profiles.ToDictionary(profile => profile.Name, object? (profile) => new Dictionary<string, object?>
        {
            ["base_uri"] = profile.BaseUri.AbsoluteUri,
            ["vault"] = profile.Vault,
            ["secret_name"] = profile.SecretName,
        }),
    };

#if NET
    private static void CreateFolder(string path)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private static FileStream OpenFile(string path, FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new(path, options);
    }
#else
    // Windows: what lies in %APPDATA% is the user's own.
    private static void CreateFolder(string path) => Directory.CreateDirectory(path);

    private static FileStream OpenFile(string path, FileMode mode) => new(path, mode, FileAccess.Write, FileShare.None);
#endif
}
