using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;

namespace Meshia;

/// <summary>Reads a time in the forms that the wire contract accepts. What could be another time, or none, is not read.</summary>
internal static class WireTime
{
    private const DateTimeStyles Universal = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;

    private static readonly DateTimeOffset _epoch = new(1970, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly Regex _rfc3339 = new("^\\s*[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]+)?)?\\s*([Zz]|[+-][0-9]{2}(:?[0-9]{2})?)?)?\\s*$");
    private static readonly Regex _httpDate = new("^[A-Za-z]{3}, [0-9]{1,2} [A-Za-z]{3} [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} (GMT|UTC|[+-][0-9]{4})$");

    /// <summary>The usual form of RFC 3339, which the general reader takes ten times as long for. A fraction may be missing.</summary>
    private const string UsualForm = "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK";

    /// <summary>Digits of a second beyond those that .NET has.</summary>
    private static readonly Regex _moreDigits = new("([.,][0-9]{7})[0-9]+");

    /// <summary>The time; null for any other value.</summary>
    public static DateTimeOffset? Read(object? value)
    {
        if (value is string usual && DateTimeOffset.TryParseExact(usual, UsualForm, CultureInfo.InvariantCulture, Universal, out var time))
            return time;
        if (JsonFields.ToNumber(value) is { } number)
            return FromEpoch(number, value as long?);
        // .NET reads "1,5" and "12:00" too, as a day of this year.
        return value is string text && (_rfc3339.IsMatch(text) || _httpDate.IsMatch(text))
            && DateTimeOffset.TryParse(_moreDigits.Replace(text, "$1"), CultureInfo.InvariantCulture, Universal, out time) ? time : null;
    }

    /// <summary>A number is a time if it is one after 1973: a smaller one is a date in digits, or a mistake.</summary>
    private static DateTimeOffset? FromEpoch(double number, long? whole)
    {
        const double firstSecond = 100_000_000;
        const double firstMilliseconds = 100_000_000_000;
        const double tooLarge = 1e20;
        if (!(number is >= firstSecond and < tooLarge))
            return null;
        var perSecond = 1L;
        while (number / perSecond >= firstMilliseconds && perSecond < 1_000_000_000)
            perSecond *= 1000;
        // A double has the microseconds of such a time, and no more.
        var ticks = whole is { } exact
            ? new BigInteger(exact) * TimeSpan.TicksPerSecond / perSecond
            : new BigInteger(Math.Round(number / perSecond * 1_000_000)) * 10;
        return ticks <= DateTimeOffset.MaxValue.UtcTicks - _epoch.UtcTicks ? _epoch.AddTicks((long)ticks) : null;
    }
}
