using System.Diagnostics;
using System.Management.Automation;

namespace Meshia.PowerShell;

/// <summary><c>Sync-MeshiaExperiment</c>: keeps the experiments of the account in plain files.</summary>
[Cmdlet(VerbsData.Sync, "MeshiaExperiment", SupportsShouldProcess = true, HelpUri = HelpAddress.Base + "Sync-MeshiaExperiment.md")]
[OutputType(typeof(ExperimentSyncResult))]
public sealed class SyncMeshiaExperiment : ReadingCmdlet
{
    private readonly List<string> _sessionIds = [];
    private readonly Stopwatch _watch = new();
    private bool _isStarted;

    /// <summary>The archive's folder, which is created if it is missing.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>Ids of sessions; all sessions of the account where none is given.</summary>
    [Parameter(Position = 1, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [IdOf("Session")]
    [ArgumentCompleter(typeof(SessionIdCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? SessionId { get; set; }

    /// <summary>Names, with wildcards, of the artifacts of ended experiments that are saved too.</summary>
    [Parameter]
    [SupportsWildcards]
    [ValidateWildcard]
    [ValidateNotNullOrEmpty]
    public string[]? IncludeArtifact { get; set; }

    /// <summary>Looks at sessions and experiments that have ended again.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => _sessionIds.AddRange(SessionId ?? []);

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        // The pipeline had no objects. That must not mean all sessions.
        if (MyInvocation.ExpectingInput && _sessionIds.Count == 0)
            return;
        var folder = FileSystemPath.Resolve(this, Path);
        if (!ShouldProcess($"{folder:long}", $"Sync the experiments of {(_sessionIds.Count == 0 ? "all sessions" : string.Join(", ", _sessionIds)):long}"))
            return;
        var artifacts = new Wildcards(IncludeArtifact);
        var options = new SyncOptions
        {
            SessionIds = _sessionIds.Count == 0 ? null : _sessionIds,
            Artifact = IncludeArtifact is null ? null : name => artifacts.Match(name),
            Force = Force,
            Progress = state => OnPipelineThread(() => Show(state)),
            Failed = (id, failure) => OnPipelineThread(() => WriteError(failure is MeshiaException refused ? Record(refused, id) : failure is ArgumentException argument ? argument.ToErrorRecord("InvalidArgument", id) : StreamRecord.Error(failure, "FileError", ErrorCategory.WriteError, id, advice: $"Check the archive's folder, its permissions and the free space."))),
            Warned = text => OnPipelineThread(() => WriteWarning($"{text:long}")),
            Waiting = () => OnPipelineThread(() => WriteVerbose($"Another sync of '{folder:long}' is running. This one waits for it to end.")),
        };
        RunFor(folder, async cancellationToken => await EmitAsync(await Client.SyncExperimentsAsync(folder, options, Call, cancellationToken).ConfigureAwait(false)).ConfigureAwait(false));
        if (_isStarted)
            WriteProgress(StreamRecord.Ended(1, $"Syncing experiments"));
    }

    private void Show(SyncProgress state)
    {
        _isStarted = true;
        if (!_watch.IsRunning)
            _watch.Start();
        var progress = StreamRecord.Progress(1, $"Syncing experiments", $"Session {state.Done + 1} of {state.Total}: {state.SessionId}");
        progress.PercentComplete = (int)(state.Done * 100L / state.Total);
        if (state.Done > 0)
            progress.SecondsRemaining = (int)Math.Min(int.MaxValue, _watch.Elapsed.TotalSeconds / state.Done * (state.Total - state.Done));
        WriteProgress(progress);
    }
}
