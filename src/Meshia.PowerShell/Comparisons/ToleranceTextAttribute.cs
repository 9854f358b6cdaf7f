using System.Globalization;
using System.Management.Automation;

namespace Meshia.PowerShell;

/// <summary>Takes a tolerance as people write it: a number, or a text such as <c>2%</c>.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ToleranceTextAttribute : ArgumentTransformationAttribute
{
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        var value = inputData is PSObject { BaseObject: { } inner } ? inner : inputData;
        try
        {
            return value is null or Tolerance ? value : Tolerance.Parse(Convert.ToString(value, CultureInfo.InvariantCulture)!);
        }
        catch (ArgumentException failure)
        {
            throw StreamRecord.NotConvertible($"{failure.Sentence():long}", failure);
        }
    }
}
