using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace Meshia.PowerShell;

/// <summary><c>Stop-MeshiaSandbox</c>: ends sandboxes: those of this session, those that are named, or the detached ones.</summary>
[Cmdlet(VerbsLifecycle.Stop, "MeshiaSandbox", DefaultParameterSetName = ProcessSet, SupportsShouldProcess = true, HelpUri = HelpAddress.Base + "Stop-MeshiaSandbox.md")]
[OutputType(typeof(void))]
public sealed class StopMeshiaSandbox : AsyncCmdlet
{
    private const string ProcessSet = "Process";
    private const string DetachedSet = "Detached";

    /// <summary>Their processes; all that this session started, but for the detached ones, where none is given.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true, ParameterSetName = ProcessSet)]
    [Alias("Id")]
    [ArgumentCompleter(typeof(SandboxProcessCompleter))]
    public int[]? ProcessId { get; set; }

    /// <summary>Ends every detached sandbox of this user.</summary>
    [Parameter(Mandatory = true, ParameterSetName = DetachedSet)]
    public SwitchParameter Detached { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var detached = DetachedSandboxFile.Read();
        foreach (var processId in Detached ? [.. detached.Select(sandbox => sandbox.ProcessId)] : ProcessId ?? [.. SandboxProcess.RunningOf(Runspace.DefaultRunspace)])
        {
            if (!ShouldProcess($"process {processId}", $"Stop sandbox"))
                continue;
            // Not at once the detached one of that number: a sandbox of this session ends with its standard input.
            if (SandboxProcess.Stop(processId))
                continue;
            if (detached.FirstOrDefault(sandbox => sandbox.ProcessId == processId) is { } running)
                Run(cancellationToken => DetachedSandbox.StopAsync(running, cancellationToken));
            else
                WriteError(StreamRecord.Error("SandboxNotFound", ErrorCategory.ObjectNotFound, processId, $"No sandbox of this session and no detached one has process id {processId}.", $"Run Get-MeshiaSandbox to see them."));
        }
    }
}
