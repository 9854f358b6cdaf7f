using System.Management.Automation;

namespace Meshia.PowerShell;

/// <summary><c>Get-MeshiaConnection</c>: shows the connection that the cmdlets of this session use.</summary>
[Cmdlet(VerbsCommon.Get, "MeshiaConnection", HelpUri = HelpAddress.Base + "Get-MeshiaConnection.md")]
[OutputType(typeof(MeshiaConnection))]
public sealed class GetMeshiaConnection : PSCmdlet
{
    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        try
        {
            if (CurrentConnection.Get() is { } connection)
                WriteObject(connection);
        }
        catch (ArgumentException failure)
        {
            ThrowTerminatingError(new ErrorRecord(failure, "InvalidEnvironment", ErrorCategory.InvalidArgument, null));
        }
    }
}
