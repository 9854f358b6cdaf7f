using System.Diagnostics;
using System.Management.Automation;

namespace Meshia.PowerShell;

/// <summary><c>New-MeshiaSession</c>: starts a GPU pod, which costs money until it is stopped.</summary>
[Cmdlet(VerbsCommon.New, "MeshiaSession", SupportsShouldProcess = true, HelpUri = HelpAddress.Base + "New-MeshiaSession.md")]
[OutputType(typeof(Session))]
public sealed class NewMeshiaSession : MeshiaCmdlet
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

    /// <summary>The repository, as in github:user/repo.</summary>
    [Parameter(Position = 2, ValueFromPipelineByPropertyName = true)]
    [ValidateText(MeshiaClient.RepoPattern, Example = "github:user/repo")]
    public string? Repo { get; set; }

    /// <summary>Waits until the session runs.</summary>
    [Parameter]
    public SwitchParameter Wait { get; set; }

    /// <summary>How long to wait.</summary>
    [Parameter]
    [ValidateRange(1, 86_400)]
    public int TimeoutSeconds { get; set; } = 600;

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        // Before anything costs money: whoever says how long wants to wait.
        if (MyInvocation.BoundParameters.ContainsKey(nameof(TimeoutSeconds)) && !MyInvocation.BoundParameters.ContainsKey(nameof(Wait)))
            ThrowTerminatingError(new ArgumentException("-TimeoutSeconds says how long -Wait waits, and there is no -Wait. Nothing was created.").ToErrorRecord("InvalidArgument", TimeoutSeconds));
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (!ShouldProcess($"{Name} ({Gpu})", $"Start session"))
            return;
        RunFor(Name, async cancellationToken =>
        {
            var session = await Client.CreateSessionAsync(Name, Gpu, Repo, Call, cancellationToken).ConfigureAwait(false);
            await EmitAsync(Wait ? await WaitAsync(session, cancellationToken).ConfigureAwait(false) : session).ConfigureAwait(false);
        });
    }

    /// <summary>Waits for the pod. Whatever comes of it, the session is returned: it exists, and costs money.</summary>
    private async Task<Session> WaitAsync(Session session, CancellationToken cancellationToken)
    {
        DisplayText activity = $"Session {session.Id} ({session.Name})";
        var watch = Stopwatch.StartNew();
        void Show(string state) => OnPipelineThread(() =>
        {
            var progress = StreamRecord.Progress(1, activity, $"{state}");
            progress.SecondsRemaining = Math.Max(0, TimeoutSeconds - (int)watch.Elapsed.TotalSeconds);
            WriteProgress(progress);
        });
        // Whoever stops the wait must know what to stop.
        OnPipelineThread(() => WriteInformation(StreamRecord.Information($"Session {session.Id} was created, and costs money from now on.", "New-MeshiaSession")));
        Show(session.Status ?? "waiting");
        var options = new WaitOptions
        {
            Timeout = TimeSpan.FromSeconds(TimeoutSeconds),
            Progress = state =>
            {
                if (state.States.Length > 0)
                    Show(state.States);
            },
        };
        try
        {
            await foreach (var result in Client.WaitForSessionsAsync([session.Id], options, Call, cancellationToken).ConfigureAwait(false))
            {
                session = result.Item ?? session;
                if (result.End == WaitEnd.TimedOut)
                    Fail(session, "SessionNotReady", ErrorCategory.OperationTimeout, $"Session {session.Id} was created but is not running after {TimeoutSeconds} s. It may still start and cost money: stop it with Stop-MeshiaSession {session.Id:command}, or wait with Wait-MeshiaSession {session.Id:command}.");
                else if (result.Failure is { } gone)
                    FailToSee(session, gone);
                else if (result.End != WaitEnd.Reached)
                    Fail(session, "SessionFailed", ErrorCategory.InvalidResult, $"Session {session.Id} was created, but is {session.Status} instead of running.");
            }
        }
        catch (MeshiaException failure)
        {
            FailToSee(session, failure);
        }

        OnPipelineThread(() => WriteProgress(StreamRecord.Ended(1, activity)));
        return session;
    }

    private void FailToSee(Session session, MeshiaException failure) =>
        Fail(session, failure.Code, ErrorCategory.ResourceUnavailable, $"Session {session.Id} was created, but asking for its state failed: {failure.Message:long} It may run and cost money: look with Get-MeshiaSession {session.Id:command}.");

    private void Fail(Session session, string errorId, ErrorCategory category, DisplayText message) =>
        OnPipelineThread(() => WriteError(StreamRecord.Error(errorId, category, session.Id, message)));
}
