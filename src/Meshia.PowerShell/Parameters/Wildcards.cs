using System.Management.Automation;

namespace Meshia.PowerShell;

/// <summary>Several wildcard patterns of which one must match; none at all lets everything pass.</summary>
internal sealed class Wildcards(string[]? patterns)
{
    private readonly WildcardPattern[] _patterns = [.. (patterns ?? []).Select(Compile)];

    public static WildcardPattern Compile(string pattern) => WildcardPattern.Get(pattern, WildcardOptions.IgnoreCase | WildcardOptions.CultureInvariant);

    public bool Match(string? text) => _patterns.Length == 0 || Array.Exists(_patterns, pattern => pattern.IsMatch(text ?? ""));
}
