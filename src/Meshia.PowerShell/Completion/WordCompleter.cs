using System.Collections;

namespace Meshia.PowerShell;

/// <summary>Completes one of a few known words; others are still allowed, since the service may add some.</summary>
internal abstract class WordCompleter(params (string Word, string Meaning)[] words) : Completer
{
    private protected override IEnumerable<Suggestion> Suggest(IDictionary boundParameters) => words.Select(word => new Suggestion(word.Word, $"{word.Word}: {word.Meaning}"));
}
