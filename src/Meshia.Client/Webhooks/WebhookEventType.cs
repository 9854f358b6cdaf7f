namespace Meshia;

/// <summary>The names of events.</summary>
public static class WebhookEventType
{
    /// <summary>A pod is ready.</summary>
    public const string SessionStarted = "session.started";

    /// <summary>A session was stopped, by a person or by idling.</summary>
    public const string SessionStopped = "session.stopped";

    /// <summary>An experiment completed.</summary>
    public const string ExperimentCompleted = "experiment.completed";

    /// <summary>An experiment failed.</summary>
    public const string ExperimentFailed = "experiment.failed";

    /// <summary>A plan is done.</summary>
    public const string PlanCompleted = "plan.completed";

    /// <summary>A plan waits for a person.</summary>
    public const string PlanNeedsInput = "plan.needs_input";

    /// <summary>A workflow is done.</summary>
    public const string WorkflowCompleted = "workflow.completed";

    /// <summary>A workflow failed.</summary>
    public const string WorkflowFailed = "workflow.failed";

    /// <summary>The test that the service sends when a webhook is created; no webhook is registered for it.</summary>
    public const string Ping = "ping";

    /// <summary>All that a webhook can be registered for, as the documentation lists them.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        SessionStarted,
        SessionStopped,
        ExperimentCompleted,
        ExperimentFailed,
        PlanCompleted,
        PlanNeedsInput,
        WorkflowCompleted,
        WorkflowFailed,
    ];
}
