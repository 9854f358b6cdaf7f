using System.Management.Automation;

namespace Meshia.PowerShell;

/// <summary>Takes experiments live, after a job or remoting, or as <c>ConvertFrom-Json</c> reads them.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ExperimentObjectAttribute : ArgumentTransformationAttribute
{
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        var plain = inputData is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : inputData;
        try
        {
            return plain is null ? null : plain is object?[] several ? Array.ConvertAll(several, Read) : new[] { Read(inputData) };
        }
        catch (ArgumentException failure)
        {
            throw StreamRecord.NotConvertible($"{failure.Sentence():long}", failure);
        }
    }

    /// <exception cref="ArgumentException">It is not an experiment.</exception>
    private static Experiment Read(object? item)
    {
        var value = PSObject.AsPSObject(item ?? "");
        return value.BaseObject as Experiment
            ?? ComparisonDocument.ReadExperiment(PlainValues.PropertiesOf(value, StringComparer.OrdinalIgnoreCase));
    }
}
