using System.Management.Automation;

namespace Meshia.PowerShell;

/// <summary>Takes an age of at least a second.</summary>
internal sealed class ValidateAgeAttribute : ValidateArgumentsAttribute
{
    /// <inheritdoc/>
    protected override void Validate(object arguments, EngineIntrinsics engineIntrinsics)
    {
        if (arguments is TimeSpan age && age < TimeSpan.FromSeconds(1))
            throw StreamRecord.Refusal($"The age is {age}, less than a second. Examples: 10m, 6h, 1d.");
    }
}
