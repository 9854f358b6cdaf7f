namespace Meshia.PowerShell;

/// <summary>A value that could be meant.</summary>
/// <param name="Value">The value as the command gets it.</param>
/// <param name="Hint">What helps to choose.</param>
internal sealed record Suggestion(string Value, string Hint)
{
    /// <summary>A hint of several parts, of which some may be unknown.</summary>
    public static Suggestion Of(string value, params string?[] parts) => new(value, string.Join(", ", parts.Where(part => !string.IsNullOrEmpty(part))));
}
