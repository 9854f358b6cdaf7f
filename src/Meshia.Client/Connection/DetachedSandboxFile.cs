using System.Globalization;
using System.Text.Json;

namespace Meshia;

/// <summary>
/// The files that name the detached sandboxes of this user, so that another process finds them. Only their owner may read
/// them: a file holds the key that Start-MeshiaSandbox made for its sandbox, never one that a user gave.
/// </summary>
internal static class DetachedSandboxFile
{
    private const string Folder = "sandboxes";
    private const int Version = 1;

    /// <summary>Remembers a sandbox.</summary>
    /// <param name="sandbox">The sandbox.</param>
    /// <param name="keyIsMade">Whether its key was made for it; one that a user gave is not written.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Save(RunningSandbox sandbox, bool keyIsMade) => OwnFile.WriteAllBytes(StateFolder.PathOf(Folder, Name(sandbox.ProcessId)), JsonValue.ToBytes(
        new Dictionary<string, object?>
        {
            ["version"] = Version,
            ["base_uri"] = sandbox.BaseUri.AbsoluteUri,
            ["data_path"] = sandbox.DataPath,
            ["started_at"] = sandbox.StartedAt.ToString("O", CultureInfo.InvariantCulture),
            ["key"] = keyIsMade ? sandbox.Key?.Reveal() : null,
        },
        indented: true));

    /// <summary>The detached sandboxes that run, the one that was started last at the end. Files of others are deleted.</summary>
    public static IReadOnlyList<RunningSandbox> Read()
    {
        var folder = Path.Combine(StateFolder.FolderPath, Folder);
        if (!Directory.Exists(folder))
            return [];
        var running = new List<RunningSandbox>();
        foreach (var path in Directory.GetFiles(folder, "*.json"))
        {
            if (Read(path) is { IsRunning: true } sandbox)
                running.Add(sandbox);
            else
                OwnFile.Delete(path);
        }

        return [.. running.OrderBy(sandbox => sandbox.StartedAt)];
    }

    /// <summary>Forgets a sandbox.</summary>
    public static void Delete(int processId) => OwnFile.Delete(Path.Combine(StateFolder.FolderPath, Folder, Name(processId)));

    private static string Name(int processId) => $"{processId.ToString(CultureInfo.InvariantCulture)}.json";

    /// <summary>The content of a file; null if it is not such a file.</summary>
    private static RunningSandbox? Read(string path)
    {
        try
        {
            if (OwnFile.ReadAllBytes(path) is not { } bytes || JsonValue.Parse(bytes) is not Dictionary<string, object?> map)
                return null;
            var fields = new JsonFields(map);
            // The key goes to this address, so it must be one of this machine.
            if (!int.TryParse(Path.GetFileNameWithoutExtension(path), NumberStyles.None, CultureInfo.InvariantCulture, out var processId)
                || !Uri.TryCreate(fields.Text("base_uri"), UriKind.Absolute, out var baseUri) || !baseUri.IsLoopback
                || fields.Time("started_at") is not { } startedAt)
                return null;
            return new()
            {
                ProcessId = processId,
                BaseUri = baseUri,
                DataPath = fields.Text("data_path"),
                StartedAt = startedAt,
                IsDetached = true,
                Key = fields.Text("key") is { } key ? new ApiKey(key) : null,
            };
        }
        catch (Exception failure) when (failure is JsonException or IOException or ArgumentException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
