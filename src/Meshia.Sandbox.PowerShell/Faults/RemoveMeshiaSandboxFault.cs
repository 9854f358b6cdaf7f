using System.Management.Automation;

namespace Meshia.PowerShell;

/// <summary><c>Remove-MeshiaSandboxFault</c>: removes faults.</summary>
[Cmdlet(VerbsCommon.Remove, "MeshiaSandboxFault", DefaultParameterSetName = IdSet, SupportsShouldProcess = true, HelpUri = HelpAddress.Base + "Remove-MeshiaSandboxFault.md")]
[OutputType(typeof(void))]
public sealed class RemoveMeshiaSandboxFault : SandboxCmdlet
{
    private const string IdSet = "Id";
    private const string AllSet = "All";

    /// <summary>The ids of faults.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true, ParameterSetName = IdSet)]
    [ArgumentCompleter(typeof(FaultIdCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Id { get; set; } = [];

    /// <summary>Removes all faults.</summary>
    [Parameter(Mandatory = true, ParameterSetName = AllSet)]
    public SwitchParameter All { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (All)
        {
            if (ShouldProcess($"all faults", $"Remove"))
                RunFor(null, (sandbox, cancellationToken) => sandbox.SendAsync("DELETE", "faults", null, cancellationToken));
            return;
        }

        foreach (var id in Id)
        {
            if (ShouldProcess($"{id}", $"Remove fault"))
                RunFor(id, (sandbox, cancellationToken) => sandbox.SendAsync("DELETE", $"faults/{Uri.EscapeDataString(id)}", null, cancellationToken));
        }
    }
}
