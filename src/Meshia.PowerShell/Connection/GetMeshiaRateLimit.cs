using System.Management.Automation;

namespace Meshia.PowerShell;

/// <summary><c>Get-MeshiaRateLimit</c>: shows what is left of the requests a minute, and who waits.</summary>
[Cmdlet(VerbsCommon.Get, "MeshiaRateLimit", HelpUri = HelpAddress.Base + "Get-MeshiaRateLimit.md")]
[OutputType(typeof(RateLimit))]
public sealed class GetMeshiaRateLimit : MeshiaCmdlet
{
    /// <inheritdoc/>
    protected override void EndProcessing() => WriteObject(Client.GetRateLimit());
}
