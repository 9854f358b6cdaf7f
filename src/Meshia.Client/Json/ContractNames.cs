namespace Meshia;

/// <summary>
/// Every name that the service uses on the wire, written once. What the documentation shows is marked [D]; the others
/// are the wire contract's assumptions [A], each beside the variants that are accepted in its place.
/// </summary>
internal static class ContractNames
{
    // [D] documented.
    public const string Id = "id";
    public const string Name = "name";
    public const string Gpu = "gpu";
    public const string Repo = "repo";
    public const string Status = "status";
    public const string Config = "config";
    public const string Metrics = "metrics";
    public const string Artifacts = "artifacts";
    public const string DurationSeconds = "duration_seconds";
    public const string Url = "url";
    public const string Events = "events";
    public const string Error = "error";
    public const string Code = "code";
    public const string Message = "message";

    public const string Event = "event";
    public const string Timestamp = "timestamp";
    public const string Secret = "secret";

    // [A] objects.
    public const string SessionId = "session_id";
    public const string ExperimentId = "experiment_id";
    public const string CreatedAt = "created_at";
    public const string StartedAt = "started_at";
    public const string StoppedAt = "stopped_at";
    public const string CompletedAt = "completed_at";
    public const string SizeBytes = "size_bytes";
    public const string ContentType = "content_type";
    public const string Sha256 = "sha256";
    public const string Active = "active";

    /// <summary>[A] Accepted instead of <see cref="DurationSeconds"/>.</summary>
    public const string Duration = "duration";

    // [A] lists and wrapped objects.
    public const string Sessions = "sessions";
    public const string Session = "session";
    public const string Experiments = "experiments";
    public const string Experiment = "experiment";
    public const string Webhooks = "webhooks";
    public const string Webhook = "webhook";
    public const string Data = "data";
    public const string Items = "items";
    public const string NextCursor = "next_cursor";
    public const string HasMore = "has_more";
    public const string Cursor = "cursor";

    /// <summary>[A] Names under which an object may be, in addition to its own.</summary>
    public static readonly string[] ObjectWrappers = [Data, "result", "results", "item", "payload", "response"];

    /// <summary>[A] Names under which a list may be, in addition to its own.</summary>
    public static readonly string[] ListWrappers = [Data, Items, "results", "result", "list", "records", "_embedded", "payload", "response"];

    /// <summary>[A] Names of the name in a named value.</summary>
    public static readonly string[] NamesOfNames = [Name, "key", "metric", "event", "type", Id];
    public const string Value = "value";

    // [A] comparison.
    public const string Comparison = "comparison";
    public const string ConfigDiffs = "config_diffs";
    public const string ConfigDiff = "config_diff";
    public const string MetricSummaries = "metric_summaries";
    public const string Key = "key";
    public const string Metric = "metric";
    public const string Values = "values";
    public const string Min = "min";
    public const string Max = "max";
    public const string Mean = "mean";
    public const string Best = "best";

    /// <summary>[A] Names of the address in a download answer, the assumed one first.</summary>
    public static readonly string[] SignedUrls = [Url, "download_url", "signed_url", "presigned_url", "href", "link", "location"];
    public const string ExpiresAt = "expires_at";

    /// <summary>[A] Where a request id may come.</summary>
    public const string RequestIdHeader = "X-Request-Id";

    /// <summary>[A] Where the number of requests left may come.</summary>
    public const string RequestsLeftHeader = "X-RateLimit-Remaining";

    /// <summary>By how many seconds a list of the sandbox may lag. The real service has nothing like it.</summary>
    public const string SandboxListLagHeader = "X-Meshia-Sandbox-List-Lag";
}
