using System.Collections;

namespace Meshia.PowerShell;

/// <summary>
/// Artifacts of the experiment that is already given, or else those that were asked for a moment ago: all of an account
/// would cost a request for each experiment.
/// </summary>
internal abstract class ArtifactCompleter : ServiceCompleter
{
    private protected override async Task<IEnumerable<Suggestion>> SuggestAsync(CompletionCache recent, IDictionary boundParameters) =>
        (IdsIn(boundParameters, "ExperimentId", "Experiment") is { Count: > 0 } experimentIds
            ? await recent.GetArtifactsAsync(experimentIds[0]).ConfigureAwait(false)
            : recent.Recall<Artifact>()).Select(Suggest);

    private protected abstract Suggestion Suggest(Artifact artifact);
}

/// <summary>Ids of artifacts.</summary>
internal sealed class ArtifactIdCompleter : ArtifactCompleter
{
    private protected override Suggestion Suggest(Artifact artifact) => Suggestion.Of(artifact.Id, artifact.Name, ShortText.Size(artifact.SizeBytes), ShortText.Age(artifact.CreatedAt));
}

/// <summary>Names of artifacts.</summary>
internal sealed class ArtifactNameCompleter : ArtifactCompleter
{
    private protected override bool TakesWildcards => true;

    private protected override Suggestion Suggest(Artifact artifact) => Suggestion.Of(artifact.Name ?? "", artifact.Id, ShortText.Size(artifact.SizeBytes), ShortText.Age(artifact.CreatedAt));
}
