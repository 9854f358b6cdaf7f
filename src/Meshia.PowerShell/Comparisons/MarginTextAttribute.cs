using System.Globalization;
using System.Management.Automation;

namespace Meshia.PowerShell;

/// <summary>Takes a margin as people write it: a number, or a text such as <c>2%</c>.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class MarginTextAttribute : ArgumentTransformationAttribute
{
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        var value = inputData is PSObject { BaseObject: { } inner } ? inner : inputData;
        try
        {
            return value is null or Margin ? value : Margin.Parse(Convert.ToString(value, CultureInfo.InvariantCulture)!);
        }
        catch (ArgumentException failure)
        {
            throw new ArgumentTransformationMetadataException(failure.Sentence(), failure);
        }
    }
}
