using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace Meshia.PowerShell;

/// <summary>Ends the sandboxes of a session when the module is removed from it.</summary>
public sealed class SandboxModule : IModuleAssemblyCleanup
{
    /// <summary>Called by PowerShell at removal.</summary>
    /// <param name="psModuleInfo">The module.</param>
    public void OnRemove(PSModuleInfo psModuleInfo) => SandboxProcess.StopAllOf(Runspace.DefaultRunspace);
}
