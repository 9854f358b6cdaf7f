using System.Management.Automation;

namespace Meshia.PowerShell;

/// <summary><c>Get-MeshiaSandbox</c>: gets the sandboxes of this session, and the detached ones of this user.</summary>
[Cmdlet(VerbsCommon.Get, "MeshiaSandbox", HelpUri = HelpAddress.Base + "Get-MeshiaSandbox.md")]
[OutputType(typeof(MeshiaSandbox))]
public sealed class GetMeshiaSandbox : TextCmdlet
{
    /// <summary>Their processes; all where none is given.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(SandboxProcessCompleter))]
    public int[]? ProcessId { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var all = KnownSandboxes.All();
        foreach (var processId in ProcessId ?? [.. all.Select(sandbox => sandbox.ProcessId)])
        {
            if (all.FirstOrDefault(sandbox => sandbox.ProcessId == processId) is { } found)
                WriteObject(new MeshiaSandbox(found));
            else
                WriteError(StreamRecord.Error("SandboxNotFound", ErrorCategory.ObjectNotFound, processId, $"No sandbox of this session and no detached one has process id {processId}.", $"Run Get-MeshiaSandbox to see them."));
        }
    }
}
