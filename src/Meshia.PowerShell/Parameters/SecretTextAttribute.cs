using System.Management.Automation;

namespace Meshia.PowerShell;

/// <summary>Lets a SecureString parameter take a plain string from a script that has only that.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class SecretTextAttribute : ArgumentTransformationAttribute
{
    public override object? Transform(EngineIntrinsics engineIntrinsics, object inputData) =>
        (inputData is PSObject wrapped ? wrapped.BaseObject : inputData) is string text ? SecretText.Protect(text) : inputData;
}
