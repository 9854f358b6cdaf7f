using System.Management.Automation;

namespace Meshia.PowerShell;

/// <summary>Checks that a text can be read as a wildcard pattern, before any request: PowerShell itself says so only at the first match.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ValidateWildcardAttribute : ValidateEnumeratedArgumentsAttribute
{
    protected override void ValidateElement(object element)
    {
        try
        {
            Wildcards.Compile(element?.ToString() ?? "");
        }
        catch (ArgumentException failure)
        {
            throw StreamRecord.Refusal($"{failure.Message:long}", failure);
        }
    }
}
