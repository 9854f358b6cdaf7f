using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Meshia.Sandbox.Journal;

/// <summary>A request and its answer. What is kept is what was sent; text is made of it, without keys and secrets, when somebody reads it.</summary>
/// <param name="usualPath">The path in its usual form, in which nothing is encoded without need.</param>
/// <param name="headers">The headers of the request.</param>
/// <param name="body">The body of the request.</param>
/// <param name="responseHeaders">The headers of the answer.</param>
/// <param name="responseBody">The body of the answer.</param>
internal sealed partial class JournalEntry(string usualPath, KeptHeaders headers, KeptBytes body, KeptHeaders responseHeaders, KeptBytes responseBody)
{
    public const string Redacted = "(redacted)";

    private const int OwnBytes = 1000;

    private readonly string _path = "";
    private readonly string _query = "";

    /// <summary>1 for the first since the start or the last reset. The journal gives it.</summary>
    public long Number { get; set; }

    /// <summary>The id that the answer bears.</summary>
    public required string RequestId { get; init; }

    /// <summary>When it came, in the sandbox's time.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary><c>api</c> or <c>storage</c>.</summary>
    public required string Part { get; init; }

    public required string Method { get; init; }

    /// <summary>The path as it was sent, without <c>/api/v1</c>.</summary>
    public required string Path
    {
        get => WithoutKeys(_path);
        init => _path = value;
    }

    /// <summary>The query with its <c>?</c>; empty without one.</summary>
    public required string Query
    {
        get => WithoutKeys(_query);
        init => _query = value;
    }

    /// <summary>The headers; of the key, only that it was there.</summary>
    public Dictionary<string, string> Headers => headers.ToDictionary(static (name, value) => IsCredential(name) ? SchemeOf(value) : WithoutKeys(value));

    /// <summary>The body as text; a webhook's secret is left out.</summary>
    public string Body => WithoutSecrets(body.Text);

    /// <summary>The bytes of a body that is not text; null if it is.</summary>
    public string? BodyBase64 => Binary(body);

    /// <summary>The status of the answer; null if the connection was cut before it.</summary>
    public required int? Status { get; init; }

    public Dictionary<string, string> ResponseHeaders => responseHeaders.ToDictionary(static (_, value) => WithoutKeys(value));

    /// <summary>The body of the answer as text. Of the storage's, nothing is kept.</summary>
    public string ResponseBody => WithoutKeys(responseBody.Text);

    /// <summary>The bytes of an answer that is not text; null if it is.</summary>
    public string? ResponseBodyBase64 => Binary(responseBody);

    /// <summary>Whether a body was longer than what is kept of it.</summary>
    public bool IsTruncated => body.IsTruncated || responseBody.IsTruncated;

    /// <summary>The faults that hit it; null if none did.</summary>
    public required string? Fault { get; init; }

    /// <summary>About how many bytes of memory it takes.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public long Size => OwnBytes + body.Capacity + responseBody.Capacity;

    /// <summary>Whether its path, with any key in it, is the one that is looked for.</summary>
    public bool IsAt(Faults.FaultTarget target) => target.IsMatch(Method, usualPath);

    private static bool IsCredential(string header) =>
        header.Equals(HeaderNames.Authorization, StringComparison.OrdinalIgnoreCase)
        || header.Equals(HeaderNames.ProxyAuthorization, StringComparison.OrdinalIgnoreCase)
        || header.Equals(HeaderNames.Cookie, StringComparison.OrdinalIgnoreCase);

    /// <summary>The scheme in front of a key. A key that stands alone has none.</summary>
    private static string SchemeOf(string value) => Scheme.Match(value) is { Success: true } scheme ? $"{scheme.Value}{Redacted}" : Redacted;

    private static string? Binary(KeptBytes bytes) =>
        bytes.IsText ? null : Convert.ToBase64String(Encoding.Latin1.GetBytes(WithoutSecrets(bytes.AsLatin1())));

    private static string WithoutSecrets(string text) => WithoutKeys(Secret.Replace(text, $"$1\"{Redacted}\""));

    private static string WithoutKeys(string text) =>
        text.Contains(Connection.ApiKey.Prefix, StringComparison.Ordinal) ? Key.Replace(text, Redacted) : text;

    [GeneratedRegex("""("secret"\s*:\s*)"(?:[^"\\]|\\.)*"?""")]
    private static partial Regex Secret { get; }

    [GeneratedRegex($@"(?<![A-Za-z0-9]){Connection.ApiKey.Prefix}[A-Za-z0-9_-]+")]
    private static partial Regex Key { get; }

    [GeneratedRegex(@"\A(Bearer|Basic|Digest|Negotiate) ", RegexOptions.IgnoreCase)]
    private static partial Regex Scheme { get; }
}

/// <summary>Headers as they were at one moment.</summary>
internal readonly struct KeptHeaders(IHeaderDictionary headers)
{
    private readonly KeyValuePair<string, StringValues>[] _all = [.. headers];

    public Dictionary<string, string> ToDictionary(Func<string, string, string> show) =>
        (_all ?? []).ToDictionary(header => header.Key, header => show(header.Key, header.Value.ToString()));
}
