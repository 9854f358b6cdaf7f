using System.Management.Automation;

namespace Meshia.PowerShell;

/// <summary><c>Reset-MeshiaSandbox</c>: makes the sandbox what it was at its start, without data.</summary>
[Cmdlet(VerbsCommon.Reset, "MeshiaSandbox", SupportsShouldProcess = true, HelpUri = HelpAddress.Base + "Reset-MeshiaSandbox.md")]
[OutputType(typeof(void))]
public sealed class ResetMeshiaSandbox : SandboxCmdlet
{
    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (ShouldProcess($"the state of the sandbox", $"Reset"))
            RunFor(null, (sandbox, cancellationToken) => sandbox.SendAsync("POST", "reset", null, cancellationToken));
    }
}
