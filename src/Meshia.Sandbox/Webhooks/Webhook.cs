using System.Text.Json.Serialization;

namespace Meshia.Sandbox.Webhooks;

/// <summary>[A] A webhook, as sent. The secret is no part of it, so that it cannot leak.</summary>
internal sealed record Webhook
{
    public required string Id { get; init; }

    public required string Url { get; init; }

    [JsonIgnore]
    public string Account { get; init; } = "";

    [JsonIgnore]
    public string EventList { get; init; } = "";

    public IReadOnlyList<string> Events => EventList.Split(' ');

    public required DateTimeOffset CreatedAt { get; init; }

    public bool Active { get; init; } = true;
}

/// <summary>[D] What a webhook can be told of; <c>ping</c> it is told once, unasked.</summary>
internal static class WebhookEvents
{
    public const string Ping = "ping";
    public const string SessionStarted = "session.started";
    public const string SessionStopped = "session.stopped";
    public const string ExperimentCompleted = "experiment.completed";
    public const string ExperimentFailed = "experiment.failed";

    /// <summary>The sandbox has no plans and workflows, so the last four come only on request.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        SessionStarted, SessionStopped, ExperimentCompleted, ExperimentFailed,
        "plan.completed", "plan.needs_input", "workflow.completed", "workflow.failed",
    ];
}

/// <summary>A body on its way to a webhook.</summary>
internal sealed record Message
{
    public required string Id { get; init; }

    public required string WebhookId { get; init; }

    public required string Event { get; init; }

    public required string Body { get; init; }

    /// <summary>How often it has been tried.</summary>
    public required int Attempts { get; init; }

    public required string Url { get; init; }

    public string? Secret { get; init; }

    /// <summary>1 for the first message of all.</summary>
    public long Number { get; init; }

    /// <summary>The name of the fault that hit it, and what that does to it.</summary>
    public string? Fault { get; init; }

    public string? Effect { get; init; }
}

/// <summary>[D] An attempt to deliver is logged with request body, response status and latency.</summary>
internal sealed record Delivery
{
    public required string Id { get; init; }

    public required string MessageId { get; init; }

    public required string WebhookId { get; init; }

    public required string Event { get; init; }

    /// <summary>1 for the first, 4 for the last.</summary>
    public required int Attempt { get; init; }

    public required string RequestBody { get; init; }

    public int? ResponseStatus { get; init; }

    public required double LatencyMs { get; init; }

    public string? Error { get; init; }

    /// <summary>The fault that hit the message.</summary>
    public string? Fault { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    [JsonIgnore]
    public long MessageNumber { get; init; }
}
