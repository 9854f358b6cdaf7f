using System.Management.Automation;

namespace Meshia.PowerShell;

/// <summary><c>Disconnect-Meshia</c>: forgets the connection of this session, and its key with it.</summary>
[Cmdlet(VerbsCommunications.Disconnect, "Meshia", DefaultParameterSetName = DisconnectSet, SupportsShouldProcess = true, HelpUri = HelpAddress.Base + "Disconnect-Meshia.md")]
[OutputType(typeof(void))]
public sealed class DisconnectMeshia : AsyncCmdlet
{
    private const string DisconnectSet = "Disconnect";
    private const string ForgetSet = "Forget";

    /// <summary>Removes the profile, and its key from its vault.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ForgetSet)]
    public SwitchParameter Forget { get; set; }

    /// <summary>The profile to remove; that of the current connection, else the default one, where none is named.</summary>
    [Parameter(ParameterSetName = ForgetSet)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ProfileCompleter))]
    public string? Profile { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (Forget)
            ForgetProfile(Profile ?? CurrentConnection.Peek(null)?.Profile ?? ConnectionProfile.DefaultName);
        else if (ShouldProcess($"this session", $"Disconnect"))
            CurrentConnection.Clear();
    }

    private void ForgetProfile(string name)
    {
        try
        {
            var profile = CurrentConnection.Require(name);
            if (!ShouldProcess($"profile '{profile.Name}', key in vault '{profile.Vault}'", $"Remove"))
                return;
            // The key first: were the profile gone, nobody would know where the key is.
            new SecretVault(this, SecretVault.DefaultTimeout).Remove(profile.Vault, profile.SecretName);
            ConnectionProfileFile.Remove(profile.Name);
            CurrentConnection.Forget(profile.Name);
        }
        catch (Exception failure) when (CurrentConnection.IsExpected(failure))
        {
            ThrowTerminatingError(CurrentConnection.ToErrorRecord(failure, name));
        }
    }
}
