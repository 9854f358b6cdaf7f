using System.Management.Automation;

namespace Meshia.PowerShell;

/// <summary>Takes a comparison live, after a job or remoting, or as <c>ConvertFrom-Json</c> reads its file.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ComparisonObjectAttribute : ArgumentTransformationAttribute
{
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        try
        {
            return inputData is null ? null : Read(PSObject.AsPSObject(inputData));
        }
        catch (ArgumentException failure)
        {
            throw StreamRecord.NotConvertible($"{failure.Sentence():long}", failure);
        }
    }

    /// <exception cref="ArgumentException">It is not a comparison.</exception>
    public static ExperimentComparison Read(PSObject value) => value.BaseObject as ExperimentComparison
        ?? ExperimentComparison.FromProperties(PlainValues.PropertiesOf(value, StringComparer.Ordinal));
}
