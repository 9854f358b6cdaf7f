using System.Management.Automation;

namespace Meshia.PowerShell;

/// <summary><c>Get-MeshiaSandboxDelivery</c>: gets the attempts to deliver to webhooks, the newest first.</summary>
[Cmdlet(VerbsCommon.Get, "MeshiaSandboxDelivery", HelpUri = HelpAddress.Base + "Get-MeshiaSandboxDelivery.md")]
[OutputType(typeof(SandboxDelivery))]
public sealed class GetMeshiaSandboxDelivery : SandboxCmdlet
{
    /// <summary>Only the attempts of these webhooks.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("Id")]
    [ArgumentCompleter(typeof(WebhookIdCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? WebhookId { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var id in WebhookId ?? [null!])
        {
            RunFor(id, async (sandbox, cancellationToken) =>
            {
                var path = id is null ? "deliveries" : $"deliveries?webhook_id={Uri.EscapeDataString(id)}";
                foreach (var delivery in (await sandbox.SendAsync("GET", path, null, cancellationToken).ConfigureAwait(false)).All("deliveries", SandboxAnswer.Of(fields => new SandboxDelivery(fields))))
                    await EmitAsync(delivery).ConfigureAwait(false);
            });
        }
    }
}
