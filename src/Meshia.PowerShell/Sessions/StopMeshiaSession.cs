using System.Management.Automation;

namespace Meshia.PowerShell;

/// <summary><c>Stop-MeshiaSession</c>: stops GPU pods, and with them what runs there.</summary>
[Cmdlet(VerbsLifecycle.Stop, "MeshiaSession", SupportsShouldProcess = true, HelpUri = HelpAddress.Base + "Stop-MeshiaSession.md")]
[OutputType(typeof(Session))]
public sealed class StopMeshiaSession : MeshiaCmdlet
{
    /// <summary>Ids of sessions.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("SessionId")]
    [IdOf("Session")]
    [ArgumentCompleter(typeof(StoppableSessionIdCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Id { get; set; } = [];

    /// <summary>Writes each stopped session.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var id in Id)
        {
            if (!ShouldProcess($"{id}", $"Stop session"))
                continue;
            RunFor(id, async cancellationToken =>
            {
                var session = await Client.StopSessionAsync(id, Call, cancellationToken).ConfigureAwait(false);
                if (PassThru)
                    await EmitAsync(session ?? await Client.GetSessionAsync(id, Call, cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
            });
        }
    }
}
