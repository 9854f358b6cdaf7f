using System.Management.Automation;

namespace Meshia.PowerShell;

/// <summary><c>Use-MeshiaSession</c>: starts a session, runs a script block with it, and always stops it.</summary>
[Cmdlet(VerbsOther.Use, "MeshiaSession", SupportsShouldProcess = true, HelpUri = HelpAddress.Base + "Use-MeshiaSession.md")]
[OutputType(typeof(object))]
public sealed class UseMeshiaSession : StartingCmdlet
{
    private static readonly TimeSpan _longestStop = TimeSpan.FromSeconds(60);

    /// <summary>A pipeline of one command, which PowerShell can run step by step inside this one, so that its output is passed on at once.</summary>
    private static readonly ScriptBlock _call = ScriptBlock.Create("param($block, $session) . $block $session");

    /// <summary>What to run; its argument is the session.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNull]
    public ScriptBlock ScriptBlock { get; set; } = null!;

    /// <summary>The GPU, as in rtx4090.</summary>
    [Parameter(Mandatory = true)]
    [ValidateText(MeshiaClient.GpuPattern, Example = "rtx4090")]
    [ArgumentCompleter(typeof(GpuCompleter))]
    public string Gpu { get; set; } = "";

    /// <summary>The session's name.</summary>
    [Parameter]
    [ValidateText(@"[^\s]", Example = "llama-finetune")]
    public string Name { get; set; } = "session";

    /// <inheritdoc/>
    [Parameter]
    [ValidateText(MeshiaClient.RepoPattern, Example = "github:user/repo")]
    public override string? Repo { get; set; }

    private protected override string SessionName => Name;

    private protected override string SessionGpu => Gpu;

    /// <inheritdoc/>
    protected override void BeginProcessing() => CheckArguments();

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (!ShouldProcess($"{Name} ({Gpu})", $"Start session, run the block, stop session"))
            return;
        // Without a connection there is nothing to guard.
        _ = Client;
        if (SessionKeeper.Prepare(Client) is { } reason)
            WriteWarning($"{reason}");
        Session? session = null;
        var isReady = false;
        try
        {
            RunFor(Name, async cancellationToken => (session, isReady) = await StartAsync(
                found =>
                {
                    session = found;
                    if (IsOurs(found))
                        SessionKeeper.Keep(Client, found, untilExit: true, Call.Command);
                },
                wait: true,
                cancellationToken).ConfigureAwait(false));
            if (isReady)
            {
                Complete(session!);
                RunBlock(session!);
            }
        }
        finally
        {
            if (session is not null && IsOurs(session))
                Stop(session);
        }
    }

    private bool IsOurs(Session session) => !session.Adopted || StopAdopted;

    private void RunBlock(Session session)
    {
        using var steps = _call.GetSteppablePipeline(CommandOrigin.Internal, [ScriptBlock, session]);
        steps.Begin(this);
        steps.Process();
        steps.End();
    }

    /// <summary>Stops the session, also while the pipeline is being stopped.</summary>
    private void Stop(Session session)
    {
        using var patience = new CancellationTokenSource(_longestStop);
        var stop = Task.Run(() => Client.StopSessionAsync(session.Id, new() { Command = Call.Command, Observer = static _ => { } }, patience.Token));
        try
        {
            stop.GetAwaiter().GetResult();
            SessionKeeper.LetGo(session.Id);
        }
        catch (MeshiaException failure) when (failure.Refusal == MeshiaRefusal.NotFound)
        {
            SessionKeeper.LetGo(session.Id);
        }
        catch (Exception failure) when (failure is MeshiaException or OperationCanceledException)
        {
            DisplayText message = $"Session {session.Id} could not be stopped and may cost money: {failure.Message:long} Stop it with Stop-MeshiaSession {session.Id:command}.";
            if (Stopping)
                WarnDirectly(message);
            else
                WriteError(StreamRecord.Error(failure, "SessionNotStopped", ErrorCategory.ResourceUnavailable, session.Id, message));
        }
    }
}
