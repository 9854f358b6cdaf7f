using System.Globalization;

namespace Meshia;

/// <summary>An event whose <c>timestamp</c> says that it was recorded and sent again: it is too old, or from the future.</summary>
public sealed class WebhookAgeException : Exception
{
    /// <summary>How far the sender's clock may be ahead.</summary>
    internal static readonly TimeSpan LongestAhead = TimeSpan.FromMinutes(5);

    internal WebhookAgeException(DateTimeOffset? timestamp, TimeSpan maximumAge)
        : base(timestamp is { } time
            ? $"The event's timestamp is {time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture)}. Events may be at most {Shown(maximumAge)} old, and at most {Shown(LongestAhead)} ahead of this machine's clock."
            : "The event has no timestamp, so its age is unknown.")
    {
    }

    private static string Shown(TimeSpan time) => time.ToString(time.Days > 0 ? @"d\.hh\:mm\:ss" : @"hh\:mm\:ss", CultureInfo.InvariantCulture);
}
