using System.Management.Automation;

namespace Meshia.PowerShell;

/// <summary><c>Get-MeshiaArtifact</c>: lists the files of experiments.</summary>
[Cmdlet(VerbsCommon.Get, "MeshiaArtifact", HelpUri = HelpAddress.Base + "Get-MeshiaArtifact.md")]
[OutputType(typeof(Artifact))]
public sealed class GetMeshiaArtifact : ReadingCmdlet
{
    /// <summary>Ids of experiments.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [IdOf("Experiment")]
    [ArgumentCompleter(typeof(ExperimentIdCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] ExperimentId { get; set; } = [];

    /// <summary>Names, with wildcards.</summary>
    [Parameter]
    [SupportsWildcards]
    [ValidateWildcard]
    [ArgumentCompleter(typeof(ArtifactNameCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Name { get; set; }

    /// <summary>Ids of artifacts; the others are left out.</summary>
    [Parameter]
    [IdOf("Artifact")]
    [ArgumentCompleter(typeof(ArtifactIdCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Id { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var names = new Wildcards(Name);
        foreach (var experimentId in ExperimentId)
        {
            RunFor(experimentId, cancellationToken => EmitAllAsync(
                "artifacts",
                call => Client.GetArtifactsAsync(experimentId, call, cancellationToken),
                artifact => names.Match(artifact.Name) && (Id is null || Id.Contains(artifact.Id, StringComparer.Ordinal))));
        }
    }
}
