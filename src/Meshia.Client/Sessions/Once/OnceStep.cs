namespace Meshia;

/// <summary>What a call with <c>-Once</c> does next. <see cref="OnceStart"/> decides; who drives it sends the requests and waits.</summary>
internal abstract record OnceStep
{
    private OnceStep()
    {
    }

    /// <summary>Lists all sessions, unfiltered, newest first, as far back as <see cref="SessionDeadline.LongestLife"/>.</summary>
    public sealed record List : OnceStep;

    /// <summary>Gets a session by its id.</summary>
    public sealed record Get(string Id) : OnceStep;

    /// <summary>Creates a session. The request is sent once, and a 429 is waited for.</summary>
    public sealed record Create(SessionName Name) : OnceStep;

    /// <summary>Stops a session.</summary>
    public sealed record Stop(string Id) : OnceStep;

    /// <summary>Waits, and then goes on with <see cref="OnceStart.Waited"/>.</summary>
    /// <param name="Time">How long.</param>
    /// <param name="Reason">What for: a sentence for progress.</param>
    public sealed record Wait(TimeSpan Time, string Reason) : OnceStep;

    /// <summary>The end: this is the one live session of the key.</summary>
    /// <param name="Session">The session.</param>
    /// <param name="Adopted">Whether another call created it, or this one without a proof of it.</param>
    public sealed record HandOut(SeenSession Session, bool Adopted) : OnceStep;

    /// <summary>The end: there is no session to hand out.</summary>
    /// <param name="Code">The error's id.</param>
    /// <param name="Message">What happened, and what to do.</param>
    /// <param name="Ids">The sessions that it is about.</param>
    public sealed record Fail(OnceError Code, string Message, IReadOnlyList<string> Ids) : OnceStep;
}

/// <summary>Duplicates that were found after the end.</summary>
/// <param name="ToStop">Too young to have been handed out: to be stopped.</param>
/// <param name="ToStopIfProvisioning">To be stopped if a GET says that it is still provisioning, so that no job can run on it.</param>
/// <param name="ToReport">A job may run on it: to be reported, never stopped.</param>
internal sealed record OnceLeftovers(IReadOnlyList<string> ToStop, IReadOnlyList<string> ToStopIfProvisioning, IReadOnlyList<string> ToReport);

/// <summary>Why a call with <c>-Once</c> has no session to hand out. The names are the errors' ids.</summary>
internal enum OnceError
{
    /// <summary>The live session of the key has another base name, GPU or repository.</summary>
    OnceMismatch,

    /// <summary>The live session of the key is past its deadline, or will be in a few minutes.</summary>
    OnceExpired,

    /// <summary>Which session is the one of the key cannot be decided.</summary>
    OnceUnsettled,

    /// <summary>The service does not keep names as they are sent, so that a key in a name proves nothing.</summary>
    NameChanged,

    /// <summary>The list of sessions is not complete, so that a live session of the key may be missing.</summary>
    ListIncomplete,

    /// <summary>The service does not say when a session was created, so that its age is not known.</summary>
    CreationTimeMissing,
}
