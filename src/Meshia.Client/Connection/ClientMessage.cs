namespace Meshia;

/// <summary>How much a <see cref="ClientMessage"/> matters.</summary>
public enum ClientMessageLevel
{
    /// <summary>One for each request and answer.</summary>
    Trace,

    /// <summary>A wait or a retry.</summary>
    Notice,

    /// <summary>Something that a user should know although the call went on.</summary>
    Warning,
}

/// <summary>Something that happened during a call. It never holds the key, a secret or a signed address.</summary>
public sealed class ClientMessage
{
    internal ClientMessage(ClientMessageLevel level, DisplayText text) => (Level, Text) = (level, text);

    /// <summary>How much it matters.</summary>
    public ClientMessageLevel Level { get; }

    /// <summary>A sentence.</summary>
    public string Text { get; }
}
