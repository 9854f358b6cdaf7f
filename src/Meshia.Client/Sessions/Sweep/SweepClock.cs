namespace Meshia;

/// <summary>Whether the time is sure enough to stop sessions by it.</summary>
internal static class SweepClock
{
    /// <summary>The id of the error.</summary>
    public const string ErrorId = "ClockNotTrusted";

    /// <summary>Why nothing can be stopped by the time, or null if it can.</summary>
    public static string? WhyNotTrusted(DateTimeOffset? serviceTime, DateTimeOffset localTime)
    {
        if (SessionDeadline.CanTrust(serviceTime, localTime))
            return null;
        return serviceTime is not { } date
            ? "The answer of the service has no Date, so it is not known which sessions have expired. Nothing was stopped."
            : FormattableString.Invariant($"The service's clock ({date.ToUniversalTime():yyyy-MM-dd HH:mm:ss} UTC) and this machine's clock ({localTime.ToUniversalTime():yyyy-MM-dd HH:mm:ss} UTC) differ by more than {SessionDeadline.ClockTolerance.TotalMinutes:0} minutes, so it is not known which sessions have expired. Nothing was stopped. Set this machine's clock, then try again.");
    }
}
