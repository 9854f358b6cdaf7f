using System.Management.Automation;
using System.Net;
using System.Security;

namespace Meshia.PowerShell.Tests;

/// <summary>
/// Keys in vaults, in the engine, with functions in place of SecretManagement. tests/Pester/Connection.Tests.ps1 holds the
/// same against the real one.
/// </summary>
[Collection(SharedEnvironment.Name)]
public sealed class VaultTests : IDisposable
{
    private const string Address = "http://127.0.0.1:9/api/v1";

    private readonly Account _account = new();
    private readonly string _key = ModuleSession.NewKey();

    public static TheoryData<string, string, string, ErrorCategory, string> Failures => new()
    {
        { "", "Connect-Meshia -Profile work", "SecretManagementMissing", ErrorCategory.NotInstalled, "Install-PSResource Microsoft.PowerShell.SecretManagement, Microsoft.PowerShell.SecretStore" },
        { "Unregister-SecretVault Store", "Connect-Meshia -ApiKey $key -Save", "NoVault", ErrorCategory.ObjectNotFound, "Register-SecretVault -Name SecretStore -ModuleName Microsoft.PowerShell.SecretStore -DefaultVault" },
        { "Register-SecretVault Other InMemory; Set-SecretVaultDefault -ClearDefault", "Connect-Meshia -ApiKey $key -Save", "NoDefaultVault", ErrorCategory.ObjectNotFound, "Set-SecretVaultDefault -Name" },
        { "", "Connect-Meshia -ApiKey $key -Save -Vault Nowhere", "VaultNotFound", ErrorCategory.ObjectNotFound, "Register-SecretVault -Name Nowhere" },
        { "Unregister-SecretVault Store", "Connect-Meshia -Profile work", "VaultNotFound", ErrorCategory.ObjectNotFound, "Register-SecretVault -Name Store" },
        { "$StandInVaults.Store.VaultParameters.Behavior = 'Locked'", "Connect-Meshia -Profile work", "VaultLocked", ErrorCategory.PermissionDenied, "Unlock-SecretVault -Name Store -Password" },
        { "$StandInVaults.Store.VaultParameters.Behavior = 'Locked'", "Connect-Meshia -ApiKey $key -Save -Profile work -Force", "VaultLocked", ErrorCategory.PermissionDenied, "Set-SecretStoreConfiguration -Authentication None -Interaction None" },
        { "$StandInVaults.Store.VaultParameters.Behavior = 'Locked'", "Disconnect-Meshia -Forget -Profile work", "VaultLocked", ErrorCategory.PermissionDenied, "Unlock-SecretVault -Name Store -Password" },
        { "$StandInVaults.Store.VaultParameters.Behavior = 'Fails'", "Connect-Meshia -Profile work", "VaultFailed", ErrorCategory.InvalidOperation, "Test-SecretVault -Name Store" },
        { "$StandInVaults.Store.VaultParameters.Behavior = 'Throws'", "Connect-Meshia -Profile work", "VaultFailed", ErrorCategory.InvalidOperation, "Test-SecretVault -Name Store" },
        { "$StandInVaults.Store.VaultParameters.Behavior = 'Throws'", "Connect-Meshia -ApiKey $key -Save -Profile work -Force", "VaultFailed", ErrorCategory.InvalidOperation, "Test-SecretVault -Name Store" },
        { "$StandInVaults.Store.VaultParameters.Behavior = 'Hangs'", "Connect-Meshia -Profile work -VaultTimeoutSeconds 1", "VaultTimedOut", ErrorCategory.OperationTimeout, "Test-SecretVault -Name Store" },
        { "Remove-Secret Meshia-work Store", "Connect-Meshia -Profile work", "SecretMissing", ErrorCategory.ObjectNotFound, "Connect-Meshia -ApiKey … -Save -Profile work" },
        { "Set-Secret Meshia-work @{ key = 'x' } Store", "Connect-Meshia -Profile work", "SecretOfWrongType", ErrorCategory.InvalidType, "Connect-Meshia -ApiKey … -Save -Profile work" },
        { "Set-Secret Meshia-work ([byte[]] (1, 2)) Store", "Get-MeshiaSession -Profile work", "SecretOfWrongType", ErrorCategory.InvalidType, "Connect-Meshia -ApiKey … -Save -Profile work" },
        { "Set-Secret Meshia-work 'a password for something else' Store", "Get-MeshiaSession -Profile work", "SecretIsNoKey", ErrorCategory.InvalidData, "Connect-Meshia -ApiKey … -Save -Profile work" },
    };

    public void Dispose() => _account.Dispose();

    [Fact]
    public void A_saved_key_is_found_by_the_next_session_and_removed_when_it_is_forgotten()
    {
        var session = _account.Session;

        session.Output("Connect-Meshia -ApiKey $key -BaseUri $uri -Save -Profile work", ("key", _key), ("uri", Address));
        var secret = (SecureString)Assert.Single(session.Output("Get-Secret Meshia-work Store")).BaseObject;
        session.Output("Disconnect-Meshia");
        var found = Assert.Single(session.Output("Connect-Meshia -Profile work -PassThru"));

        Assert.Equal(_key, new NetworkCredential("", secret).Password);
        Assert.DoesNotContain(_key, File.ReadAllText(_account.ProfileFile), StringComparison.Ordinal);
        Assert.Equal(Account.Shown(_key), found.Properties["Key"].Value);
        Assert.Equal("Profile", found.Properties["KeySource"].Value.ToString());
        Assert.Equal("Store", found.Properties["Vault"].Value);
        Assert.Equal(new Uri(Address), found.Properties["BaseUri"].Value);

        session.Output("Disconnect-Meshia -Forget");

        Assert.Empty(session.Output("Get-SecretInfo -Vault Store"));
        Assert.Empty(session.Output("Get-MeshiaConnection -ListAvailable"));
        Assert.Empty(session.Output("Get-MeshiaConnection"));
        Assert.Equal("ProfileNotFound,Meshia.PowerShell.ConnectMeshia", session.Invoke("Connect-Meshia -Profile work").Error.FullyQualifiedErrorId);
    }

    [Fact]
    public void A_profile_whose_key_is_gone_already_can_be_forgotten()
    {
        _account.Save("work", _key);

        _account.Session.Output("Remove-Secret Meshia-work Store; Disconnect-Meshia -Forget -Profile WORK");

        Assert.Empty(_account.Session.Output("Get-MeshiaConnection -ListAvailable"));
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public void Each_failure_of_a_vault_has_its_id_and_the_command_that_mends_it(string before, string command, string id, ErrorCategory category, string mends)
    {
        _account.Save("work", _key);
        var profiles = File.ReadAllText(_account.ProfileFile);
        _account.Session.Output(before);
        if (id == "SecretManagementMissing")
            _account.RemoveSecretManagement();

        var error = _account.Failure(command, ("key", _key));

        Assert.Equal(id, error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal(category, error.CategoryInfo.Category);
        Assert.Contains(mends, error.ToString(), StringComparison.Ordinal);
        // Nothing was half done, and what the vault itself said stays with it.
        Assert.Equal(profiles, File.ReadAllText(_account.ProfileFile));
        Assert.DoesNotContain("something else", error.ToString(), StringComparison.Ordinal);
        Assert.Empty(_account.Session.Output("Get-MeshiaConnection"));
    }

    [Fact]
    public void What_mends_a_locked_vault_does()
    {
        _account.Save("work", _key);
        _account.Session.Output("$StandInVaults.Store.VaultParameters.Behavior = 'Locked'; Unlock-SecretVault -Name Store -Password $password", ("password", Account.Secure("x")));

        Assert.Equal(Account.Shown(_key), Assert.Single(_account.Session.Output("(Get-MeshiaConnection -Profile work).Key")).ToString());
    }

    [Fact]
    public void A_key_that_moves_to_another_vault_leaves_a_warning_that_names_where_it_stays()
    {
        _account.Save("work", _key);
        _account.Session.Output("Register-SecretVault Other InMemory");

        var moved = _account.Session.Invoke("Connect-Meshia -ApiKey $key -Save -Profile work -Vault Other -PassThru -Force", ("key", _key));

        Assert.Equal("Other", Assert.Single(moved.Output).Properties["Vault"].Value);
        Assert.Contains("Remove-Secret -Name Meshia-work -Vault Store", Assert.Single(moved.Warnings), StringComparison.Ordinal);
        Assert.Empty(_account.Session.Invoke("Connect-Meshia -ApiKey $key -Save -Profile work -Force").Warnings);
        Assert.Equal("Other", Assert.Single(_account.Session.Output("Get-MeshiaConnection -ListAvailable")).Properties["Vault"].Value);
    }

    [Fact]
    public void Secrets_have_names_that_every_vault_takes_and_no_two_profiles_share()
    {
        string[] profiles = ["work", "a.b", "a_b", "a-b", "A.c"];
        foreach (var profile in profiles)
            _account.Save(profile, ModuleSession.NewKey());

        var names = _account.Session.Output("(Get-SecretInfo -Vault Store).Name").Select(name => name.ToString()).ToList();

        Assert.Equal(profiles.Length, names.Distinct(StringComparer.OrdinalIgnoreCase).Count());
        // Azure Key Vault takes no others.
        Each.Of(names, name => Assert.Matches("^[0-9A-Za-z-]{1,127}$", name));
        Assert.Contains("Meshia-work", names);
        Assert.Contains("Meshia-a-b", names);
    }

    [Fact]
    public void A_call_of_SecretManagement_that_does_not_listen_is_left_behind_and_the_pipeline_goes_on()
    {
        _account.Save("work", _key);
        // Compiled commands, as the real module's are, and deaf as they are.
        _account.RemoveSecretManagement();
        _account.Session.Output("Import-Module $path", ("path", typeof(DeafGetSecretCommand).Assembly.Location));

        var result = _account.Session.Invoke("try { Connect-Meshia -Profile work -VaultTimeoutSeconds 1 } catch { $_.FullyQualifiedErrorId }; 'went on'");
        var next = _account.Session.Invoke("Connect-Meshia -Profile work -VaultTimeoutSeconds 1");
        DeafGetSecretCommand.Wake();
        var answered = _account.Session.Output("Connect-Meshia -Profile work -PassThru");

        Assert.Equal(["VaultTimedOut,Meshia.PowerShell.ConnectMeshia", "went on"], result.Output.Select(item => item.ToString()));
        Assert.Equal("VaultTimedOut,Meshia.PowerShell.ConnectMeshia", next.Error.FullyQualifiedErrorId);
        Assert.Equal(Account.Shown(DeafGetSecretCommand.Key), Assert.Single(answered).Properties["Key"].Value);
    }
}

/// <summary>A <c>Get-Secret</c> that hears no stop until it is woken.</summary>
[Cmdlet(VerbsCommon.Get, "Secret")]
public sealed class DeafGetSecretCommand : PSCmdlet
{
    public const string Key = "msh_key_of_the_deaf_vault";

    private static readonly ManualResetEventSlim _awake = new();

    [Parameter(Mandatory = true)]
    public string Name { get; set; } = "";

    [Parameter(Mandatory = true)]
    public string Vault { get; set; } = "";

    public static void Wake() => _awake.Set();

    protected override void EndProcessing()
    {
        _awake.Wait();
        WriteObject(Account.Secure(Key));
    }
}
