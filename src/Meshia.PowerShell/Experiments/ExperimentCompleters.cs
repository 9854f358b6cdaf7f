using System.Collections;
using System.Runtime.CompilerServices;

namespace Meshia.PowerShell;

/// <summary>Ids of experiments: of the session that is already given, else of the newest one that runs, else of the newest.</summary>
internal sealed class ExperimentIdCompleter : ServiceCompleter
{
    private protected override async IAsyncEnumerable<(string Value, string Hint)> SuggestAsync(MeshiaClient client, IDictionary boundParameters, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if ((boundParameters["SessionId"] as string ?? await FindSessionAsync(client, cancellationToken).ConfigureAwait(false)) is not { } sessionId)
            yield break;
        await foreach (var experiment in client.GetExperimentsAsync(sessionId, cancellationToken).ConfigureAwait(false))
            yield return (experiment.Id, $"{experiment.Name} ({experiment.Status})");
    }

    private static async Task<string?> FindSessionAsync(MeshiaClient client, CancellationToken cancellationToken)
    {
        Session? newest = null;
        await foreach (var session in client.GetSessionsAsync(cancellationToken: cancellationToken).ConfigureAwait(false))
        {
            if (session.Status == SessionStatus.Running)
                return session.Id;
            newest ??= session;
        }

        return newest?.Id;
    }
}

/// <summary>The states of an experiment.</summary>
internal sealed class ExperimentStatusCompleter() : WordCompleter(ExperimentStatus.All);
