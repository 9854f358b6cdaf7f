using System.Globalization;
using System.Management.Automation;
using System.Text.RegularExpressions;

namespace Meshia.PowerShell;

/// <summary>
/// Takes a time as people write it: <c>90s</c>, <c>30m</c>, <c>2h</c>, <c>1d</c>, <c>1h30m</c>, or <c>02:00:00</c>. A bare
/// number is refused: PowerShell would make 2 into 200 nanoseconds, and "2" into two days.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class DurationAttribute : ArgumentTransformationAttribute
{
    private static readonly Regex _parts = new(@"^(?:(?<d>\d{1,4})d)?(?:(?<h>\d{1,5})h)?(?:(?<m>\d{1,6})m)?(?:(?<s>\d{1,7})s)?\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);

    public override object? Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        var value = inputData is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : inputData;
        if (value is TimeSpan or null)
            return value;
        // PowerShell reads 1d and 90s as numbers with a suffix; what was typed is the text of the argument.
        var text = (inputData is PSObject { BaseObject: ValueType } typed ? typed.ToString() : Convert.ToString(value, CultureInfo.InvariantCulture))?.Trim() ?? "";
        if (text.Length > 0 && _parts.Match(text) is { Success: true } match)
            return new TimeSpan(Part("d"), Part("h"), Part("m"), Part("s"));
        if (text.Contains(':') && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var time))
            return time;
        throw StreamRecord.NotConvertible($"'{text}' is not a time. Valid values: 90s, 30m, 2h, 1d, 1h30m, 02:00:00, or a TimeSpan.");

        int Part(string name) => match.Groups[name] is { Success: true } part ? int.Parse(part.Value, CultureInfo.InvariantCulture) : 0;
    }
}
