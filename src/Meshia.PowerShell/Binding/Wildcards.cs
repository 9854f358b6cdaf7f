using System.Management.Automation;

namespace Meshia.PowerShell;

/// <summary>Several wildcard patterns of which one must match; none at all lets everything pass. A pattern that is a name, brackets and all, matches that name too.</summary>
internal sealed class Wildcards(string[]? patterns)
{
    private readonly (string Text, WildcardPattern Pattern)[] _patterns = [.. (patterns ?? []).Select(text => (text, Compile(text)))];

    /// <exception cref="ArgumentException">It is no pattern.</exception>
    public static WildcardPattern Compile(string text)
    {
        try
        {
            var pattern = WildcardPattern.Get(text, WildcardOptions.IgnoreCase | WildcardOptions.CultureInvariant);
            // It is read at the first match.
            _ = pattern.IsMatch("");
            return pattern;
        }
        catch (WildcardPatternException failure)
        {
            throw new ArgumentException($"'{text}' is not a wildcard pattern: a bracket is not closed. Examples: val/*, loss[0-9]. Put a backtick before a bracket that is part of the name: loss`[0`]", failure);
        }
    }

    /// <summary>Whether the name or the base name of a session matches.</summary>
    public bool Match(Session session) => Match(session.Name) || (session.BaseName != session.Name && Match(session.BaseName));

    public bool Match(string? text) =>
        _patterns.Length == 0 || Array.Exists(_patterns, pattern => string.Equals(pattern.Text, text, StringComparison.OrdinalIgnoreCase) || pattern.Pattern.IsMatch(text ?? ""));
}
