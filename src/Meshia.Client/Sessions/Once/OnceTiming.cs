using System.Globalization;

namespace Meshia;

/// <summary>
/// The times of <c>-Once</c>. They follow from what the service is assumed to do: a list may lag by 30 s, a request may
/// take effect 20 s late, and <c>created_at</c> may be wrong by 1 s. The settle time scales all of them.
/// </summary>
internal sealed class OnceTiming
{
    private const double DefaultSeconds = 45;
    private const double StopMarginSeconds = 3;
    private const double SkewSeconds = 1;
    private const double LateSeconds = 20;

    /// <summary>The age of the look that decides, W: at least the lag of lists plus the error of an age.</summary>
    private const double DecisiveSeconds = 36;

    private static readonly double[] _lookSeconds = [3, 15, DecisiveSeconds];

    private readonly double _scale;

    /// <param name="settleTime">How long a new session is watched before it is handed out: 45 s by default, 0 where the service lists new sessions at once.</param>
    public OnceTiming(TimeSpan settleTime)
    {
        if (settleTime < TimeSpan.Zero || settleTime > LongestSettleTime)
            throw new ArgumentOutOfRangeException(nameof(settleTime), settleTime, $"The settle time must be between 0 and {LongestSettleTime.TotalSeconds:0} seconds. The default is {DefaultSeconds:0} seconds.");
        _scale = settleTime.TotalSeconds / DefaultSeconds;
        SettleTime = settleTime;
        HandOutAge = settleTime;
    }

    /// <summary>The default settle time: 45 s.</summary>
    public static TimeSpan DefaultSettleTime { get; } = TimeSpan.FromSeconds(DefaultSeconds);

    /// <summary>The environment variable with the settle time in seconds.</summary>
    public const string Variable = "MESHIA_SETTLE_SECONDS";

    /// <summary>The times for a service.</summary>
    /// <param name="settleTime">The settle time of the connection, or null.</param>
    /// <param name="sandboxLag">By how many seconds lists may lag, where a sandbox says so.</param>
    /// <exception cref="ArgumentException">The environment variable has no valid settle time.</exception>
    public static OnceTiming For(TimeSpan? settleTime, double? sandboxLag)
    {
        if ((settleTime ?? FromEnvironment()) is { } chosen)
            return new(chosen);
        return sandboxLag == 0 ? new(TimeSpan.Zero) { LateRequest = TimeSpan.FromSeconds(LateSeconds + SkewSeconds) } : new(DefaultSettleTime);
    }

    private static TimeSpan? FromEnvironment()
    {
        var value = Environment.GetEnvironmentVariable(Variable);
        if (string.IsNullOrWhiteSpace(value))
            return null;
        return double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds >= 0 && seconds <= LongestSettleTime.TotalSeconds
            ? TimeSpan.FromSeconds(seconds)
            : throw new ArgumentException($"The environment variable {Variable} is '{value}'. Valid values: 0 to {LongestSettleTime.TotalSeconds:0} seconds.");
    }

    /// <summary>The longest settle time that makes sense: 10 min.</summary>
    public static TimeSpan LongestSettleTime { get; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a new session is watched before it is handed out.</summary>
    public TimeSpan SettleTime { get; }

    /// <summary>The age at which a session is handed out. Only a test of the tests makes it another one.</summary>
    public TimeSpan HandOutAge { get; internal init; }

    /// <summary>
    /// Up to this age a duplicate is stopped. It is well below the age at which a session is handed out, in case that
    /// lists lag more than assumed. Where the service lists at once there is no such case.
    /// </summary>
    public TimeSpan StopAge => SettleTime == TimeSpan.Zero ? TimeSpan.FromSeconds(DefaultSeconds - StopMarginSeconds) : Scaled(DefaultSeconds - StopMarginSeconds);

    /// <summary>The age of a candidate at which the list is read again.</summary>
    public TimeSpan NextLook(TimeSpan age) => NextLook(age, HandOutAge);

    /// <summary>The time after an unknown outcome at which the list is read again.</summary>
    public TimeSpan NextLookAfterUnknown(TimeSpan passed) => NextLook(passed, UnknownTime);

    /// <summary>How long after an unknown outcome the list may not show yet what it created: the lag of lists, the delay of the request, and 1 s.</summary>
    public TimeSpan UnknownTime => Scaled(51) is var time && time > LateRequest ? time : LateRequest;

    /// <summary>How late a request may take effect where the service lists at once, so that nothing is scaled.</summary>
    public TimeSpan LateRequest { get; init; }

    /// <summary>How long after its start a call looks a last time for duplicates.</summary>
    public TimeSpan LaterLook => Scaled(75);

    /// <summary>How much older a session may look than it is: <c>created_at</c> has full seconds, and is wrong by 1 s at each of two looks.</summary>
    public TimeSpan AgeError => Scaled(1 + (2 * SkewSeconds));

    /// <summary>The wait between two looks while something is not settled.</summary>
    public TimeSpan Pause => Scaled(5) is var pause && pause < ShortestPause ? ShortestPause : pause;

    /// <summary>The shortest wait between two looks.</summary>
    public static TimeSpan ShortestPause { get; } = TimeSpan.FromMilliseconds(200);

    private TimeSpan NextLook(TimeSpan passed, TimeSpan last)
    {
        foreach (var seconds in _lookSeconds)
        {
            if (Scaled(seconds) is var look && look > passed && look < last)
                return look;
        }

        return last;
    }

    private TimeSpan Scaled(double seconds) => TimeSpan.FromSeconds(seconds * _scale);
}
