using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace Meshia.PowerShell;

/// <summary>
/// Completes a value, from the service where the value lives there. A completer must never fail or hang a prompt: it
/// sends one request (two where a session has to be found first), gives up after two seconds, and whatever goes wrong
/// means no suggestions.
/// </summary>
internal abstract class ServiceCompleter : IArgumentCompleter
{
    private const int MostSuggestions = 100;

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(2);

    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        var typed = (wordToComplete ?? "").Trim('\'', '"');
        try
        {
            using var patience = new CancellationTokenSource(_patience);
            var connection = CurrentConnection.Peek(fakeBoundParameters["Profile"] as string);
            var search = Task.Run(() => connection is null or { IsRefused: true } ? Task.FromResult<List<CompletionResult>>([]) : FindAsync(connection.Suggestions, fakeBoundParameters, typed, patience.Token), patience.Token);
            return search.Wait(_patience) ? search.Result : [];
        }
        catch (Exception failure) when (failure is AggregateException or ArgumentException or OperationCanceledException)
        {
            return [];
        }
    }

    private protected abstract IAsyncEnumerable<(string Value, string Hint)> SuggestAsync(MeshiaClient client, IDictionary boundParameters, CancellationToken cancellationToken);

    private async Task<List<CompletionResult>> FindAsync(MeshiaClient client, IDictionary boundParameters, string typed, CancellationToken cancellationToken)
    {
        var results = new List<CompletionResult>();
        await foreach (var (value, hint) in SuggestAsync(client, boundParameters, cancellationToken).ConfigureAwait(false))
        {
            if (value.StartsWith(typed, StringComparison.OrdinalIgnoreCase))
                results.Add(new CompletionResult(value, value, CompletionResultType.ParameterValue, hint));
            if (results.Count == MostSuggestions)
                break;
        }

        return results;
    }
}
