using System.Collections;
using System.Management.Automation;

namespace Meshia.PowerShell;

/// <summary><c>Export-MeshiaHistory</c>: writes experiments to one HTML page with a table, the best values and plots.</summary>
[Cmdlet(VerbsData.Export, "MeshiaHistory", SupportsShouldProcess = true, DefaultParameterSetName = PipelineSet, HelpUri = HelpAddress.Base + "Export-MeshiaHistory.md")]
[OutputType(typeof(FileInfo))]
public sealed class ExportMeshiaHistory : ExportingCmdlet
{
    private const string PipelineSet = "Pipeline";
    private const string ArchiveSet = "Archive";

    private HistoryTable _history = new(static _ => null);
    private ExperimentArchive? _archive;

    /// <summary>The HTML file.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>Experiments, as Get-MeshiaExperiment gives them.</summary>
    [Parameter(Mandatory = true, ParameterSetName = PipelineSet, ValueFromPipeline = true)]
    [ExperimentObject]
    [ValidateNotNull]
    public Experiment[] InputObject { get; set; } = [];

    /// <summary>The folder of an archive, as Sync-MeshiaExperiment writes it; all of its experiments are written.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ArchiveSet)]
    [ValidateNotNullOrEmpty]
    public string? HistoryPath { get; set; }

    /// <summary>Whether less or more of a metric is better: names, or wildcards, with Minimize or Maximize.</summary>
    [Parameter]
    [ValidateNotNull]
    public IDictionary? Goal { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        // Before anything is read for a file that cannot be written.
        CheckExtension(Path, [".html"]);
        try
        {
            _history = new(GoalTable.Read(Goal));
        }
        catch (ArgumentException failure)
        {
            ThrowTerminatingError(failure.ToErrorRecord("InvalidGoal", Goal));
        }

        if (HistoryPath is not null)
            _archive = ArchiveFolder.Open(this, HistoryPath);
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        // Taken apart at once: the page needs less of them than the objects hold.
        foreach (var experiment in InputObject)
            _history.Add(experiment);
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (_archive is not null)
            Read(_archive);
        if (_history.Rows.Count == 0)
        {
            WriteWarning($"There are no experiments, so nothing was written.");
            return;
        }

        foreach (var name in PlainValues.Entries(Goal ?? new Hashtable()).Select(entry => entry.Key.ToString()!).Where(name => !_history.Metrics.Any(metric => new Wildcards([name]).Match(metric.Key))))
            WriteWarning($"-Goal '{name}' is not a metric of these experiments.");
        var file = FileSystemPath.Resolve(this, Path);
        if (ShouldProcess($"{file:long}", $"Write the history of {_history.Rows.Count} experiments"))
            Export(file, stream => HistoryPage.Write(stream, _history, Title ?? FormattableString.Invariant($"History of {_history.Rows.Count} experiments")));
    }

    private void Read(ExperimentArchive archive)
    {
        try
        {
            Run(cancellationToken =>
            {
                foreach (var experiment in archive.Read(damaged: text => OnPipelineThread(() => WriteWarning($"{text:long}"))))
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    _history.Add(experiment);
                }

                return Task.CompletedTask;
            });
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            ThrowTerminatingError(StreamRecord.Error(failure, "FileError", ErrorCategory.ReadError, HistoryPath));
        }
    }
}
