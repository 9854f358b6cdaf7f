using System.Management.Automation;

namespace Meshia.PowerShell;

/// <summary><c>Save-MeshiaArtifact</c>: downloads files of experiments, each verified before it gets its name.</summary>
[Cmdlet(VerbsData.Save, "MeshiaArtifact", DefaultParameterSetName = ObjectSet, SupportsShouldProcess = true, HelpUri = HelpAddress.Base + "Save-MeshiaArtifact.md")]
[OutputType(typeof(SavedArtifact))]
public sealed class SaveMeshiaArtifact : MeshiaCmdlet
{
    private const string ObjectSet = "InputObject";
    private const string IdSet = "Id";

    /// <summary>Artifacts, as Get-MeshiaArtifact gives them.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ObjectSet, ValueFromPipeline = true)]
    [ArtifactObject]
    [ValidateNotNull]
    public Artifact? InputObject { get; set; }

    /// <summary>Ids of artifacts. Name, size and hash are known only where -ExperimentId is given too.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = IdSet, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("ArtifactId")]
    [ArgumentCompleter(typeof(ArtifactIdCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Id { get; set; } = [];

    /// <summary>The experiment that the artifacts of -Id are of.</summary>
    [Parameter(ParameterSetName = IdSet, ValueFromPipelineByPropertyName = true)]
    [IdOf("Experiment")]
    [ArgumentCompleter(typeof(ExperimentIdCompleter))]
    [ValidateNotNullOrEmpty]
    public string? ExperimentId { get; set; }

    /// <summary>A folder; each experiment's files go into a folder of its own in it. The current one where nothing is given.</summary>
    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    public string Destination { get; set; } = ".";

    /// <summary>Replaces files that are there already.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (InputObject is not null)
        {
            Save(InputObject);
            return;
        }

        var known = new List<Artifact>();
        // What cannot be listed cannot be verified either.
        if (ExperimentId is not null && !TryList(ExperimentId, known))
            return;
        foreach (var id in Id)
            Save(known.Find(artifact => artifact.Id == id) ?? new Artifact { Id = id, ExperimentId = ExperimentId });
    }

    private bool TryList(string experimentId, List<Artifact> known) => RunFor(experimentId, async cancellationToken =>
    {
        await foreach (var artifact in Client.GetArtifactsAsync(experimentId, cancellationToken).ConfigureAwait(false))
            known.Add(artifact);
    });

    private void Save(Artifact artifact)
    {
        var folder = FileSystemPath.Resolve(this, Destination);
        if (artifact.ExperimentId is { Length: > 0 } experimentId)
            folder = Path.Combine(folder, ArtifactFileName.For(experimentId, experimentId));
        var path = Path.Combine(folder, ArtifactFileName.For(artifact.Name, artifact.Id));
        if (!ShouldProcess(path, $"Save artifact {artifact.Id} ({(artifact.SizeBytes is { } size ? $"{size} bytes" : "size unknown")})"))
            return;
        RunFor(artifact.Id, async cancellationToken =>
        {
            Directory.CreateDirectory(folder);
            var progress = new DownloadProgress(this, artifact);
            try
            {
                await EmitAsync(await Client.SaveArtifactAsync(artifact, path, Force, progress, cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
            }
            finally
            {
                progress.End();
            }
        });
    }

    /// <summary>Shows how far a download is, a few times a second at most.</summary>
    private sealed class DownloadProgress(SaveMeshiaArtifact cmdlet, Artifact artifact) : IProgress<long>
    {
        private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(200);

        private DateTime _next = DateTime.UtcNow + _pause;
        private bool _isShown;

        public void Report(long value)
        {
            if (DateTime.UtcNow < _next)
                return;
            (_next, _isShown) = (DateTime.UtcNow + _pause, true);
            var total = artifact.SizeBytes;
            var record = new ProgressRecord(1, $"Saving {artifact.Name ?? artifact.Id}", total is null ? $"{value:N0} bytes" : $"{value:N0} of {total:N0} bytes")
            {
                PercentComplete = total > 0 ? (int)Math.Min(100, value * 100 / total.Value) : -1,
            };
            cmdlet.OnPipelineThread(() => cmdlet.WriteProgress(record));
        }

        public void End()
        {
            if (_isShown)
                cmdlet.OnPipelineThread(() => cmdlet.WriteProgress(new ProgressRecord(1, "Saving", "Done") { RecordType = ProgressRecordType.Completed }));
        }
    }
}
