using System.Management.Automation;

namespace Meshia.PowerShell;

/// <summary><c>Get-MeshiaWebhook</c>: lists webhooks, or gets some by their ids.</summary>
[Cmdlet(VerbsCommon.Get, "MeshiaWebhook", DefaultParameterSetName = ListSet, HelpUri = HelpAddress.Base + "Get-MeshiaWebhook.md")]
[OutputType(typeof(Webhook))]
public sealed class GetMeshiaWebhook : ReadingCmdlet
{
    private const string ListSet = "List";
    private const string IdSet = "Id";

    /// <summary>Ids of webhooks.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = IdSet, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("WebhookId")]
    [IdOf("Webhook")]
    [ArgumentCompleter(typeof(WebhookIdCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Id { get; set; } = [];

    /// <summary>Addresses, with wildcards.</summary>
    [Parameter(ParameterSetName = ListSet)]
    [Alias("Url")]
    [SupportsWildcards]
    [ValidateWildcard]
    [ValidateNotNullOrEmpty]
    public string[]? Uri { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ParameterSetName == ListSet)
        {
            var addresses = new Wildcards(Uri);
            RunFor("webhooks", cancellationToken => EmitAllAsync("webhooks", call => Client.GetWebhooksAsync(call, cancellationToken), webhook => addresses.Match(webhook.Url)));
            return;
        }

        // The service documents no endpoint for a single webhook.
        var (found, completeness) = (new HashSet<string>(StringComparer.Ordinal), new ListCompleteness());
        var isRead = RunFor(string.Join(", ", Id), async cancellationToken =>
        {
            await foreach (var webhook in Client.GetWebhooksAsync(CallFor(completeness), cancellationToken).ConfigureAwait(false))
            {
                if (Id.Contains(webhook.Id, StringComparer.Ordinal) && found.Add(webhook.Id))
                    await EmitAsync(webhook).ConfigureAwait(false);
            }
        });
        foreach (var id in isRead ? Id.Where(id => !found.Contains(id)) : [])
        {
            WriteError(completeness.IsComplete
                ? StreamRecord.Error("webhook_not_found", ErrorCategory.ObjectNotFound, id, $"No webhook with id {id} exists.", $"Check the id, and that it belongs to this account.")
                : StreamRecord.Error(ListCompleteness.ErrorId, ErrorCategory.InvalidResult, id, $"Webhook {id} is not in the list of webhooks, but the list is not complete. {completeness.Reasons[0]:long}"));
        }
    }
}
