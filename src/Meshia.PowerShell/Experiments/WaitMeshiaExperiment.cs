using System.Management.Automation;

namespace Meshia.PowerShell;

/// <summary><c>Wait-MeshiaExperiment</c>: waits until experiments have completed or failed, or are in another state.</summary>
[Cmdlet(VerbsLifecycle.Wait, "MeshiaExperiment", DefaultParameterSetName = AllSet, HelpUri = HelpAddress.Base + "Wait-MeshiaExperiment.md")]
[OutputType(typeof(Experiment))]
public sealed class WaitMeshiaExperiment : WaitingCmdlet
{
    private readonly Dictionary<string, string> _sessionIds = new(StringComparer.Ordinal);

    /// <summary>Ids of experiments.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("ExperimentId")]
    [IdOf("Experiment", Otherwise = "For the experiments of a session: Get-MeshiaExperiment -SessionId <id> | Wait-MeshiaExperiment")]
    [ArgumentCompleter(typeof(ExperimentIdCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Id { get; set; } = [];

    /// <summary>The id of their session, which spares a request for each; objects bring it along.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [IdOf("Session")]
    [ArgumentCompleter(typeof(SessionIdCompleter))]
    public string? SessionId { get; set; }

    /// <summary>The states to wait for; completed and failed where none is given.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ExperimentStatusCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Status { get; set; }

    /// <summary>How long to wait, in seconds; with 0 each is looked at once.</summary>
    [Parameter]
    [ValidateRange(0, 604_800)]
    public override int TimeoutSeconds { get; set; } = 86_400;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        Add(Id);
        if (string.IsNullOrEmpty(SessionId))
            return;
        foreach (var id in Id)
            _sessionIds[id] = SessionId!;
    }

    /// <inheritdoc/>
    protected override void EndProcessing() => WaitForAll<Experiment>("experiments", Status, ExperimentStatus.All, (ids, options, cancellationToken) => Client.WaitForExperimentsAsync(ids, options, _sessionIds, Call, cancellationToken), Report);

    private void Report(WaitResult<Experiment> result)
    {
        if (result.Item is { } item && string.Equals(item.Status, ExperimentStatus.Failed, StringComparison.OrdinalIgnoreCase) && !(Status ?? []).Contains(ExperimentStatus.Failed, StringComparer.OrdinalIgnoreCase))
        {
            WriteError(StreamRecord.Error("ExperimentFailed", ErrorCategory.InvalidResult, result.Id, $"Experiment {result.Id} failed: {item.Error ?? "the service gives no reason":long}", $"Check the code and the output of the run in its session."));
        }
        else if (result.End != WaitEnd.Reached)
        {
            WriteError(result, "Experiment", "ExperimentEnded", "ExperimentGone", $"Check it with Get-MeshiaExperiment, and its session with Get-MeshiaSession.");
        }
    }
}
