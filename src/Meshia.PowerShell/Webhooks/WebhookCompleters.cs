using System.Collections;

namespace Meshia.PowerShell;

/// <summary>Ids of the account's webhooks.</summary>
internal sealed class WebhookIdCompleter : ServiceCompleter
{
    private protected override async Task<IEnumerable<Suggestion>> SuggestAsync(CompletionCache recent, IDictionary boundParameters) =>
        (await recent.GetWebhooksAsync().ConfigureAwait(false)).Select(webhook => Suggestion.Of(webhook.Id, Address(webhook), string.Join(" ", webhook.Events), webhook.Active == false ? "not active" : null, ShortText.Age(webhook.CreatedAt)));

    private static string? Address(Webhook webhook) => Uri.TryCreate(webhook.Url, UriKind.Absolute, out var url) ? Webhook.Shown(url) : null;
}

/// <summary>The documented events.</summary>
internal sealed class WebhookEventCompleter() : WordCompleter(Words)
{
    internal static (string Word, string Meaning)[] Words { get; } =
    [
        (WebhookEventType.SessionStarted, "a pod is ready"),
        (WebhookEventType.SessionStopped, "a session was stopped, by a person or because it was idle"),
        (WebhookEventType.ExperimentCompleted, "an experiment completed"),
        (WebhookEventType.ExperimentFailed, "an experiment failed"),
        (WebhookEventType.PlanCompleted, "a plan is done"),
        (WebhookEventType.PlanNeedsInput, "a plan waits for a person"),
        (WebhookEventType.WorkflowCompleted, "a workflow is done"),
        (WebhookEventType.WorkflowFailed, "a workflow failed"),
    ];
}

/// <summary>What a sample can be of: the documented events, and the ping.</summary>
internal sealed class WebhookSampleCompleter() : WordCompleter([.. WebhookEventCompleter.Words, (WebhookEventType.Ping, "the test event at the creation of a webhook")])
{
    public static IReadOnlyList<string> Words { get; } = [.. WebhookEventType.All, WebhookEventType.Ping];
}
