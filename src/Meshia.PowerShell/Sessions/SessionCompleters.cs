using System.Collections;
using System.Runtime.CompilerServices;

namespace Meshia.PowerShell;

/// <summary>Ids of the account's sessions.</summary>
internal sealed class SessionIdCompleter : ServiceCompleter
{
    private protected override async IAsyncEnumerable<(string Value, string Hint)> SuggestAsync(MeshiaClient client, IDictionary boundParameters, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var session in client.GetSessionsAsync(cancellationToken: cancellationToken).ConfigureAwait(false))
            yield return (session.Id, $"{session.Name} ({session.Status})");
    }
}

/// <summary>The states of a session.</summary>
internal sealed class SessionStatusCompleter() : WordCompleter(SessionStatus.All);

/// <summary>GPUs: the one slug that the documentation shows, and the names of the others that it mentions.</summary>
internal sealed class GpuCompleter() : WordCompleter(["rtx4090", "a100", "h100", "h200", "a5000"]);
