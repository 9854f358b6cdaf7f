using System.Management.Automation;

namespace Meshia.PowerShell.Tests;

/// <summary>
/// <c>Select-Object -First 1</c>, which lies in a module that only comes with pwsh: it passes one object on and then stops
/// what is upstream of it, by the very exception that Select-Object throws, which the engine keeps to itself.
/// </summary>
[Cmdlet(VerbsCommon.Select, "First")]
public sealed class SelectFirstCommand : PSCmdlet
{
    [Parameter(ValueFromPipeline = true)]
    public PSObject? InputObject { get; set; }

    protected override void ProcessRecord()
    {
        WriteObject(InputObject);
        var type = typeof(PSCmdlet).Assembly.GetType("System.Management.Automation.StopUpstreamCommandsException", throwOnError: true)!;
        throw (Exception)Activator.CreateInstance(type, this)!;
    }
}
