using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace Meshia.PowerShell;

/// <summary><c>Stop-MeshiaSandbox</c>: ends sandboxes that this session started.</summary>
[Cmdlet(VerbsLifecycle.Stop, "MeshiaSandbox", SupportsShouldProcess = true, HelpUri = HelpAddress.Base + "Stop-MeshiaSandbox.md")]
[OutputType(typeof(void))]
public sealed class StopMeshiaSandbox : TextCmdlet
{
    /// <summary>Their processes; all that this session started where none is given.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("Id")]
    [ArgumentCompleter(typeof(SandboxProcessCompleter))]
    public int[]? ProcessId { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var processId in ProcessId ?? [.. SandboxProcess.RunningOf(Runspace.DefaultRunspace)])
        {
            if (!ShouldProcess($"process {processId}", $"Stop sandbox"))
                continue;
            if (!SandboxProcess.Stop(processId))
                WriteError(StreamRecord.Error("SandboxNotFound", ErrorCategory.ObjectNotFound, processId, $"This session runs no sandbox with process id {processId}."));
        }
    }
}
