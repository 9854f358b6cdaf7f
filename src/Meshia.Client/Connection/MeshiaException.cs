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
}

/// <summary>A call to the service that failed. Its message and its properties never hold the key or a secret.</summary>
public sealed class MeshiaException : Exception
{
    internal MeshiaException(MeshiaFailure failure, string code, string message, Exception? innerException = null)
        : base(message, innerException)
    {
        Failure = failure;
        Code = code;
    }

    /// <summary>What kind of failure it is.</summary>
    public MeshiaFailure Failure { get; }

    /// <summary>The service's own error code, such as <c>session_not_found</c>, or one of this library where it gave none.</summary>
    public string Code { get; }

    /// <summary>The HTTP status, where there was an answer.</summary>
    public HttpStatusCode? StatusCode { get; internal init; }

    /// <summary>The service's name for this request, for its support; often missing.</summary>
    public string? RequestId { get; internal init; }

    /// <summary>What the user can do about it.</summary>
    public string? RecommendedAction { get; internal init; }

    /// <summary>How often the request was sent.</summary>
    public int Attempts { get; internal set; }

    /// <summary>Whether an earlier attempt may have done what was asked, its answer being lost.</summary>
    internal bool MayHaveBeenDone { get; set; }
}
