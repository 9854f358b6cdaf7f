namespace Meshia;

/// <summary>The key of <c>-Once</c>. Sessions with the same key are the same piece of work, also from different callers.</summary>
internal sealed class OnceKey
{
    /// <summary>The version of the way from a key to its token. Another version never finds the sessions of this one.</summary>
    private const string Version = "1";

    private OnceKey(string value)
    {
        Value = value;
        Token = Digest.Of($"{Version}|{value}", SessionName.TokenLength);
    }

    /// <summary>The key, without the white space around it.</summary>
    public string Value { get; }

    /// <summary>What stands for the key in a session's name: 10 characters.</summary>
    public string Token { get; }

    /// <summary>Takes a key as a user wrote it. White space at its ends does not count.</summary>
    /// <exception cref="ArgumentException">It is empty, blank or only separators: most likely a variable that is not set.</exception>
    public static OnceKey From(string? once)
    {
        var value = once?.Trim() ?? "";
        if (!value.Any(character => char.IsLetterOrDigit(character) || char.IsSurrogate(character)))
        {
            var given = value.Length == 0 ? "is empty" : $"'{value}' has only separators";
            throw new ArgumentException($"The value of -Once {given}. A variable in it may not be set. Use a key that is the same each time the same work starts, such as 'nightly-train-2026-11-26'.", nameof(once));
        }

        return new(value);
    }
}
