using System.Management.Automation;

namespace Meshia.PowerShell;

/// <summary>Refuses a connection that went through another process, with what to do there: it never holds the key, so it cannot be one.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class LiveConnectionAttribute : ArgumentTransformationAttribute
{
    public override object? Transform(EngineIntrinsics engineIntrinsics, object inputData) =>
        inputData is PSObject copy && copy.TypeNames.Contains($"Deserialized.{typeof(MeshiaConnection).FullName}")
            ? throw StreamRecord.NotConvertible($"You cannot pass a connection to another process (Start-Job, remoting, a file), because the key would go with it. Use -Profile there, or set the environment variable {CurrentConnection.KeyVariable}. In ForEach-Object -Parallel and Start-ThreadJob use -Connection $using:connection.")
            : inputData;
}
