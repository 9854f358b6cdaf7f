using System.Management.Automation;

namespace Meshia.PowerShell;

/// <summary>
/// Lets an id parameter take objects of this module as well: of its own type their <c>Id</c>, of another type the id
/// that they hold of it (an experiment knows its session). Live or deserialized makes no difference. Anything else is
/// left to PowerShell's own binding.
/// </summary>
/// <param name="type">The short name of the type whose id is wanted, as in <c>Session</c>.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class IdOfAttribute(string type) : ArgumentTransformationAttribute
{
    private const string Deserialized = "Deserialized.";

    public override object? Transform(EngineIntrinsics engineIntrinsics, object inputData) => inputData switch
    {
        PSObject { BaseObject: object[] items } => TransformAll(items),
        object[] items => TransformAll(items),
        _ => IdIn(inputData) ?? inputData,
    };

    private object[] TransformAll(object[] items) => [.. items.Select(item => IdIn(item) ?? item)];

    private object? IdIn(object? item) => Find(type, item);

    /// <summary>The id of that type which an object of this module holds, or null.</summary>
    public static object? Find(string type, object? item)
    {
        var candidate = PSObject.AsPSObject(item ?? "");
        var name = candidate.TypeNames.FirstOrDefault() ?? "";
        if (name.StartsWith(Deserialized, StringComparison.Ordinal))
            name = name.Substring(Deserialized.Length);
        if (name == $"Meshia.{type}")
            return candidate.Properties["Id"]?.Value;
        return name.StartsWith("Meshia.", StringComparison.Ordinal) ? candidate.Properties[$"{type}Id"]?.Value : null;
    }
}
