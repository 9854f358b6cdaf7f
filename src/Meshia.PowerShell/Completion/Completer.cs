using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace Meshia.PowerShell;

/// <summary>Completes a value. A completer must never fail or hang a prompt: a failure means no suggestions.</summary>
internal abstract class Completer : IArgumentCompleter
{
    private const int MostSuggestions = 100;

    /// <summary>How long an answer may take, so that a prompt waits 300 ms with everything around it.</summary>
    private protected static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(250);

    /// <summary>Whether the parameter takes wildcards, so that a suggestion must not be read as one.</summary>
    private protected virtual bool TakesWildcards => false;

    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        try
        {
            var word = new TypedWord(wordToComplete ?? "", TakesWildcards);
            return
            [
                .. Suggest(fakeBoundParameters)
                    .Where(suggestion => TypedWord.CanHold(suggestion.Value) && word.Matches(suggestion.Value))
                    .GroupBy(suggestion => suggestion.Value, StringComparer.Ordinal)
                    .Select(same => word.Complete(same.First()))
                    .Take(MostSuggestions),
            ];
        }
        catch (Exception)
        {
            return [];
        }
    }

    /// <summary>All possible values, independent of the typed text.</summary>
    /// <param name="boundParameters">The command's other arguments, as far as they can be known without running anything.</param>
    private protected abstract IEnumerable<Suggestion> Suggest(IDictionary boundParameters);
}
