namespace Meshia;

/// <summary>Why the service, or a host that it named, refused a call.</summary>
public enum MeshiaRefusal
{
    /// <summary>For a reason that has no kind of its own.</summary>
    Other,

    /// <summary>What was sent is not valid.</summary>
    InvalidRequest,

    /// <summary>The service does not accept the API key.</summary>
    InvalidKey,

    /// <summary>The account or its plan does not allow it.</summary>
    NotAllowed,

    /// <summary>What was named does not exist.</summary>
    NotFound,

    /// <summary>It is in conflict with what exists.</summary>
    Conflict,

    /// <summary>Too many requests were sent.</summary>
    RateLimited,

    /// <summary>The service failed, or is not available.</summary>
    Unavailable,
}
