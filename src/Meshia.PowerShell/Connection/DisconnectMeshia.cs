using System.Management.Automation;

namespace Meshia.PowerShell;

/// <summary><c>Disconnect-Meshia</c>: forgets the connection of this session, and its key with it.</summary>
[Cmdlet(VerbsCommunications.Disconnect, "Meshia", HelpUri = HelpAddress.Base + "Disconnect-Meshia.md")]
[OutputType(typeof(void))]
public sealed class DisconnectMeshia : PSCmdlet
{
    /// <inheritdoc/>
    protected override void EndProcessing() => CurrentConnection.Set(null);
}
