namespace Meshia;

/// <summary>Whether the time is sure enough to stop sessions by it.</summary>
internal static class SweepClock
{
    /// <summary>The id of the error.</summary>
    public const string ErrorId = "ClockNotTrusted";

    /// <summary>Why nothing can be stopped by the time, or null where it can.</summary>
    public static string? WhyNotTrusted(DateTimeOffset? serviceTime, DateTimeOffset localTime)
    {
        if (SessionDeadline.CanTrust(serviceTime, localTime))
            return null;
        return serviceTime is not { } date
            ? "The service's answer has no Date, so which sessions have expired is not sure. Nothing was stopped."
            : FormattableString.Invariant($"The service's clock ({date.ToUniversalTime():yyyy-MM-dd HH:mm:ss} UTC) and this machine's clock ({localTime.ToUniversalTime():yyyy-MM-dd HH:mm:ss} UTC) differ by more than {SessionDeadline.ClockTolerance.TotalMinutes:0} minutes, so which sessions have expired is not sure. Nothing was stopped. Set this machine's clock, then try again.");
    }
}
