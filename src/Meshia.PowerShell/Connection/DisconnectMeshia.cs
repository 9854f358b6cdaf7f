using System.Management.Automation;

namespace Meshia.PowerShell;

/// <summary><c>Disconnect-Meshia</c>: forgets the connection of this session, and its key with it.</summary>
[Cmdlet(VerbsCommunications.Disconnect, "Meshia", DefaultParameterSetName = DisconnectSet, SupportsShouldProcess = true, HelpUri = HelpAddress.Base + "Disconnect-Meshia.md")]
[OutputType(typeof(void))]
public sealed class DisconnectMeshia : AsyncCmdlet
{
    private const string DisconnectSet = "Disconnect";
    private const string ForgetSet = "Forget";
    private const string ForgetAllSet = "ForgetAll";

    /// <summary>Removes the profile, and its key from its vault.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ForgetSet)]
    [Parameter(Mandatory = true, ParameterSetName = ForgetAllSet)]
    public SwitchParameter Forget { get; set; }

    /// <summary>Removes everything that the module has written for this user: all profiles, their keys, and its state.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ForgetAllSet)]
    public SwitchParameter All { get; set; }

    /// <summary>The profile to remove; that of the current connection, else the default one, where none is named.</summary>
    [Parameter(ParameterSetName = ForgetSet)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ProfileCompleter))]
    public string? Profile { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (All)
            ForgetAll();
        else if (Forget)
            ForgetProfile(Profile ?? CurrentConnection.Peek(null)?.Profile ?? ConnectionProfile.DefaultName);
        else if (ShouldProcess($"this session", $"Disconnect"))
            CurrentConnection.Clear();
    }

    private void ForgetAll()
    {
        try
        {
            var isDone = true;
            foreach (var profile in ConnectionProfileFile.Read())
                isDone &= TryRemove(profile);
            // The file says where the keys are: while one is left, it stays.
            if (!isDone || !ShouldProcess($"{ConnectionProfileFile.FilePath:long}, {StateFolder.FolderPath:long}", $"Remove"))
                return;
            ConnectionProfileFile.Delete();
            StateFolder.Delete();
            CurrentConnection.Clear();
        }
        catch (Exception failure) when (CurrentConnection.IsExpected(failure))
        {
            ThrowTerminatingError(CurrentConnection.ToErrorRecord(failure, null));
        }
    }

    /// <summary>Removes a profile and its key; an error for it does not stop the others.</summary>
    private bool TryRemove(ConnectionProfile profile)
    {
        try
        {
            return Remove(profile);
        }
        catch (Exception failure) when (CurrentConnection.IsExpected(failure))
        {
            WriteError(CurrentConnection.ToErrorRecord(failure, profile.Name));
            return false;
        }
    }

    /// <returns>Whether it was removed; not so with -WhatIf.</returns>
    private bool Remove(ConnectionProfile profile)
    {
        if (!ShouldProcess($"profile '{profile.Name}', key in vault '{profile.Vault}'", $"Remove"))
            return false;
        // The key first: without the profile, its place is not known.
        new SecretVault(this, SecretVault.DefaultTimeout).Remove(profile.Vault, profile.SecretName);
        ConnectionProfileFile.Remove(profile.Name);
        CurrentConnection.Forget(profile.Name);
        return true;
    }

    private void ForgetProfile(string name)
    {
        try
        {
            Remove(CurrentConnection.Require(name));
        }
        catch (Exception failure) when (CurrentConnection.IsExpected(failure))
        {
            ThrowTerminatingError(CurrentConnection.ToErrorRecord(failure, name));
        }
    }
}
