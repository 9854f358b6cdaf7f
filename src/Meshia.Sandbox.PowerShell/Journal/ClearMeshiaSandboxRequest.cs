using System.Management.Automation;

namespace Meshia.PowerShell;

/// <summary><c>Clear-MeshiaSandboxRequest</c>: forgets the requests and deliveries of the journal.</summary>
[Cmdlet(VerbsCommon.Clear, "MeshiaSandboxRequest", SupportsShouldProcess = true, HelpUri = HelpAddress.Base + "Clear-MeshiaSandboxRequest.md")]
[OutputType(typeof(void))]
public sealed class ClearMeshiaSandboxRequest : SandboxCmdlet
{
    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (!ShouldProcess($"the journal of the sandbox", $"Clear"))
            return;
        RunFor(null, async (sandbox, cancellationToken) =>
        {
            await sandbox.SendAsync("DELETE", "requests", null, cancellationToken).ConfigureAwait(false);
            await sandbox.SendAsync("DELETE", "deliveries", null, cancellationToken).ConfigureAwait(false);
        });
    }
}
