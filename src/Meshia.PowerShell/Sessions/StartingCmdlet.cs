using System.Diagnostics;
using System.Management.Automation;

namespace Meshia.PowerShell;

/// <summary>A cmdlet that starts a session, and may wait until it runs.</summary>
public abstract class StartingCmdlet : MeshiaCmdlet
{
    /// <summary>The repository, as in github:user/repo.</summary>
    public abstract string? Repo { get; set; }

    /// <summary>The key of which one session is live at a time, from any machine.</summary>
    [Parameter]
    [AllowEmptyString]
    public string? Once { get; set; }

    /// <summary>How long the session may live.</summary>
    [Parameter]
    [Duration]
    public TimeSpan? MaxDuration { get; set; }

    /// <summary>Treats a session that was found by its key as one that this call created.</summary>
    [Parameter]
    public SwitchParameter StopAdopted { get; set; }

    /// <summary>How long to wait.</summary>
    [Parameter]
    [ValidateRange(1, 86_400)]
    public int TimeoutSeconds { get; set; } = 600;

    /// <summary>The name of the session.</summary>
    private protected abstract string SessionName { get; }

    /// <summary>The GPU.</summary>
    private protected abstract string SessionGpu { get; }

    /// <summary>Checks what can be checked before anything costs money.</summary>
    private protected void CheckArguments()
    {
        SessionKey.TryRead(this, Once, out _);
        if (StopAdopted && !MyInvocation.BoundParameters.ContainsKey(nameof(Once)))
            ThrowTerminatingError(new ArgumentException("-StopAdopted needs -Once. Nothing was created.").ToErrorRecord("InvalidArgument", StopAdopted));
    }

    /// <summary>Starts the session, or finds it by its key.</summary>
    /// <param name="created">Told of the session as soon as it is known.</param>
    /// <param name="wait">Whether to wait until it runs.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The session, and whether it is in the state that was waited for.</returns>
    private protected async Task<(Session Session, bool IsReady)> StartAsync(Action<Session> created, bool wait, CancellationToken cancellationToken)
    {
        DisplayText activity = $"Session {SessionName}";
        var starter = Client.Starter(
            new()
            {
                Name = SessionName,
                Gpu = SessionGpu,
                Repo = Repo,
                Once = MyInvocation.BoundParameters.ContainsKey(nameof(Once)) ? Once ?? "" : null,
                MaxDuration = MaxDuration,
                Progress = reason => OnPipelineThread(() => WriteProgress(StreamRecord.Progress(1, activity, $"{reason}"))),
            },
            Call);
        var session = await starter.RunAsync(cancellationToken).ConfigureAwait(false);
        created(session);
        if (session.Once is not null)
            OnPipelineThread(() => WriteProgress(StreamRecord.Ended(1, activity)));
        if (session.Adopted)
            WarnOfSharing(session);
        if (!wait)
            return (session, true);
        using var later = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var looking = LookLaterAsync(starter, later.Token);
        var result = await WaitAsync(session, cancellationToken).ConfigureAwait(false);
        later.Cancel();
        await looking.ConfigureAwait(false);
        result.Session.Adopted = session.Adopted;
        return result;
    }

    private void WarnOfSharing(Session session)
    {
        DisplayText deadline = session.Deadline is { } time ? (DisplayText)$"its deadline is {time:yyyy-MM-dd HH:mm} UTC" : (DisplayText)$"it has no deadline";
        DisplayText end = $"{(StopAdopted ? "" : " It is not stopped at the end of this command. Use -StopAdopted to stop it.")}";
        OnPipelineThread(() => WriteWarning($"Session {session.Id} was found by its key and is shared with the caller that created it; {deadline}.{end}"));
    }

    private static async Task LookLaterAsync(SessionStarter starter, CancellationToken cancellationToken)
    {
        try
        {
            await starter.LookLaterAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is OperationCanceledException or MeshiaException)
        {
            // The session runs, or the service cannot be asked: a sweep finds duplicates too.
        }
    }

    /// <summary>Waits for the pod. Whatever comes of it, the session is returned: it exists, and costs money.</summary>
    private async Task<(Session Session, bool IsReady)> WaitAsync(Session session, CancellationToken cancellationToken)
    {
        DisplayText activity = $"Session {session.Id} ({session.BaseName})";
        var watch = Stopwatch.StartNew();
        void Show(string state) => OnPipelineThread(() =>
        {
            var progress = StreamRecord.Progress(1, activity, $"{state}");
            progress.SecondsRemaining = Math.Max(0, TimeoutSeconds - (int)watch.Elapsed.TotalSeconds);
            WriteProgress(progress);
        });
        // A user who stops the wait must know what to stop.
        OnPipelineThread(() => WriteInformation(StreamRecord.Information($"Session {session.Id} was {(session.Adopted ? "found" : "created")}, and costs money from now on.", MyInvocation.MyCommand.Name)));
        Show(session.Status ?? "waiting");
        var isReady = false;
        var options = new WaitOptions
        {
            Timeout = TimeSpan.FromSeconds(TimeoutSeconds),
            IsNew = true,
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
                isReady = result.End == WaitEnd.Reached;
                if (result.End == WaitEnd.TimedOut)
                    Fail(session, "SessionNotReady", ErrorCategory.OperationTimeout, $"Session {session.Id} was created but is not running after {TimeoutSeconds} s. It may still start and cost money: stop it with Stop-MeshiaSession {session.Id:command}, or wait with Wait-MeshiaSession {session.Id:command}.");
                else if (result.Failure is { } gone)
                    FailToSee(session, gone);
                else if (!isReady)
                    Fail(session, "SessionFailed", ErrorCategory.InvalidResult, $"Session {session.Id} was created, but is {session.Status} instead of running.");
            }
        }
        catch (MeshiaException failure)
        {
            FailToSee(session, failure);
        }
        catch (OperationCanceledException)
        {
            DisplayText exists = $"The wait for session {session.Id} was stopped. It exists and may cost money: stop it with Stop-MeshiaSession {session.Id:command}";
            OnPipelineThread(() => WriteWarning(exists), exists);
            throw;
        }

        OnPipelineThread(() => WriteProgress(StreamRecord.Ended(1, activity)));
        return (session, isReady);
    }

    private void FailToSee(Session session, MeshiaException failure) =>
        Fail(session, failure.Code, ErrorCategory.ResourceUnavailable, $"Session {session.Id} was created, but reading its state failed: {failure.Message:long} It may run and cost money. Check it with Get-MeshiaSession {session.Id:command}.");

    private void Fail(Session session, string errorId, ErrorCategory category, DisplayText message) =>
        OnPipelineThread(() => WriteError(StreamRecord.Error(errorId, category, session.Id, message)));
}
