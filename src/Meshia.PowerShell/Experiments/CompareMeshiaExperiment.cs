using System.Management.Automation;

namespace Meshia.PowerShell;

/// <summary><c>Compare-MeshiaExperiment</c>: puts experiments side by side.</summary>
[Cmdlet(VerbsData.Compare, "MeshiaExperiment", HelpUri = HelpAddress.Base + "Compare-MeshiaExperiment.md")]
[OutputType(typeof(ExperimentComparison))]
public sealed class CompareMeshiaExperiment : MeshiaCmdlet
{
    private readonly List<string> _ids = [];

    /// <summary>Ids of experiments, two or more in all.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("ExperimentId")]
    [IdOf("Experiment")]
    [ArgumentCompleter(typeof(ExperimentIdCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Id { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord() => _ids.AddRange(Id);

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        // The pipeline brought nothing.
        if (_ids.Count == 0)
            return;
        RunFor(
            string.Join(", ", _ids),
            async cancellationToken => await EmitAsync(await Client.CompareExperimentsAsync(_ids, cancellationToken).ConfigureAwait(false)).ConfigureAwait(false));
    }
}
