using System.Collections;
using System.Runtime.CompilerServices;

namespace Meshia.PowerShell;

/// <summary>Ids of the account's webhooks.</summary>
internal sealed class WebhookIdCompleter : ServiceCompleter
{
    private protected override async IAsyncEnumerable<(string Value, string Hint)> SuggestAsync(MeshiaClient client, IDictionary boundParameters, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var webhook in client.GetWebhooksAsync(cancellationToken).ConfigureAwait(false))
            yield return (webhook.Id, webhook.Url ?? webhook.Id);
    }
}

/// <summary>The documented events.</summary>
internal sealed class WebhookEventCompleter() : WordCompleter(WebhookEventType.All);

/// <summary>What a sample can be of: the documented events, and the ping.</summary>
internal sealed class WebhookSampleCompleter() : WordCompleter(Words)
{
    public static IReadOnlyList<string> Words { get; } = [.. WebhookEventType.All, WebhookEventType.Ping];
}
