namespace Meshia;

/// <summary>An attempt of a sandbox to deliver an event to a webhook.</summary>
public sealed class SandboxDelivery
{
    internal SandboxDelivery(JsonFields fields)
    {
        Id = fields.Text("id") ?? "";
        MessageId = fields.Text("message_id");
        WebhookId = fields.Text("webhook_id");
        Event = fields.Text("event") ?? "";
        Attempt = (int)(fields.Integer("attempt") ?? 1);
        RequestBody = fields.Text("request_body") ?? "";
        ResponseStatus = (int?)fields.Integer("response_status");
        Latency = TimeSpan.FromMilliseconds(fields.Number("latency_ms") ?? 0);
        Error = fields.Text("error");
        Fault = fields.Text("fault");
        CreatedAt = fields.Time("created_at") ?? default;
    }

    /// <summary>Its id.</summary>
    public string Id { get; }

    /// <summary>The id.</summary>
    public override string ToString() => Id;

    /// <summary>The message that was to be delivered; it is the same for each attempt.</summary>
    public string? MessageId { get; }

    /// <summary>The webhook.</summary>
    public string? WebhookId { get; }

    /// <summary>The event, as in <c>session.stopped</c>.</summary>
    public string Event { get; }

    /// <summary>1 for the first attempt, 4 for the last.</summary>
    public int Attempt { get; }

    /// <summary>The body that was sent.</summary>
    public string RequestBody { get; }

    /// <summary>The status of the answer; null if none came.</summary>
    public int? ResponseStatus { get; }

    /// <summary>How long the answer took.</summary>
    public TimeSpan Latency { get; }

    /// <summary>Why it failed; null if it was delivered.</summary>
    public string? Error { get; }

    /// <summary>The fault that hit it, as id and effect; null if none did.</summary>
    public string? Fault { get; }

    /// <summary>When it was made, in the time of the sandbox.</summary>
    public DateTimeOffset CreatedAt { get; }
}
