namespace Meshia;

/// <summary>The events that the documentation lists.</summary>
public static class WebhookEvent
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        "session.started",
        "session.stopped",
        "experiment.completed",
        "experiment.failed",
        "plan.completed",
        "plan.needs_input",
        "workflow.completed",
        "workflow.failed",
    ];
}
