using System.Collections;
using System.Globalization;
using System.Management.Automation;

namespace Meshia.PowerShell;

/// <summary>Makes an artifact again of one that came through a job, a remote session, CliXml or CSV.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ArtifactObjectAttribute : ArgumentTransformationAttribute
{
    public override object? Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        var item = PSObject.AsPSObject(inputData ?? "");
        if (item.BaseObject is IDictionary || (item.BaseObject is not (string or ValueType or Array) && IdOfAttribute.IsOfSystem(item)))
            throw StreamRecord.NotConvertible($"An object of type {item.BaseObject.GetType().Name} is not an artifact. Pipe the objects of Get-MeshiaArtifact, or ids as text.");
        if (inputData is not PSObject { BaseObject: not Artifact and not string } lookalike || Text(lookalike, nameof(Artifact.Id)) is not { Length: > 0 } id)
            return inputData;
        return new Artifact
        {
            Id = id,
            ExperimentId = Text(lookalike, nameof(Artifact.ExperimentId)),
            Name = Text(lookalike, nameof(Artifact.Name)),
            SizeBytes = long.TryParse(Text(lookalike, nameof(Artifact.SizeBytes)), NumberStyles.Integer, CultureInfo.InvariantCulture, out var size) ? size : null,
            Sha256 = Text(lookalike, nameof(Artifact.Sha256)) is { Length: > 0 } hash ? hash : null,
        };
    }

    private static string? Text(PSObject source, string property) => Convert.ToString(source.Properties[property]?.Value, CultureInfo.InvariantCulture);
}
