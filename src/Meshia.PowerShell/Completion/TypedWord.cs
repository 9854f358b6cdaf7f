using System.Management.Automation;
using System.Management.Automation.Language;
using System.Text.RegularExpressions;

namespace Meshia.PowerShell;

/// <summary>What a user has typed of an argument: with or without quotes, perhaps with wildcards.</summary>
internal sealed class TypedWord
{
    /// <summary>What needs no quotes as an argument at any position.</summary>
    private const string PlainPattern = @"^[A-Za-z0-9_./\\][A-Za-z0-9_./\\:+=-]*\z";

    private readonly bool _takesWildcards;
    private readonly string _text;
    private readonly WildcardPattern? _pattern;

    public TypedWord(string word, bool takesWildcards)
    {
        (_takesWildcards, _text) = (takesWildcards, word.Trim('\'', '"'));
        try
        {
            _pattern = WildcardPattern.ContainsWildcardCharacters(_text) || _text.Contains('`') ? WildcardPattern.Get($"{_text}*", WildcardOptions.IgnoreCase | WildcardOptions.CultureInvariant) : null;
        }
        catch (WildcardPatternException)
        {
            // A bracket that is still open: it is meant as it stands.
        }
    }

    /// <summary>Whether a value can be written on one line that shows what it is.</summary>
    public static bool CanHold(string value) => value.Length > 0 && DisplayText.Clean(value, int.MaxValue) == value;

    /// <summary>Whether a value begins as it was typed, or matches it.</summary>
    public bool Matches(string value) => value.StartsWith(_text, StringComparison.OrdinalIgnoreCase) || _pattern?.IsMatch(value) == true;

    /// <summary>What takes the word's place.</summary>
    public CompletionResult Complete(Suggestion suggestion)
    {
        var text = _takesWildcards ? WildcardPattern.Escape(suggestion.Value) : suggestion.Value;
        var argument = Regex.IsMatch(text, PlainPattern) ? text : $"'{CodeGeneration.EscapeSingleQuotedStringContent(text)}'";
        return StreamRecord.Completion(argument, suggestion.Value, $"{(suggestion.Hint.Length > 0 ? suggestion.Hint : suggestion.Value):long}");
    }
}
