using System.Management.Automation;

namespace Meshia.PowerShell;

/// <summary><c>Export-MeshiaSandboxState</c>: writes the whole state of the sandbox to a file.</summary>
[Cmdlet(VerbsData.Export, "MeshiaSandboxState", SupportsShouldProcess = true, HelpUri = HelpAddress.Base + "Export-MeshiaSandboxState.md")]
[OutputType(typeof(FileInfo))]
public sealed class ExportMeshiaSandboxState : SandboxCmdlet
{
    /// <summary>The file. One that exists is replaced. Wildcards mean nothing in it.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [Alias("LiteralPath")]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        var path = FileSystemPath.Resolve(this, Path);
        if (!ShouldProcess($"{path:long}", $"Export the state of the sandbox"))
            return;
        RunFor(Path, async (sandbox, cancellationToken) =>
        {
            var state = await sandbox.SendBytesAsync("GET", "state", null, cancellationToken).ConfigureAwait(false);
            // It holds the secrets of webhooks: only its owner may read it.
            OwnFile.WriteAllBytes(path, state);
            await EmitAsync(new FileInfo(path)).ConfigureAwait(false);
        });
    }
}
