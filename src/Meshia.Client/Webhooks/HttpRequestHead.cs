namespace Meshia;

/// <summary>An HTTP request as a receiver of webhooks reads it.</summary>
/// <param name="Method">As sent; methods are case-sensitive.</param>
/// <param name="Path">Without query.</param>
/// <param name="Headers">Names in any case; several values of one name stay apart.</param>
internal sealed record HttpRequestHead(string Method, string Path, IReadOnlyDictionary<string, List<string>> Headers)
{
    /// <summary>The length of the body; null if it comes in chunks.</summary>
    public long? ContentLength { get; init; }

    /// <summary>Whether the sender waits for a word before it sends the body.</summary>
    public bool ExpectsContinue { get; init; }

    /// <summary>Whether the sender may send another request on this connection.</summary>
    public bool KeepsAlive { get; init; }

    /// <summary>The one value of a header; null if there is none, or more than one.</summary>
    public string? Header(string name) => Headers.TryGetValue(name, out var values) && values.Count == 1 ? values[0] : null;
}

/// <summary>A request that cannot be served, and the status that says so.</summary>
internal sealed class BadHttpRequestException(int status, string code, string message, bool isSigned = false) : Exception(message)
{
    /// <summary>Whether the request is signed with the secret.</summary>
    public bool IsSigned { get; } = isSigned;

    public int Status { get; } = status;

    public string Code { get; } = code;
}
