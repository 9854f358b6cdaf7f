using System.Management.Automation;

namespace Meshia.PowerShell;

/// <summary><c>Unregister-MeshiaWebhook</c>: has the service send no more events to an address.</summary>
[Cmdlet(VerbsLifecycle.Unregister, "MeshiaWebhook", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High, HelpUri = HelpAddress.Base + "Unregister-MeshiaWebhook.md")]
[OutputType(typeof(void))]
public sealed class UnregisterMeshiaWebhook : MeshiaCmdlet
{
    /// <summary>Ids of webhooks.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("WebhookId")]
    [IdOf("Webhook")]
    [ArgumentCompleter(typeof(WebhookIdCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Id { get; set; } = [];

    private readonly List<string> _given = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        _given.AddRange(Id);
        foreach (var id in Id)
        {
            if (ShouldProcess($"{id}", $"Unregister webhook"))
                RunFor(id, cancellationToken => Client.DeleteWebhookAsync(id, Call, cancellationToken));
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing() => WriteErrorOfIncompleteList("webhooks", _given);
}
