using System.Security;

namespace Meshia;

/// <summary>
/// An API key. It gives access to the whole account (wire contract, Transport), so only the handler gets it that
/// authenticates a request: not by a property, not by <see cref="ToString"/>, not by a message.
/// </summary>
public sealed class ApiKey
{
    /// <summary>What every key starts with.</summary>
    internal const string Prefix = "msh_";

    private const int VisibleEnd = 4;

    private readonly string _value;

    /// <summary>Takes a key over.</summary>
    /// <param name="value">The key: <c>msh_</c> and then printable ASCII without spaces.</param>
    /// <exception cref="ArgumentException">It is no such key. The message never repeats it.</exception>
    public ApiKey(string value)
    {
        if (string.IsNullOrEmpty(value))
            throw new ArgumentException("The API key is empty. A key starts with 'msh_'. Create one in Settings > API.", nameof(value));
        if (value.Trim() is var trimmed && trimmed.Length < value.Length && trimmed.Length > 0)
            throw new ArgumentException("The API key has a space or a line break at its beginning or end. Remove it, for example with .Trim(); Get-Content -Raw keeps the line break of a file. A key starts with 'msh_'.", nameof(value));
        if (IsQuote(value[0]) || IsQuote(value[value.Length - 1]))
            throw new ArgumentException("The API key has a quotation mark at its beginning or end. Remove the quotation marks: they are not part of the key, which starts with 'msh_'.", nameof(value));
        if (value.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
            throw new ArgumentException("The API key starts with 'Bearer', which is not part of the key. A key starts with 'msh_'.", nameof(value));
        if (value.Any(character => character is <= ' ' or > '~'))
            throw new ArgumentException("The API key contains a space, a line break or a character that is not ASCII. It was probably not copied correctly. A key starts with 'msh_'.", nameof(value));
        if (!value.StartsWith(Prefix, StringComparison.Ordinal) || value.Length == Prefix.Length)
            throw new ArgumentException("The API key does not start with 'msh_'. Create one in Settings > API.", nameof(value));
        _value = value;
        KnownSecrets.Add(value, ToString());
    }

    private static bool IsQuote(char character) => character is '"' or '\'' or '`' or (>= '\u2018' and <= '\u201F');

    /// <summary>What may be shown: <c>msh_…</c> and, of a long key, the last four characters.</summary>
    public override string ToString() => _value.Length >= Prefix.Length + (4 * VisibleEnd) ? $"{Prefix}…{_value.Substring(_value.Length - VisibleEnd)}" : $"{Prefix}…";

    /// <summary>The key for a vault to keep.</summary>
    public SecureString ToSecureString()
    {
        var secret = new SecureString();
        foreach (var character in _value)
            secret.AppendChar(character);
        secret.MakeReadOnly();
        return secret;
    }

    /// <summary>The key itself.</summary>
    internal string Reveal() => _value;
}
