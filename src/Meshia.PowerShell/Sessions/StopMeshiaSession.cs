using System.Collections.Concurrent;
using System.Management.Automation;

namespace Meshia.PowerShell;

/// <summary><c>Stop-MeshiaSession</c>: stops GPU pods, and with them what runs there.</summary>
[Cmdlet(VerbsLifecycle.Stop, "MeshiaSession", DefaultParameterSetName = IdSet, SupportsShouldProcess = true, HelpUri = HelpAddress.Base + "Stop-MeshiaSession.md")]
[OutputType(typeof(Session))]
public sealed class StopMeshiaSession : MeshiaCmdlet
{
    private const string IdSet = "Id";
    private const string ExpiredSet = "Expired";
    private const string DuplicateSet = "Duplicate";
    private const string OlderThanSet = "OlderThan";

    /// <summary>How many stops are on their way at a time; the rate limit orders them.</summary>
    private const int MostAtATime = 8;

    private readonly ConcurrentQueue<string> _failed = new();
    private readonly List<string> _given = [];
    private int _tried;

    /// <summary>Ids of sessions.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = IdSet, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("SessionId")]
    [IdOf("Session")]
    [ArgumentCompleter(typeof(StoppableSessionIdCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Id { get; set; } = [];

    /// <summary>Stops those that live past their deadline.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ExpiredSet)]
    public SwitchParameter Expired { get; set; }

    /// <summary>Stops those that are still provisioning beside an older one of their key.</summary>
    [Parameter(Mandatory = true, ParameterSetName = DuplicateSet)]
    public SwitchParameter Duplicate { get; set; }

    /// <summary>Stops those that were created longer ago.</summary>
    [Parameter(Mandatory = true, ParameterSetName = OlderThanSet)]
    [Duration]
    public TimeSpan OlderThan { get; set; }

    /// <summary>Only those with these names or base names, with wildcards.</summary>
    [Parameter(ParameterSetName = ExpiredSet)]
    [Parameter(ParameterSetName = DuplicateSet)]
    [Parameter(ParameterSetName = OlderThanSet)]
    [SupportsWildcards]
    [ValidateWildcard]
    [ArgumentCompleter(typeof(SessionNameCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Name { get; set; }

    /// <summary>Stops all older sessions, with any name.</summary>
    [Parameter(ParameterSetName = OlderThanSet)]
    public SwitchParameter Force { get; set; }

    /// <summary>Waits until each has stopped.</summary>
    [Parameter]
    public SwitchParameter Wait { get; set; }

    /// <summary>How long to wait, in seconds.</summary>
    [Parameter]
    [ValidateRange(1, 86_400)]
    public int TimeoutSeconds { get; set; } = 600;

    /// <summary>Writes each stopped session.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        if (ParameterSetName == OlderThanSet && Name is null && !Force)
            ThrowTerminatingError(new ArgumentException("-OlderThan needs -Name, or -Force for sessions with any name, because others may use the same account. Nothing was stopped.").ToErrorRecord("NameRequired", OlderThan));
        if (MyInvocation.BoundParameters.ContainsKey(nameof(TimeoutSeconds)) && !MyInvocation.BoundParameters.ContainsKey(nameof(Wait)))
            ThrowTerminatingError(new ArgumentException("-TimeoutSeconds needs -Wait. Nothing was stopped.").ToErrorRecord("InvalidArgument", TimeoutSeconds));
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        _given.AddRange(Id);
        if (ParameterSetName == IdSet)
            StopInOrder(Id.Distinct(StringComparer.Ordinal).Where(id => ShouldProcess($"{id}", $"Stop session")));
        else
            Sweep();
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        WriteErrorOfIncompleteList("sessions", _given);
        if (_tried > 1 && !_failed.IsEmpty)
            WriteWarning($"{_failed.Count} of {_tried} sessions could not be stopped and may cost money: {_failed}. Run the command again: stopping twice does no harm.");
    }

    private void Sweep()
    {
        var names = new Wildcards(Name);
        var query = new SessionQuery
        {
            Expired = Expired,
            Duplicate = Duplicate,
            OlderThan = ParameterSetName == OlderThanSet ? OlderThan : null,
            Where = names.Match,
        };
        SessionFindings? found = null;
        RunFor("sessions", async cancellationToken => found = await query.FindAsync(Client, Call, cancellationToken).ConfigureAwait(false));
        if (found is null)
            return;
        if (found.ErrorId is { } error)
            WriteError(StreamRecord.Error(error, ErrorCategory.InvalidResult, "sessions", $"{found.Error:long}"));
        // Where a page is missing, which of a key is the older one is not sure.
        if (Duplicate && found.ErrorId is not null)
            return;
        foreach (var busy in found.Sessions.Where(session => found.Busy.Contains(session.Id)))
            WriteWarning($"Session {busy.Id} ({busy.BaseName}) runs while an older session of the same key also runs. A job may use it, so it was not stopped. If it is not in use: Stop-MeshiaSession {busy.Id:command}");
        Stop([.. found.Sessions.Where(session => !found.Busy.Contains(session.Id) && ShouldProcess($"{session.Id} ({session.BaseName})", $"Stop session")).Select(session => session.Id)]);
    }

    /// <summary>Stops the sessions that were named, in their order, so that <c>-ErrorAction Stop</c> ends at the first that fails.</summary>
    private void StopInOrder(IEnumerable<string> ids)
    {
        foreach (var id in ids)
        {
            _tried++;
            if (!RunFor(id, cancellationToken => StopAsync(id, cancellationToken)))
                _failed.Enqueue(id);
        }
    }

    /// <summary>Stops sessions at the same time. One that fails keeps no other from being stopped.</summary>
    private void Stop(IReadOnlyList<string> ids)
    {
        if (ids.Count == 0)
            return;
        _tried += ids.Count;
        RunFor(ids.Count == 1 ? ids[0] : "sessions", async cancellationToken =>
        {
            using var room = new SemaphoreSlim(MostAtATime);
            var refusals = new ConcurrentQueue<MeshiaException>();
            await Task.WhenAll(ids.Select(id => StopAsync(id, room, refusals, cancellationToken))).ConfigureAwait(false);
            if (refusals.TryDequeue(out var refusal))
                throw refusal;
        });
    }

    private async Task StopAsync(string id, SemaphoreSlim room, ConcurrentQueue<MeshiaException> refusals, CancellationToken cancellationToken)
    {
        await room.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // With a key that is refused, all others fail too.
            if (!refusals.IsEmpty)
            {
                _failed.Enqueue(id);
                return;
            }

            await StopAsync(id, cancellationToken).ConfigureAwait(false);
        }
        catch (MeshiaException failure)
        {
            _failed.Enqueue(id);
            if (failure.Refusal == MeshiaRefusal.InvalidKey)
                refusals.Enqueue(failure);
            else
                OnPipelineThread(() => WriteError(Record(failure, id)));
        }
        catch (ArgumentException failure)
        {
            OnPipelineThread(() => WriteError(failure.ToErrorRecord("InvalidArgument", id)));
        }
        finally
        {
            room.Release();
        }
    }

    private async Task StopAsync(string id, CancellationToken cancellationToken)
    {
        var session = await Client.StopSessionAsync(id, Call, cancellationToken).ConfigureAwait(false);
        if (Wait)
            session = await WaitAsync(id, cancellationToken).ConfigureAwait(false) ?? session;
        if (PassThru)
            await EmitAsync(session ?? await Client.GetSessionAsync(id, Call, cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
    }

    private async Task<Session?> WaitAsync(string id, CancellationToken cancellationToken)
    {
        var options = new WaitOptions { Statuses = [SessionStatus.Stopped, SessionStatus.Failed], Timeout = TimeSpan.FromSeconds(TimeoutSeconds) };
        Session? session = null;
        await foreach (var result in Client.WaitForSessionsAsync([id], options, Call, cancellationToken).ConfigureAwait(false))
        {
            session = result.Item;
            if (result.End is WaitEnd.TimedOut or WaitEnd.Refused)
            {
                _failed.Enqueue(id);
                OnPipelineThread(() => WriteError(StreamRecord.Error("SessionNotStopped", ErrorCategory.OperationTimeout, id, $"Session {id} has not stopped yet: {result.Reason:long} It may cost money. Check it with Get-MeshiaSession {id:command}.")));
            }
        }

        return session;
    }
}
