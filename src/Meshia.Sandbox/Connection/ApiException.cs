namespace Meshia.Sandbox.Connection;

/// <summary>An answer other than success, in the documented shape.</summary>
internal sealed class ApiException(int status, string code, string message) : Exception(message)
{
    public int Status => status;

    public string Code => code;

    public static ApiException NotFound(string kind, string id) =>
        new(StatusCodes.Status404NotFound, $"{kind}_not_found", $"No {kind} with id {id} exists.");

    public static ApiException Invalid(string message) =>
        new(StatusCodes.Status400BadRequest, ErrorCodes.InvalidRequest, message);

    public static ApiException Conflict(string code, string message) =>
        new(StatusCodes.Status409Conflict, code, message);

    public static ApiException PlanLimit(string message) =>
        new(StatusCodes.Status403Forbidden, ErrorCodes.PlanLimit, message);
}

/// <summary>[A] Error codes; only <c>session_not_found</c> is documented.</summary>
internal static class ErrorCodes
{
    public const string InvalidRequest = "invalid_request";
    public const string Unauthorized = "unauthorized";
    public const string PlanLimit = "plan_limit";
    public const string QuotaExceeded = "storage_quota_exceeded";
    public const string NotActive = "session_not_active";
    public const string NoCapacity = "no_capacity";
    public const string Undocumented = "undocumented";
    public const string HostRefused = "host_refused";
    public const string OriginRefused = "origin_refused";
    public const string NotFound = "not_found";
    public const string MethodNotAllowed = "method_not_allowed";
    public const string RateLimited = "rate_limited";
    public const string Internal = "internal_error";
}
