using System.Management.Automation;

namespace Meshia.PowerShell;

/// <summary>Takes an age of at least a second: PowerShell reads a bare number as ticks of 100 nanoseconds.</summary>
internal sealed class ValidateAgeAttribute : ValidateArgumentsAttribute
{
    /// <inheritdoc/>
    protected override void Validate(object arguments, EngineIntrinsics engineIntrinsics)
    {
        if (arguments is TimeSpan age && age < TimeSpan.FromSeconds(1))
            throw StreamRecord.Refusal($"The age is {age}, less than a second. PowerShell reads a bare number as ticks. Examples: 00:10:00 for ten minutes, 1.00:00:00 for a day, (New-TimeSpan -Hours 6).");
    }
}
