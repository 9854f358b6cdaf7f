using Meshia.Sandbox.Connection;

namespace Meshia.Sandbox.Sessions;

/// <summary>[D] The name of a session becomes part of a git ref, <c>meshia/&lt;name&gt;/…</c>. [A] What no ref can hold is refused.</summary>
internal static class SessionName
{
    private const int MaxLength = 200;
    private const string Refused = " ~^:?*[\\";

    /// <exception cref="ApiException">The name cannot be part of a ref; the message says why.</exception>
    public static string Check(string name)
    {
        if (name.Length > MaxLength)
            throw Invalid($"must have at most {MaxLength} characters");
        foreach (var character in name)
        {
            if (char.IsControl(character))
                throw Invalid("must not contain a control character");
            if (Refused.Contains(character))
                throw Invalid($"must not contain {(character == ' ' ? "a space" : $"'{character}'")}");
        }

        if (name.Contains("..", StringComparison.Ordinal))
            throw Invalid("must not contain '..'");
        if (name.Contains("@{", StringComparison.Ordinal))
            throw Invalid("must not contain '@{'");
        foreach (var part in name.Split('/'))
        {
            if (part.Length == 0)
                throw Invalid("must not begin or end with '/' or contain '//'");
            if (part[0] == '.')
                throw Invalid("must have no part that begins with '.'");
            if (part.EndsWith(".lock", StringComparison.Ordinal))
                throw Invalid("must have no part that ends with '.lock'");
        }

        return name;
    }

    private static ApiException Invalid(string reason) =>
        ApiException.Invalid($"'name' {reason}: it becomes part of the git ref meshia/<name>/….");
}
