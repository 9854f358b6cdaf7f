using System.Collections;
using System.Runtime.CompilerServices;

namespace Meshia.PowerShell;

/// <summary>Ids of the artifacts of the experiment that is already given; without one they would cost a request for each experiment.</summary>
internal sealed class ArtifactIdCompleter : ServiceCompleter
{
    private protected override async IAsyncEnumerable<(string Value, string Hint)> SuggestAsync(MeshiaClient client, IDictionary boundParameters, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (boundParameters["ExperimentId"] is not string experimentId)
            yield break;
        await foreach (var artifact in client.GetArtifactsAsync(experimentId, cancellationToken).ConfigureAwait(false))
            yield return (artifact.Id, artifact.Name ?? artifact.Id);
    }
}
