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
    private const string Prefix = "Meshia.";

    /// <summary>
    /// What to do with an object of this module that holds no such id, which is then refused. Without it PowerShell's own
    /// binding takes the id of the object itself, whatever it is an id of.
    /// </summary>
    public string? Otherwise { get; init; }

    public override object? Transform(EngineIntrinsics engineIntrinsics, object inputData) => inputData switch
    {
        PSObject { BaseObject: object[] items } => TransformAll(items),
        object[] items => TransformAll(items),
        _ => IdIn(inputData) ?? inputData,
    };

    private object[] TransformAll(object[] items) => [.. items.Select(item => IdIn(item) ?? item)];

    private object? IdIn(object? item)
    {
        var id = Find(type, item);
        if (id is null && Otherwise is not null && item is not null && NameOf(PSObject.AsPSObject(item)) is var name && name.StartsWith(Prefix, StringComparison.Ordinal))
            throw StreamRecord.NotConvertible($"{PSObject.AsPSObject(item).Properties["Id"]?.Value ?? "An object"} is a {name}, which holds no id of the type {Prefix}{type}. {Otherwise:long}");
        return id;
    }

    /// <summary>The id of that type which an object of this module holds, or null.</summary>
    public static object? Find(string type, object? item)
    {
        var candidate = PSObject.AsPSObject(item ?? "");
        var name = NameOf(candidate);
        if (name == Prefix + type)
            return candidate.Properties["Id"]?.Value;
        return name.StartsWith(Prefix, StringComparison.Ordinal) ? candidate.Properties[$"{type}Id"]?.Value : null;
    }

    private static string NameOf(PSObject item)
    {
        var name = item.TypeNames.FirstOrDefault() ?? "";
        return name.StartsWith(Deserialized, StringComparison.Ordinal) ? name.Substring(Deserialized.Length) : name;
    }
}
