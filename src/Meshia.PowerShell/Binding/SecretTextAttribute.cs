using System.Management.Automation;

namespace Meshia.PowerShell;

/// <summary>Lets a SecureString parameter take a plain string from a script that has only that; one of several takes several.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class SecretTextAttribute : ArgumentTransformationAttribute
{
    public override object? Transform(EngineIntrinsics engineIntrinsics, object inputData) => Plain(inputData) switch
    {
        string text => SecretText.Protect(text),
        object[] items => items.Select(item => Plain(item) is string text ? SecretText.Protect(text) : item).ToArray(),
        _ => inputData,
    };

    private static object? Plain(object? value) => value is PSObject wrapped ? wrapped.BaseObject : value;
}
