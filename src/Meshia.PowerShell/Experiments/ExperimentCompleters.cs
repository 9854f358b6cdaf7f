using System.Collections;
using System.Runtime.CompilerServices;

namespace Meshia.PowerShell;

/// <summary>Ids of experiments: of the session that is already given, else of the newest ones.</summary>
internal sealed class ExperimentIdCompleter : ServiceCompleter
{
    /// <summary>One request each, of sixty in a minute.</summary>
    private const int MostSessions = 5;

    private protected override async IAsyncEnumerable<(string Value, string Hint)> SuggestAsync(MeshiaClient client, IDictionary boundParameters, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var sessionIds = new List<string>();
        if (boundParameters["SessionId"] is string given)
        {
            sessionIds.Add(given);
        }
        else
        {
            await foreach (var session in client.GetSessionsAsync(cancellationToken: cancellationToken).ConfigureAwait(false))
            {
                sessionIds.Add(session.Id);
                if (sessionIds.Count == MostSessions)
                    break;
            }
        }

        foreach (var sessionId in sessionIds)
        {
            await foreach (var experiment in client.GetExperimentsAsync(sessionId, cancellationToken).ConfigureAwait(false))
                yield return (experiment.Id, $"{experiment.Name} ({experiment.Status})");
        }
    }
}

/// <summary>The states of an experiment.</summary>
internal sealed class ExperimentStatusCompleter() : WordCompleter(ExperimentStatus.All);
