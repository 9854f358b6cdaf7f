using System.Globalization;

namespace Meshia.PowerShell;

/// <summary>Times, durations and sizes as a person reads them, the same in every culture.</summary>
internal static class ShortText
{
    private const double Step = 1024;

    private static readonly string[] _units = ["B", "KB", "MB", "GB", "TB"];

    /// <summary>As in <c>3h ago</c>, in at most eight characters.</summary>
    public static string? Age(DateTimeOffset? time)
    {
        if (time is not { } then)
            return null;
        var age = DateTimeOffset.UtcNow - then;
        return age switch
        {
            { TotalMinutes: < 1 } => "just now",
            { TotalHours: < 1 } => FormattableString.Invariant($"{age.Minutes}m ago"),
            { TotalDays: < 2 } => FormattableString.Invariant($"{(int)age.TotalHours}h ago"),
            { TotalDays: < 60 } => FormattableString.Invariant($"{age.Days}d ago"),
            { TotalDays: < 730 } => FormattableString.Invariant($"{age.Days / 30}mo ago"),
            _ => FormattableString.Invariant($"{age.Days / 365}y ago"),
        };
    }

    /// <summary>How long it is until a time, as in <c>in 3h</c>; after it, <c>expired</c>.</summary>
    public static string Left(DateTimeOffset time) => (time - DateTimeOffset.UtcNow) switch
    {
        { Ticks: <= 0 } => "expired",
        { TotalHours: < 1 } left => FormattableString.Invariant($"in {(int)left.TotalMinutes}m"),
        var left => FormattableString.Invariant($"in {(int)left.TotalHours}h"),
    };

    /// <summary>A time of this place, to the second.</summary>
    public static string? Moment(DateTimeOffset? time) => time?.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary>As in <c>1h 05m</c>.</summary>
    public static string? Duration(TimeSpan? time) => time switch
    {
        null => null,
        { TotalSeconds: < 10 } moment => FormattableString.Invariant($"{moment.TotalSeconds:0.#}s"),
        { TotalMinutes: < 1 } seconds => FormattableString.Invariant($"{seconds.Seconds}s"),
        { TotalHours: < 1 } minutes => FormattableString.Invariant($"{minutes.Minutes}m {minutes.Seconds:00}s"),
        { TotalDays: < 1 } hours => FormattableString.Invariant($"{hours.Hours}h {hours.Minutes:00}m"),
        { } days => FormattableString.Invariant($"{days.Days}d {days.Hours:00}h"),
    };

    /// <summary>As in <c>1.5 GB</c>, by PowerShell's own 1GB.</summary>
    public static string? Size(long? bytes)
    {
        if (bytes is not { } size)
            return null;
        var unit = 0;
        double value = size;
        for (; value >= Step && unit < _units.Length - 1; unit++)
            value /= Step;
        return FormattableString.Invariant($"{value:0.#} {_units[unit]}");
    }
}
