namespace Meshia;

/// <summary>A time as a person says it.</summary>
internal static class SpokenTime
{
    /// <summary>As in <c>90 seconds</c>, <c>5 minutes</c>, <c>1 hour 30 minutes</c>.</summary>
    public static string Of(TimeSpan time)
    {
        var whole = TimeSpan.FromSeconds(Math.Ceiling(time.TotalSeconds));
        if (whole < TimeSpan.FromMinutes(2))
            return Count(whole.TotalSeconds, "second");
        if (whole < TimeSpan.FromHours(1))
            return Count(Math.Ceiling(whole.TotalMinutes), "minute");
        var minutes = whole.Minutes + (whole.Seconds > 0 ? 1 : 0);
        return Count(Math.Floor(whole.TotalHours), "hour") + (minutes > 0 ? $" {Count(minutes, "minute")}" : "");
    }

    private static string Count(double number, string unit) => FormattableString.Invariant($"{number:0} {unit}{(number == 1 ? "" : "s")}");
}
