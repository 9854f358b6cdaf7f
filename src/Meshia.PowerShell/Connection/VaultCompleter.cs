using System.Collections;
using System.Diagnostics;
using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace Meshia.PowerShell;

/// <summary>
/// Names of the registered vaults. Where SecretManagement is imported it is asked in the session; else in a runspace of
/// its own, in the background: a Tab must not import a module into the session of the user, or wait for it.
/// </summary>
internal sealed class VaultCompleter : Completer
{
    private const string Command = "Get-SecretVault";

    /// <summary>By its whole name, Get-Command would import the module that has it.</summary>
    private const string CommandPattern = "Get-SecretVaul[t]";

    private static readonly TimeSpan _lifetime = TimeSpan.FromSeconds(30);
    private static readonly object _gate = new();
    private static Task<List<Suggestion>> _registered = Task.FromResult<List<Suggestion>>([]);
    private static Stopwatch? _sinceAsked;

    private protected override IEnumerable<Suggestion> Suggest(IDictionary boundParameters)
    {
        using var shell = System.Management.Automation.PowerShell.Create(RunspaceMode.CurrentRunspace);
        if (shell.AddCommand("Get-Command").AddParameter("Name", CommandPattern).AddParameter("ListImported").AddParameter("ErrorAction", ActionPreference.Ignore).Invoke().Count > 0)
            return Ask(shell);
        var registered = AskApart();
        return registered.Wait(Patience) ? registered.Result : [];
    }

    private static Task<List<Suggestion>> AskApart()
    {
        // Vaults are registered for a user, not for a runspace.
        lock (_gate)
        {
            if (_sinceAsked is { } since && since.Elapsed < _lifetime)
                return _registered;
            _sinceAsked = Stopwatch.StartNew();
            return _registered = Task.Run(() =>
            {
                try
                {
                    using var runspace = RunspaceFactory.CreateRunspace(InitialSessionState.CreateDefault2());
                    runspace.Open();
                    using var shell = System.Management.Automation.PowerShell.Create();
                    shell.Runspace = runspace;
                    return Ask(shell);
                }
                catch (RuntimeException)
                {
                    // SecretManagement is not installed, or has no vault.
                    return [];
                }
            });
        }
    }

    private static List<Suggestion> Ask(System.Management.Automation.PowerShell shell)
    {
        shell.Commands.Clear();
        return
        [
            .. shell.AddCommand(Command).AddParameter("ErrorAction", ActionPreference.Ignore).Invoke()
                .Where(vault => vault?.Properties["Name"]?.Value is string)
                .Select(vault => Suggestion.Of((string)vault.Properties["Name"].Value, vault.Properties["ModuleName"]?.Value as string, LanguagePrimitives.IsTrue(vault.Properties["IsDefault"]?.Value) ? "default" : null)),
        ];
    }
}
