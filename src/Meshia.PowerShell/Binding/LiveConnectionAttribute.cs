using System.Management.Automation;

namespace Meshia.PowerShell;

/// <summary>Refuses a connection that went through another process, with what to do there: it never holds the key, so it cannot be one.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class LiveConnectionAttribute : ArgumentTransformationAttribute
{
    public override object? Transform(EngineIntrinsics engineIntrinsics, object inputData) =>
        inputData is PSObject copy && copy.TypeNames.Contains($"Deserialized.{typeof(MeshiaConnection).FullName}")
            ? throw StreamRecord.NotConvertible($"A connection does not go to another process (Start-Job, remoting, a file), because it would carry the key there. Use -Profile there, or give that process the environment variable {CurrentConnection.KeyVariable}. ForEach-Object -Parallel and Start-ThreadJob stay in this process: there -Connection $using:connection works.")
            : inputData;
}
