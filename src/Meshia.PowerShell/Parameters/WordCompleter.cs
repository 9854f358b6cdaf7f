using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace Meshia.PowerShell;

/// <summary>Completes one of a few known words; others are still allowed, since the service may add some.</summary>
internal abstract class WordCompleter(IReadOnlyList<string> words) : IArgumentCompleter
{
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        words.Where(word => word.StartsWith((wordToComplete ?? "").Trim('\'', '"'), StringComparison.OrdinalIgnoreCase)).Select(word => new CompletionResult(word, word, CompletionResultType.ParameterValue, word));
}
