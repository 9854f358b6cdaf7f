using System.Management.Automation;

namespace Meshia.PowerShell;

/// <summary><c>Get-MeshiaSandboxFault</c>: gets the faults that are set, with their matches and hits.</summary>
[Cmdlet(VerbsCommon.Get, "MeshiaSandboxFault", HelpUri = HelpAddress.Base + "Get-MeshiaSandboxFault.md")]
[OutputType(typeof(SandboxFault))]
public sealed class GetMeshiaSandboxFault : SandboxCmdlet
{
    /// <summary>The ids of faults; all where none is given.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(FaultIdCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Id { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (Id is null)
        {
            RunFor(null, async (sandbox, cancellationToken) =>
            {
                foreach (var fault in (await sandbox.SendAsync("GET", "faults", null, cancellationToken).ConfigureAwait(false)).All("faults", SandboxAnswer.Of(fields => new SandboxFault(fields))))
                    await EmitAsync(fault).ConfigureAwait(false);
            });
            return;
        }

        foreach (var id in Id)
            RunFor(id, async (sandbox, cancellationToken) => await EmitAsync(new SandboxFault(await sandbox.SendAsync("GET", $"faults/{Uri.EscapeDataString(id)}", null, cancellationToken).ConfigureAwait(false))).ConfigureAwait(false));
    }
}
