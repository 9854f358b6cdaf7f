namespace Meshia.Sandbox.Journal;

/// <summary>A request and its answer.</summary>
internal sealed record JournalEntry
{
    /// <summary>1 for the first since the start or the last reset.</summary>
    public required long Number { get; init; }

    /// <summary>The id that the answer bears.</summary>
    public required string RequestId { get; init; }

    /// <summary>When it came, in the sandbox's time.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary><c>api</c> or <c>storage</c>.</summary>
    public required string Part { get; init; }

    public required string Method { get; init; }

    /// <summary>The path without <c>/api/v1</c>.</summary>
    public required string Path { get; init; }

    /// <summary>The query with its <c>?</c>; empty without one.</summary>
    public required string Query { get; init; }

    /// <summary>The headers; of the key, only that it was there.</summary>
    public required IReadOnlyDictionary<string, string> Headers { get; init; }

    /// <summary>The body as text; a webhook's secret is left out.</summary>
    public required string Body { get; init; }

    /// <summary>The status of the answer; null if the connection was cut before it.</summary>
    public required int? Status { get; init; }

    public required IReadOnlyDictionary<string, string> ResponseHeaders { get; init; }

    /// <summary>The body of the answer as text. Of the storage's, nothing is kept.</summary>
    public required string ResponseBody { get; init; }

    /// <summary>Whether a body was longer than what is kept of it.</summary>
    public required bool IsTruncated { get; init; }

    /// <summary>The faults that hit it; null if none did.</summary>
    public required string? Fault { get; init; }
}
