using System.Diagnostics;
using System.Text;

namespace Meshia;

/// <summary>
/// The file with a line of JSON for each creation, stop, registration and removal, of every process that has the environment
/// variable. Lines of several processes never mix. No line has the key or a secret.
/// </summary>
internal static class AuditLog
{
    /// <summary>The environment variable with the file's absolute path.</summary>
    public const string Variable = "MESHIA_AUDIT_LOG";

    private const int LongestText = 200;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);

    /// <summary>The file, or null if nothing is to be written.</summary>
    public static string? FilePath => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } path ? path : null;

    /// <summary>What a request does that is written down, or null for others.</summary>
    public static string? ActionOf(ApiRequest request, Uri baseUri)
    {
        var path = request.Uri.AbsolutePath;
        var root = baseUri.AbsolutePath.TrimEnd('/') + '/';
        if (!path.StartsWith(root, StringComparison.Ordinal))
            return null;
        var parts = path.Substring(root.Length).TrimEnd('/').Split('/');
        return request.Method.Method switch
        {
            "POST" when parts.Length == 1 && parts[0] == "sessions" => "create",
            "POST" when parts.Length == 3 && parts[0] == "sessions" && parts[2] == "stop" => "stop",
            "POST" when parts.Length == 1 && parts[0] == "webhooks" => "register",
            "DELETE" when parts.Length == 2 && parts[0] == "webhooks" => "unregister",
            _ => null,
        };
    }

    /// <summary>Writes a line. It never throws: what was done is done.</summary>
    /// <returns>Why it could not be written, or null.</returns>
    public static string? TryWrite(string path, IReadOnlyDictionary<string, object?> entry)
    {
        try
        {
            if (!Path.IsPathRooted(path))
                return $"'{path}' is not an absolute path.";
            var plain = entry.Where(pair => pair.Value is not null).ToDictionary(pair => pair.Key, pair => pair.Value is string text ? DisplayText.Clean(text, LongestText) : pair.Value);
            Append(path, Encoding.UTF8.GetBytes(JsonValue.ToText(plain) + "\n"));
            return null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return failure.Message;
        }
    }

    private static void Append(string path, byte[] line)
    {
        var waited = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                using var file = OwnFile.OpenOrCreate(path);
                NdjsonFile.Append(file, line);
                file.Flush();
                return;
            }
            catch (FileInUseException) when (waited.Elapsed < _patience)
            {
                Thread.Sleep(1);
            }
        }
    }
}
