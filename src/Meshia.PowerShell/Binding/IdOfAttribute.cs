using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Numerics;
using System.Text.RegularExpressions;

namespace Meshia.PowerShell;

/// <summary>
/// Makes ids of what an id parameter is given. Of objects of this module, live or deserialized, it takes the id: of the
/// wanted type their own, of another type the one that they hold (an experiment knows its session). Numbers keep their
/// digits. Whatever cannot be an id is refused before any request. Other objects are left to PowerShell, which binds them
/// by their properties.
/// </summary>
/// <param name="type">The short name of the type whose id is wanted, as in <c>Session</c>.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class IdOfAttribute(string type) : ArgumentTransformationAttribute
{
    private const string Deserialized = "Deserialized.";
    private const string Prefix = "Meshia.";

    /// <summary>2^53, up to which a double has every digit of a whole number.</summary>
    private const double LargestExact = 9_007_199_254_740_992;

    private const string PathPattern = @"^(\.{1,2}|~)?[\\/]|^\.{1,2}\z|^[A-Za-z]:[\\/]";
    private const string PlainPattern = @"^[A-Za-z0-9_*?][A-Za-z0-9_*?.-]*\z";

    /// <summary>What to do with an object of this module that holds no such id, which is then refused: the id of a webhook is that of no session.</summary>
    public string? Otherwise { get; init; }

    /// <summary>Whether an object without an id may still be meant for another parameter of the command. PowerShell's own binding then finds it.</summary>
    public bool MayBeForAnother { get; init; }

    /// <summary>Whether another parameter of the command takes the object itself.</summary>
    public bool IsTakenWhole { get; init; }

    public override object? Transform(EngineIntrinsics engineIntrinsics, object inputData) =>
        Plain(inputData) is IEnumerable items and not (string or IDictionary) ? items.Cast<object?>().Select(IdIn).ToArray() : IdIn(inputData);

    /// <summary>The id of that type which an object of this module holds, or null.</summary>
    public static object? Find(string type, object? item)
    {
        var candidate = PSObject.AsPSObject(item ?? "");
        var name = NameOf(candidate);
        if (name == Prefix + type)
            return candidate.Properties["Id"]?.Value;
        return name.StartsWith(Prefix, StringComparison.Ordinal) ? candidate.Properties[$"{type}Id"]?.Value : null;
    }

    private object? IdIn(object? item)
    {
        if (item is null)
            return null;
        if (NameOf(PSObject.AsPSObject(item)) is var name && name.StartsWith(Prefix, StringComparison.Ordinal))
        {
            // PowerShell then binds it to the parameter that takes the whole object; given by name, its text is its id.
            if (IsTakenWhole && name == Prefix + type)
                return item;
            return Find(type, item) ?? (MayBeForAnother
                ? item
                : throw StreamRecord.NotConvertible($"{PSObject.AsPSObject(item).Properties["Id"]?.Value ?? "An object"} is a {name}, which has no id of the type {Prefix}{type}. {Otherwise ?? $"Use the objects from Get-Meshia{type}.":long}"));
        }

        return Plain(item) switch
        {
            null => null,
            string text => Checked(text),
            char or Guid or sbyte or byte or short or ushort or int or uint or long or ulong or BigInteger => Convert.ToString(Plain(item), CultureInfo.InvariantCulture),
            decimal number when number == decimal.Truncate(number) => decimal.Truncate(number).ToString(CultureInfo.InvariantCulture),
            double number when number == Math.Truncate(number) && Math.Abs(number) < LargestExact => number.ToString("F0", CultureInfo.InvariantCulture),
            double or float or decimal => throw StreamRecord.NotConvertible($"{item} is not an id, because it is a number. Write the id in quotes."),
            _ => throw Refusal(PSObject.AsPSObject(item)),
        };
    }

    private string Checked(string text)
    {
        if (WildcardPattern.ContainsWildcardCharacters(text))
            throw StreamRecord.NotConvertible($"'{text}' is not an id: an id has no wildcards. {SearchFor(text)}");
        if (type == nameof(Artifact) && Regex.IsMatch(text, PathPattern))
            throw StreamRecord.NotConvertible($"'{text}' is a path, not the id of an artifact. Give the folder with -Destination, and the artifacts by pipeline: Get-MeshiaArtifact <experiment id> | Save-MeshiaArtifact -Destination {text:command}");
        return text;
    }

    private DisplayText SearchFor(string text)
    {
        var pattern = Regex.IsMatch(text, PlainPattern) ? $"{text}" : (DisplayText)$"{text:command}";
        return type switch
        {
            nameof(Webhook) => $"To search by address: Get-MeshiaWebhook -Uri {pattern}",
            nameof(Artifact) => $"To search by name: Get-MeshiaArtifact <experiment id> -Name {pattern}",
            _ => $"To search by name: Get-Meshia{type} -Name {pattern}",
        };
    }

    /// <summary>PowerShell takes an error that is a failed cast for "not this way", and goes on to the properties of an object from the pipeline.</summary>
    private ArgumentTransformationMetadataException Refusal(PSObject item)
    {
        var mayBindByProperty = item.BaseObject is not IDictionary && !IsOfSystem(item) && (MayBeForAnother || item.Properties["Id"] is not null || item.Properties[$"{type}Id"] is not null);
        return StreamRecord.NotConvertible(
            $"An object of type {item.BaseObject.GetType().Name} is not the id of a {type.ToLowerInvariant()}. Give the id as text, or pipe an object that has it as its property Id or {type}Id.",
            mayBindByProperty ? new PSInvalidCastException() : null);
    }

    /// <summary>The Id of a process or a job is a number of this machine, and means something else.</summary>
    public static bool IsOfSystem(PSObject item) =>
        item.BaseObject is not PSCustomObject && item.BaseObject.GetType().Namespace is { } space && (space.StartsWith("System", StringComparison.Ordinal) || space.StartsWith("Microsoft", StringComparison.Ordinal)) && space != "System.Data";

    private static object? Plain(object? value) => value is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : value;

    private static string NameOf(PSObject item)
    {
        var name = item.TypeNames.FirstOrDefault() ?? "";
        return name.StartsWith(Deserialized, StringComparison.Ordinal) ? name.Substring(Deserialized.Length) : name;
    }
}
