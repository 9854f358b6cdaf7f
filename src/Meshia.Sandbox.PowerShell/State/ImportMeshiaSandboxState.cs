using System.Management.Automation;

namespace Meshia.PowerShell;

/// <summary><c>Import-MeshiaSandboxState</c>: puts an exported state instead of that of the sandbox.</summary>
[Cmdlet(VerbsData.Import, "MeshiaSandboxState", SupportsShouldProcess = true, HelpUri = HelpAddress.Base + "Import-MeshiaSandboxState.md")]
[OutputType(typeof(void))]
public sealed class ImportMeshiaSandboxState : SandboxCmdlet
{
    /// <summary>The file that Export-MeshiaSandboxState wrote. Wildcards mean nothing in it.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("LiteralPath", "PSPath", "FullName")]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var path = FileSystemPath.Resolve(this, Path);
        if (ShouldProcess($"the sandbox", $"Import the state in {path:long}"))
            RunFor(Path, (sandbox, cancellationToken) => sandbox.SendAsync("PUT", "state", File.ReadAllBytes(path), cancellationToken));
    }
}
