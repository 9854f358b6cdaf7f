using System.Collections.Concurrent;
using System.Management.Automation;

namespace Meshia.PowerShell;

/// <summary><c>Save-MeshiaArtifact</c>: downloads files of experiments, several at once, each verified before it gets its name.</summary>
[Cmdlet(VerbsData.Save, "MeshiaArtifact", DefaultParameterSetName = ObjectSet, SupportsShouldProcess = true, HelpUri = HelpAddress.Base + "Save-MeshiaArtifact.md")]
[OutputType(typeof(SavedArtifact))]
public sealed class SaveMeshiaArtifact : ReadingCmdlet
{
    private const string ObjectSet = "InputObject";
    private const string ObjectToPathSet = "InputObjectToPath";
    private const string IdSet = "Id";
    private const string IdToPathSet = "IdToPath";

    /// <summary>How long stopped downloads may take to end; after it Ctrl+C would feel dead.</summary>
    private static readonly TimeSpan _graceAfterStop = TimeSpan.FromMilliseconds(500);

    private readonly CancellationTokenSource _stop = new();
    private readonly Queue<Saving> _savings = new();
    private readonly ConcurrentQueue<ClientMessage> _messages = new();
    private readonly Dictionary<string, FolderManifest> _manifests = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<Artifact>> _lists = new(StringComparer.Ordinal);
    private SavingProgress? _progress;
    private bool _isPathUsed;

    /// <summary>Artifacts, as Get-MeshiaArtifact gives them.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ObjectSet, ValueFromPipeline = true)]
    [Parameter(Mandatory = true, ParameterSetName = ObjectToPathSet, ValueFromPipeline = true)]
    [ArtifactObject]
    [ValidateNotNull]
    public Artifact? InputObject { get; set; }

    /// <summary>Ids of artifacts. Name, size and hash are known only where -ExperimentId is given too.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = IdSet, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = IdToPathSet, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("ArtifactId")]
    [IdOf("Artifact", MayBeForAnother = true, IsTakenWhole = true)]
    [ArgumentCompleter(typeof(ArtifactIdCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Id { get; set; } = [];

    /// <summary>The experiment that the artifacts of -Id are of.</summary>
    [Parameter(ParameterSetName = IdSet, ValueFromPipelineByPropertyName = true)]
    [Parameter(ParameterSetName = IdToPathSet, ValueFromPipelineByPropertyName = true)]
    [IdOf("Experiment")]
    [ArgumentCompleter(typeof(ExperimentIdCompleter))]
    [ValidateNotNullOrEmpty]
    public string? ExperimentId { get; set; }

    /// <summary>A folder; each experiment's files go into a folder of its own in it. The current one if it is not given.</summary>
    [Parameter(Position = 1, ParameterSetName = ObjectSet)]
    [Parameter(Position = 1, ParameterSetName = IdSet)]
    [ValidateNotNullOrEmpty]
    public string Destination { get; set; } = ".";

    /// <summary>The file that one artifact is saved as.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ObjectToPathSet)]
    [Parameter(Mandatory = true, ParameterSetName = IdToPathSet)]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>Only artifacts with such a name, with wildcards.</summary>
    [Parameter]
    [SupportsWildcards]
    [ValidateWildcard]
    [ArgumentCompleter(typeof(ArtifactNameCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Include { get; set; }

    /// <summary>No artifacts with such a name, with wildcards.</summary>
    [Parameter]
    [SupportsWildcards]
    [ValidateWildcard]
    [ArgumentCompleter(typeof(ArtifactNameCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Exclude { get; set; }

    /// <summary>Saves the files of an experiment in one folder: <c>/</c> in a name becomes <c>%2F</c>.</summary>
    [Parameter(ParameterSetName = ObjectSet)]
    [Parameter(ParameterSetName = IdSet)]
    public SwitchParameter Flat { get; set; }

    /// <summary>How many files are downloaded at the same time.</summary>
    [Parameter]
    [ValidateRange(1, 32)]
    public int ThrottleLimit { get; set; } = 4;

    /// <summary>Hashes files that are there already, also where their size and time stamp are the remembered ones.</summary>
    [Parameter]
    public SwitchParameter Verify { get; set; }

    /// <summary>Fetches files that are there already, and replaces them.</summary>
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

        // Without the list a file cannot be verified.
        if (ListOf(ExperimentId) is not { } known)
            return;
        foreach (var id in Id)
            Save(known.Find(artifact => artifact.Id == id) ?? new Artifact { Id = id, ExperimentId = ExperimentId });
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        while (_savings.Count > 0)
            Finish();
        if (_progress?.Complete() is { } last)
            WriteProgress(last);
    }

    /// <inheritdoc/>
    protected override void StopProcessing()
    {
        _stop.Cancel();
        base.StopProcessing();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            StopAll();
            _stop.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>The artifacts of an experiment, asked for once; null if they cannot be listed.</summary>
    private List<Artifact>? ListOf(string? experimentId)
    {
        if (experimentId is null)
            return [];
        if (_lists.TryGetValue(experimentId, out var known))
            return known;
        var list = new List<Artifact>();
        var isListed = RunFor(experimentId, async cancellationToken =>
        {
            await foreach (var artifact in Client.GetArtifactsAsync(experimentId, Call, cancellationToken).ConfigureAwait(false))
                list.Add(artifact);
        });
        return isListed ? _lists[experimentId] = list : null;
    }

    /// <summary>Begins a download. Results come in the order of the input, as soon as those before them are there.</summary>
    private void Save(Artifact artifact)
    {
        var name = artifact.Name ?? artifact.Id;
        if (!new Wildcards(Include).Match(name) || (Exclude is not null && new Wildcards(Exclude).Match(name)))
            return;
        if (PathFor(artifact) is not var (path, manifest))
            return;
        if (!ShouldProcess($"{path:long}", $"Save artifact {artifact.Id} ({(artifact.SizeBytes is { } size ? $"{size} bytes" : "size unknown")})"))
            return;

        while (_savings.Count > 0 && (_savings.Count >= ThrottleLimit || _savings.Peek().Task.IsCompleted))
            Finish();
        var (client, call) = (Client, new CallOptions { Observer = Tell, Timeout = CallTimeout, Command = Call.Command, RenewKey = RenewKeyAsync });
        _progress ??= new(record => OnPipelineThread(() => WriteProgress(record)));
        var progress = _progress.Add(System.IO.Path.GetFileName(path), artifact.SizeBytes);
        var options = new ArtifactSaveOptions { Overwrite = Force, Verify = Verify, Manifest = manifest, Progress = progress };
        _savings.Enqueue(new(artifact.Id, progress, Task.Run(() =>
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
            return client.SaveArtifactAsync(artifact, path, options, call, _stop.Token);
        })));
    }

    /// <summary>Where an artifact goes; null, after an error, where that is nowhere.</summary>
    private (string Path, FolderManifest Manifest)? PathFor(Artifact artifact)
    {
        if (Path is not null)
        {
            if (_isPathUsed)
            {
                WriteError(StreamRecord.Error("InvalidArgument", ErrorCategory.InvalidArgument, artifact.Id, $"-Path is for one artifact, and this is a second one. Use -Destination for several artifacts."));
                return null;
            }

            _isPathUsed = true;
            var file = System.IO.Path.GetFullPath(FileSystemPath.Resolve(this, Path));
            return (file, ManifestOf(System.IO.Path.GetDirectoryName(file) ?? file));
        }

        var folder = FileSystemPath.Resolve(this, Destination);
        if (artifact.ExperimentId is { Length: > 0 } experimentId)
            folder = System.IO.Path.Combine(folder, ArtifactFileName.Folder(experimentId));
        var manifest = ManifestOf(folder);
        return (manifest.PathFor(artifact, keepFolders: !Flat), manifest);
    }

    private FolderManifest ManifestOf(string folder)
    {
        if (_manifests.TryGetValue(folder, out var known))
            return known;
        var manifest = FolderManifest.Read(folder);
        if (manifest.Problem is { } problem)
            WriteWarning($"The record of saved files cannot be read: {problem:long}");
        return _manifests[folder] = manifest;
    }

    /// <summary>Waits for the oldest download, and writes what came of it.</summary>
    private void Finish()
    {
        var saving = _savings.Dequeue();
        try
        {
            TellAll();
            RunFor(saving.ArtifactId, async cancellationToken =>
            {
                try
                {
                    await EmitAsync(await saving.Task.ConfigureAwait(false)).ConfigureAwait(false);
                }
                finally
                {
                    saving.Progress.End();
                    // The others must have ended too when the pipeline stops.
                    if (cancellationToken.IsCancellationRequested)
                        await Task.WhenAny(Task.WhenAll(_savings.Select(other => other.Task)), Task.Delay(_graceAfterStop)).ConfigureAwait(false);
                }
            });
            TellAll();
        }
        catch
        {
            StopAll();
            throw;
        }
    }

    /// <summary>Downloads continue between two records. Their messages are kept until the next record is handled.</summary>
    private void Tell(ClientMessage message)
    {
        _messages.Enqueue(message);
        OnPipelineThread(TellAll);
    }

    private void TellAll()
    {
        while (_messages.TryDequeue(out var message))
            Write(message);
    }

    private void StopAll()
    {
        _stop.Cancel();
        try
        {
            Task.WaitAll([.. _savings.Select(saving => saving.Task)], _graceAfterStop);
        }
        catch (AggregateException)
        {
            // They ended. The result does not matter.
        }
    }

    private sealed record Saving(string ArtifactId, SavingProgress.File Progress, Task<SavedArtifact> Task);
}
