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

    /// <summary>A call waits for its turn; <see cref="ClientMessage.Remaining"/> says how long. It comes again while the wait lasts.</summary>
    Waiting,
}

/// <summary>Something that happened during a call. It never holds the key, a secret or a signed address.</summary>
public sealed class ClientMessage
{
    internal ClientMessage(ClientMessageLevel level, DisplayText text, TimeSpan? remaining = null) => (Level, Text, Remaining) = (level, text, remaining);

    /// <summary>How much it matters.</summary>
    public ClientMessageLevel Level { get; }

    /// <summary>A sentence.</summary>
    public string Text { get; }

    /// <summary>How long a wait may last from now on; zero when it is over. Null where the message is about no wait.</summary>
    public TimeSpan? Remaining { get; }
}
