using System.Management.Automation;

namespace Meshia.PowerShell;

/// <summary><c>Get-MeshiaConnection</c>: shows the connection that the cmdlets of this session use, or all profiles.</summary>
[Cmdlet(VerbsCommon.Get, "MeshiaConnection", DefaultParameterSetName = CurrentSet, HelpUri = HelpAddress.Base + "Get-MeshiaConnection.md")]
[OutputType(typeof(MeshiaConnection), ParameterSetName = [CurrentSet])]
[OutputType(typeof(ConnectionProfile), ParameterSetName = [ListSet])]
public sealed class GetMeshiaConnection : AsyncCmdlet
{
    private const string CurrentSet = "Current";
    private const string ListSet = "ListAvailable";

    /// <summary>The profile whose connection to show.</summary>
    [Parameter(ParameterSetName = CurrentSet)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ProfileCompleter))]
    public string? Profile { get; set; }

    /// <summary>Shows the saved profiles; no vault is asked.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ListSet)]
    public SwitchParameter ListAvailable { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        try
        {
            if (ListAvailable)
                WriteObject(ConnectionProfileFile.Read(), enumerateCollection: true);
            else if (CurrentConnection.Get(null, Profile, new SecretVault(this, SecretVault.DefaultTimeout)) is { } connection)
                WriteObject(connection);
        }
        catch (FailedChoiceException failure)
        {
            WriteWarning($"{failure.Message:long}");
        }
        catch (Exception failure) when (CurrentConnection.IsExpected(failure))
        {
            ThrowTerminatingError(CurrentConnection.ToErrorRecord(failure, Profile));
        }
    }
}
