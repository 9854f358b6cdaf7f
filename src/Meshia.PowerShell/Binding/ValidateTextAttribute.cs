using System.Management.Automation;
using System.Text.RegularExpressions;

namespace Meshia.PowerShell;

/// <summary>Checks a text against a pattern; the error shows a right one. PowerShell's own ValidatePattern can do that in version 7 only.</summary>
/// <param name="pattern">A regular expression.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ValidateTextAttribute(string pattern) : ValidateEnumeratedArgumentsAttribute
{
    /// <summary>A right value.</summary>
    public required string Example { get; init; }

    protected override void ValidateElement(object element)
    {
        var text = element?.ToString() ?? "";
        if (!Regex.IsMatch(text, pattern))
            throw StreamRecord.Refusal($"'{text}' does not have the required format. Example: {Example}");
    }
}
