namespace Meshia.PowerShell;

/// <summary>
/// Ages, durations and sizes as a person reads them, in the session's culture. The views say the same in script
/// (Meshia.format.ps1xml): they must work for deserialized objects, and where a script may call no method of ours.
/// </summary>
internal static class Readable
{
    private const double Step = 1024;

    private static readonly string[] _units = ["B", "KB", "MB", "GB", "TB"];

    /// <summary>As in <c>3h ago</c>; long ago, the day.</summary>
    public static string? Age(DateTimeOffset? time)
    {
        if (time is not { } then)
            return null;
        var age = DateTimeOffset.UtcNow - then;
        return age switch
        {
            { TotalMinutes: < 1 } => "just now",
            { TotalHours: < 1 } => $"{(int)age.TotalMinutes}m ago",
            { TotalDays: < 2 } => $"{(int)age.TotalHours}h ago",
            { TotalDays: < 60 } => $"{(int)age.TotalDays}d ago",
            _ => then.ToLocalTime().ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture),
        };
    }

    /// <summary>As in <c>1h 05m</c>.</summary>
    public static string? Duration(TimeSpan? time) => time switch
    {
        null => null,
        { TotalMinutes: < 1 } seconds => $"{seconds.Seconds}s",
        { TotalHours: < 1 } minutes => $"{minutes.Minutes}m {minutes.Seconds:00}s",
        { TotalDays: < 1 } hours => $"{hours.Hours}h {hours.Minutes:00}m",
        { } days => $"{days.Days}d {days.Hours:00}h",
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
        return $"{value:0.#} {_units[unit]}";
    }
}
