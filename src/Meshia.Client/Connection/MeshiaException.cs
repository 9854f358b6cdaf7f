using System.Net;

namespace Meshia;

/// <summary>What happened to a call that failed.</summary>
public enum MeshiaFailure
{
    /// <summary>The service answered with an error.</summary>
    Refused,

    /// <summary>The service could not be reached, or the connection broke.</summary>
    Unreachable,

    /// <summary>No answer came in time.</summary>
    TimedOut,

    /// <summary>The answer is not what the service's contract says: HTML, nothing, half a JSON, a strange redirect.</summary>
    InvalidAnswer,

    /// <summary>Something was to be created, and whether it was could not be found out. It may cost money.</summary>
    OutcomeUnknown,

    /// <summary>What arrived is not what the service had announced: size or hash differ.</summary>
    Corrupted,

    /// <summary>The one session of a key cannot be given, or its name was changed. The code says why.</summary>
    NotStarted,
}

/// <summary>A call to the service that failed. Its message and its properties never hold the key or a secret.</summary>
public sealed class MeshiaException : Exception
{
    internal MeshiaException(MeshiaFailure failure, string code, DisplayText message, Exception? innerException = null)
        : base(message, CleanException.Of(innerException)) => (Failure, Code, Cause) = (failure, code, innerException);

    /// <summary>What kind of failure it is.</summary>
    public MeshiaFailure Failure { get; }

    /// <summary>The service's own error code, such as <c>session_not_found</c>, or one of this library where it gave none.</summary>
    public string Code { get; }

    /// <summary>The HTTP status, where there was an answer.</summary>
    public HttpStatusCode? StatusCode { get; internal init; }

    /// <summary>Why the call was refused, where there was an answer; null if there was none.</summary>
    public MeshiaRefusal? Refusal => (int?)StatusCode switch
    {
        null => null,
        400 or 422 => MeshiaRefusal.InvalidRequest,
        // A storage host that answers 401 does not know the key, and says nothing about it.
        401 when Code != "download_refused" => MeshiaRefusal.InvalidKey,
        401 or 402 or 403 => MeshiaRefusal.NotAllowed,
        404 => MeshiaRefusal.NotFound,
        409 => MeshiaRefusal.Conflict,
        429 => MeshiaRefusal.RateLimited,
        >= 500 => MeshiaRefusal.Unavailable,
        _ => MeshiaRefusal.Other,
    };

    /// <summary>The service's name for this request, for its support; often missing.</summary>
    public string? RequestId { get; internal init; }

    /// <summary>What the user can do about it.</summary>
    public string? RecommendedAction { get; internal init; }

    /// <summary>How often the request was sent.</summary>
    public int Attempts { get; internal set; }

    /// <summary>Where the answer says that the thing is, if it does.</summary>
    internal Uri? Location { get; init; }

    /// <summary>What led to it, as it was thrown. Its text may hold what came over the network.</summary>
    internal Exception? Cause { get; }

    /// <summary>How long the service asked to wait, where it did.</summary>
    public TimeSpan? RetryAfter { get; internal set; }

    /// <summary>Whether the answer ended too early: asking again may bring all of it.</summary>
    internal bool IsCutOff { get; set; }

    /// <summary>Whether an earlier attempt may have done what was asked, its answer being lost.</summary>
    internal bool MayHaveBeenDone { get; set; }
}
