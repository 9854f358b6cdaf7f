using Meshia.PowerShell;

namespace Meshia;

/// <summary>A request that a sandbox was sent, with its answer.</summary>
public sealed class SandboxRequest
{
    internal SandboxRequest(JsonFields fields)
    {
        Number = fields.Integer("number") ?? 0;
        RequestId = fields.Text("request_id");
        At = fields.Time("at") ?? default;
        Part = fields.Text("part") ?? "";
        Method = fields.Text("method") ?? "";
        Path = fields.Text("path") ?? "";
        Query = fields.Text("query") ?? "";
        Headers = SandboxAnswer.Headers(fields, "headers");
        Body = fields.Text("body") ?? "";
        Status = (int?)fields.Integer("status");
        ResponseHeaders = SandboxAnswer.Headers(fields, "response_headers");
        ResponseBody = fields.Text("response_body") ?? "";
        IsTruncated = fields.Flag("is_truncated") ?? false;
        Fault = fields.Text("fault");
    }

    /// <summary>1 for the first since the start or the last reset.</summary>
    public long Number { get; }

    /// <summary>The id that the answer bears.</summary>
    public string? RequestId { get; }

    /// <summary>When it came, in the time of the sandbox.</summary>
    public DateTimeOffset At { get; }

    /// <summary><c>api</c> or <c>storage</c>.</summary>
    public string Part { get; }

    /// <summary>Its method.</summary>
    public string Method { get; }

    /// <summary>Its path without <c>/api/v1</c>.</summary>
    public string Path { get; }

    /// <summary>Its query with the <c>?</c>; empty without one.</summary>
    public string Query { get; }

    /// <summary>Its headers; of the key, only that it was there.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; }

    /// <summary>Its body as text; a webhook's secret is left out.</summary>
    public string Body { get; }

    /// <summary>The status of the answer; null if the connection was cut before it.</summary>
    public int? Status { get; }

    /// <summary>The headers of the answer.</summary>
    public IReadOnlyDictionary<string, string> ResponseHeaders { get; }

    /// <summary>The body of the answer as text; empty for the storage.</summary>
    public string ResponseBody { get; }

    /// <summary>Whether a body was longer than what is kept of it.</summary>
    public bool IsTruncated { get; }

    /// <summary>The faults that hit it, as id and effect; null if none did.</summary>
    public string? Fault { get; }
}
