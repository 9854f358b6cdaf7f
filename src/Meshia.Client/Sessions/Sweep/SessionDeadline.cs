namespace Meshia;

/// <summary>When the deadline in a session's name counts.</summary>
internal static class SessionDeadline
{
    /// <summary>No plan lets a session live longer than 72 hours (wire contract, Sessions); one more for clocks.</summary>
    public static TimeSpan LongestLife { get; } = TimeSpan.FromHours(73);

    /// <summary>How far the service's clock and this machine's may differ before neither is believed.</summary>
    public static TimeSpan ClockTolerance { get; } = TimeSpan.FromMinutes(5);

    /// <summary>The longest time of <c>-MaxDuration</c>.</summary>
    public static TimeSpan LongestDuration { get; } = TimeSpan.FromHours(72);

    /// <summary>The deadline in a name, or null if there is none that counts: it must be after the session's creation, by 73 hours at most.</summary>
    public static DateTimeOffset? Of(SessionName name, DateTimeOffset? createdAt) =>
        name.Deadline is { } deadline && (createdAt is not { } created || (deadline > created && deadline - created <= LongestLife)) ? deadline : null;

    /// <summary>The deadline in a name, or null if there is none that counts.</summary>
    public static DateTimeOffset? Of(string? name, DateTimeOffset? createdAt) => Of(SessionName.Parse(name), createdAt);

    /// <summary>Whether the service's clock can be believed: it says a time, and this machine's clock agrees within 5 minutes.</summary>
    public static bool CanTrust(DateTimeOffset? serviceTime, DateTimeOffset localTime) => serviceTime is { } date && (date - localTime).Duration() <= ClockTolerance;
}
