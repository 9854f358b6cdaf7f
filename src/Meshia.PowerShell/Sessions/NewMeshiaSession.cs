using System.Management.Automation;

namespace Meshia.PowerShell;

/// <summary><c>New-MeshiaSession</c>: starts a GPU pod, which costs money until it is stopped.</summary>
[Cmdlet(VerbsCommon.New, "MeshiaSession", SupportsShouldProcess = true, HelpUri = HelpAddress.Base + "New-MeshiaSession.md")]
[OutputType(typeof(Session))]
public sealed class NewMeshiaSession : StartingCmdlet
{
    /// <summary>The session's name.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateText(@"[^\s]", Example = "llama-finetune")]
    public string Name { get; set; } = "";

    /// <summary>The GPU, as in rtx4090.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    [ValidateText(MeshiaClient.GpuPattern, Example = "rtx4090")]
    [ArgumentCompleter(typeof(GpuCompleter))]
    public string Gpu { get; set; } = "";

    /// <inheritdoc/>
    [Parameter(Position = 2, ValueFromPipelineByPropertyName = true)]
    [ValidateText(MeshiaClient.RepoPattern, Example = "github:user/repo")]
    public override string? Repo { get; set; }

    /// <summary>Waits until the session runs.</summary>
    [Parameter]
    public SwitchParameter Wait { get; set; }

    /// <summary>Stops the session when this process ends.</summary>
    [Parameter]
    public SwitchParameter StopOnExit { get; set; }

    private protected override string SessionName => Name;

    private protected override string SessionGpu => Gpu;

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        // Before anything costs money: a time to wait without -Wait is a mistake.
        if (MyInvocation.BoundParameters.ContainsKey(nameof(TimeoutSeconds)) && !MyInvocation.BoundParameters.ContainsKey(nameof(Wait)))
            ThrowTerminatingError(new ArgumentException("-TimeoutSeconds needs -Wait. Nothing was created.").ToErrorRecord("InvalidArgument", TimeoutSeconds));
        CheckArguments();
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (!ShouldProcess($"{Name} ({Gpu})", $"Start session"))
            return;
        if (StopOnExit && SessionKeeper.Prepare(Client) is { } reason)
            WriteWarning($"{reason}");
        RunFor(Name, async cancellationToken =>
        {
            var (session, _) = await StartAsync(Keep, Wait, cancellationToken).ConfigureAwait(false);
            // A user who stops the command must know what to stop.
            await EmitAsync(session, $"Session {session.Id} was {(session.Adopted ? "found" : "created")}, and costs money until it is stopped: Stop-MeshiaSession {session.Id:command}").ConfigureAwait(false);
        });
    }

    private void Keep(Session session)
    {
        if (!session.Adopted || StopAdopted)
            SessionKeeper.Keep(Client, session, StopOnExit, Call.Command);
    }
}
