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

/// <summary>Something that happened on the way of a call. It never holds the key, a secret or a signed address.</summary>
/// <param name="Level">How much it matters.</param>
/// <param name="Text">A sentence.</param>
public sealed record ClientMessage(ClientMessageLevel Level, string Text);
