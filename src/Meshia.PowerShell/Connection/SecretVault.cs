using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Security;
using System.Security.Cryptography;
using System.Text;

namespace Meshia.PowerShell;

/// <summary>
/// The vaults of SecretManagement, called through the session, so that any vault works, and the module is not needed by a user who
/// keeps no key in one. Every failure names a command that helps.
/// </summary>
/// <param name="cmdlet">On whose behalf; calls are made on its pipeline's thread.</param>
/// <param name="timeout">A vault that takes longer is given up.</param>
internal sealed class SecretVault(AsyncCmdlet cmdlet, TimeSpan timeout)
{
    private const string Module = "Microsoft.PowerShell.SecretManagement";
    private const string SecretNotFound = "GetSecretNotFound";

    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(60);

    /// <summary>SecretManagement runs every vault in one runspace of its own, which takes one call at a time in a process.</summary>
    private static readonly SemaphoreSlim _turn = new(1);

    /// <summary>What a profile's key is called in a vault. Azure Key Vault takes letters, digits and <c>-</c> only.</summary>
    public static string NameFor(string profile)
    {
        if (profile.IndexOfAny(['.', '_']) < 0)
            return $"Meshia-{profile}";
        // Two profiles must not share a secret, as `a.b` and `a_b` would.
        using var hash = SHA256.Create();
        var difference = BitConverter.ToString(hash.ComputeHash(Encoding.UTF8.GetBytes(profile.ToLowerInvariant())), 0, 4).Replace("-", "").ToLowerInvariant();
        return $"Meshia-{profile.Replace('.', '-').Replace('_', '-')}-{difference}";
    }

    /// <summary>The vault that keeps what is saved without naming one.</summary>
    /// <exception cref="SecretVaultException">There is none.</exception>
    public string DefaultVault()
    {
        var vaults = Invoke("Get-SecretVault", null, []);
        var found = vaults.FirstOrDefault(vault => LanguagePrimitives.IsTrue(vault.Properties["IsDefault"]?.Value)) ?? (vaults.Count == 1 ? vaults[0] : null);
        return found?.Properties["Name"]?.Value as string ?? throw (vaults.Count == 0
            ? new SecretVaultException("NoVault", ErrorCategory.ObjectNotFound, $"No vault is registered. To register one, for example: Install-PSResource Microsoft.PowerShell.SecretStore; Register-SecretVault -Name SecretStore -ModuleName Microsoft.PowerShell.SecretStore -DefaultVault")
            : new SecretVaultException("NoDefaultVault", ErrorCategory.ObjectNotFound, $"Several vaults are registered, and none is the default. Use -Vault, or choose a default: Set-SecretVaultDefault -Name …"));
    }

    /// <summary>Reads a profile's key.</summary>
    /// <exception cref="SecretVaultException">It is missing, of another type, or its vault does not give it.</exception>
    public SecureString Get(ConnectionProfile profile)
    {
        var (vault, name) = (profile.Vault, profile.SecretName);
        var secrets = Invoke("Get-Secret", vault, new() { ["Name"] = name, ["Vault"] = vault }, profile);
        return (secrets.Count == 1 ? secrets[0].BaseObject : null) switch
        {
            SecureString secret => secret,
            string text => SecretText.Protect(text),
            null => throw Missing(profile),
            var other => throw new SecretVaultException("SecretOfWrongType", ErrorCategory.InvalidType, $"Secret '{name}' of vault '{vault}' is a {other.GetType().Name}, not a String or a SecureString. {HowToSave(profile)}"),
        };
    }

    /// <summary>Keeps a secret instead of one of the same name.</summary>
    /// <exception cref="SecretVaultException">The vault does not take it.</exception>
    public void Set(string vault, string name, SecureString secret) =>
        Invoke("Set-Secret", vault, new() { ["Name"] = name, ["SecureStringSecret"] = secret, ["Vault"] = vault, ["Confirm"] = false, ["WhatIf"] = false });

    /// <summary>Removes a secret, if it is there.</summary>
    /// <exception cref="SecretVaultException">The vault refuses.</exception>
    public void Remove(string vault, string name)
    {
        if (Contains(vault, name))
            Invoke("Remove-Secret", vault, new() { ["Name"] = name, ["Vault"] = vault, ["Confirm"] = false, ["WhatIf"] = false });
    }

    /// <summary>Whether there is such a secret.</summary>
    /// <exception cref="SecretVaultException">The vault does not say.</exception>
    public bool Contains(string vault, string name) => Invoke("Get-SecretInfo", vault, new() { ["Name"] = name, ["Vault"] = vault }).Count > 0;

    private List<PSObject> Invoke(string command, string? vault, Dictionary<string, object> parameters, ConnectionProfile? profile = null)
    {
        using var patience = new CancellationTokenSource(timeout);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cmdlet.StopToken);
        try
        {
            var found = cmdlet.InvokeCommand.GetCommand(command, CommandTypes.All) ?? throw new CommandNotFoundException();
            var (output, errors) = found is CmdletInfo { ImplementingType: not null } compiled
                ? InvokeApart(compiled, parameters, either.Token)
                : InvokeHere(command, parameters, either.Token);
            return errors.Count == 0 ? [.. output.Where(item => item is not null)] : throw Translate(errors, command, vault, profile);
        }
        catch (CommandNotFoundException)
        {
            throw new SecretVaultException("SecretManagementMissing", ErrorCategory.NotInstalled, $"The module {Module}, which saves keys, is not installed. To install it with a vault: Install-PSResource {Module}, Microsoft.PowerShell.SecretStore");
        }
        catch (Exception failure) when (failure is PipelineStoppedException or OperationCanceledException)
        {
            if (!patience.IsCancellationRequested || cmdlet.StopToken.IsCancellationRequested)
                throw new PipelineStoppedException();
            throw new SecretVaultException("VaultTimedOut", ErrorCategory.OperationTimeout, $"{VaultName(vault)} did not answer within {timeout.TotalSeconds:0} s. To test it: {HowToTest(vault)}");
        }
        catch (RuntimeException failure)
        {
            throw Translate([failure.ErrorRecord], command, vault, profile);
        }
    }

    /// <summary>
    /// Calls SecretManagement itself, in a runspace of its own: it does not listen to a stop, so a vault that hangs can
    /// only be left behind.
    /// </summary>
    private (IReadOnlyList<PSObject> Output, IReadOnlyList<ErrorRecord> Errors) InvokeApart(CmdletInfo command, Dictionary<string, object> parameters, CancellationToken cancellation)
    {
        var state = InitialSessionState.CreateDefault2();
        if (command.Module?.Path is { } module)
            state.ImportPSModule([module]);
        var call = Task.Run(
            () =>
            {
                _turn.Wait(cancellation);
                try
                {
                    using var runspace = RunspaceFactory.CreateRunspace(cmdlet.Host, state);
                    runspace.Open();
                    using var shell = System.Management.Automation.PowerShell.Create();
                    shell.Runspace = runspace;
                    return Call(shell, command.Name, parameters);
                }
                finally
                {
                    _turn.Release();
                }
            },
            cancellation);
        // The result of a call after its time limit is not used.
        call.ContinueWith(static ended => _ = ended.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        try
        {
            call.Wait(cancellation);
        }
        catch (AggregateException)
        {
            // Thrown again, as itself, by the next line.
        }

        return call.GetAwaiter().GetResult();
    }

    /// <summary>Calls a function that replaces SecretManagement, in the session that has it.</summary>
    private static (IReadOnlyList<PSObject> Output, IReadOnlyList<ErrorRecord> Errors) InvokeHere(string command, Dictionary<string, object> parameters, CancellationToken cancellation)
    {
        using var shell = System.Management.Automation.PowerShell.Create(RunspaceMode.CurrentRunspace);
        using var registration = cancellation.Register(() => shell.BeginStop(null, null));
        var result = Call(shell, command, parameters);
        cancellation.ThrowIfCancellationRequested();
        return result;
    }

    private static (IReadOnlyList<PSObject> Output, IReadOnlyList<ErrorRecord> Errors) Call(System.Management.Automation.PowerShell shell, string command, Dictionary<string, object> parameters)
    {
        // Warnings would go straight to the screen, past every preference; the errors say the same.
        var output = shell.AddCommand(command).AddParameters(parameters)
            .AddParameter("ErrorAction", ActionPreference.Continue).AddParameter("WarningAction", ActionPreference.SilentlyContinue).Invoke();
        return (output, [.. shell.Streams.Error]);
    }

    /// <summary>Says what a vault's errors mean. They themselves are not passed on: they come from code that has seen the secret.</summary>
    private static SecretVaultException Translate(IReadOnlyList<ErrorRecord> errors, string command, string? vault, ConnectionProfile? profile)
    {
        // A vault that fails says why, and then SecretManagement says that there is no such secret.
        var error = errors.FirstOrDefault(one => IdOf(one) != SecretNotFound) ?? errors[0];
        return IdOf(error) switch
        {
            _ when errors.Any(MeansLocked) => new("VaultLocked", ErrorCategory.PermissionDenied, $"{VaultName(vault)} is locked, and this session cannot ask for its password. To unlock it: Unlock-SecretVault -Name {vault:command} -Password …; or, in a runbook, use a vault without a password: Set-SecretStoreConfiguration -Authentication None -Interaction None"),
            "GetSecretVaultNotFound" or "VaultNotFound" => new("VaultNotFound", ErrorCategory.ObjectNotFound, $"Vault '{vault}' is not registered. To list the vaults: Get-SecretVault. To register this one: Register-SecretVault -Name {vault:command} -ModuleName …"),
            SecretNotFound when profile is not null => Missing(profile),
            // Not with the error's id: of a plain `throw` it is the whole message, which may hold the secret.
            _ => new("VaultFailed", ErrorCategory.InvalidOperation, $"{VaultName(vault)} failed at {command} ({error.Exception.GetType().Name}). To test it: {HowToTest(vault)}"),
        };
    }

    private static string IdOf(ErrorRecord error) => error.FullyQualifiedErrorId.Split(',')[0];

    private static bool MeansLocked(ErrorRecord error) =>
        Causes(error.Exception).Any(cause => cause.GetType().Name.Contains("PasswordRequired") || cause is PSInvalidOperationException { ErrorRecord.FullyQualifiedErrorId: "NonInteractive" or "ReadLineAsSecureString" })
        || error.Exception.Message.IndexOf("NonInteractive", StringComparison.OrdinalIgnoreCase) >= 0
        || error.Exception.Message.IndexOf("password", StringComparison.OrdinalIgnoreCase) >= 0;

    private static SecretVaultException Missing(ConnectionProfile profile) =>
        new("SecretMissing", ErrorCategory.ObjectNotFound, $"Vault '{profile.Vault}' has no secret '{profile.SecretName}'. {HowToSave(profile)}");

    /// <summary>What to do if the key of a profile is not in its vault, as a sentence.</summary>
    public static DisplayText HowToSave(ConnectionProfile profile) => $"Save the key again: Connect-Meshia -ApiKey … -Save -Profile {profile.Name:command}";

    private static DisplayText HowToTest(string? vault)
    {
        if (vault is null)
            return $"Test-SecretVault";
        return $"Test-SecretVault -Name {vault:command}";
    }

    private static string VaultName(string? vault) => vault is null ? "SecretManagement" : $"Vault '{vault}'";

    private static IEnumerable<Exception> Causes(Exception? failure)
    {
        for (; failure is not null; failure = failure.InnerException)
            yield return failure;
    }
}

/// <summary>A vault that did not do what was asked of it. It never holds a secret.</summary>
internal sealed class SecretVaultException(string errorId, ErrorCategory category, DisplayText message) : Exception(message)
{
    public ErrorRecord ToErrorRecord(object? target) => StreamRecord.Error(this, errorId, category, target);
}
