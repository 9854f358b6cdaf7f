namespace Meshia.Sandbox;

/// <summary>What the sandbox logs of its own failures, in one class: the generator writes several classes in any order, and the same source would give other bytes.</summary>
internal static partial class FailureLog
{
    [LoggerMessage(LogLevel.Error, "Request {RequestId} failed.")]
    public static partial void RequestFailed(this ILogger logger, Exception exception, string? requestId);

    [LoggerMessage(LogLevel.Error, "Delivering to webhook {WebhookId} failed; it is tried again.")]
    public static partial void DeliveryFailed(this ILogger logger, Exception exception, string webhookId);

    [LoggerMessage(LogLevel.Error, "A request that a fault delayed failed.")]
    public static partial void LateRequestFailed(this ILogger logger, Exception exception);

    [LoggerMessage(LogLevel.Error, "Background work failed; it is tried again.")]
    public static partial void TickFailed(this ILogger logger, Exception exception);
}
