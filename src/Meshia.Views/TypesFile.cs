using System.Xml.Linq;

namespace Meshia.Views;

/// <summary>
/// Meshia.types.ps1xml, a type a line, once for objects of this session and once for those that were deserialized: the
/// columns of the views as hidden properties, ids under a name of their own, the properties that matter most, and what
/// jobs, remoting and CliXml keep, nested values (config, metrics) and times included.
/// </summary>
internal static class TypesFile
{
    private const int Depth = 8;
    private const string Deserialized = "Deserialized.";

    /// <param name="types">The types.</param>
    /// <param name="columns">The class whose methods give the values of hidden properties.</param>
    public static string Write(IEnumerable<TypeView> types, string columns) =>
        $"""
        <?xml version="1.0" encoding="utf-8"?>
        <!-- Written by src/Meshia.Views in the build. -->
        <Types>
        {string.Join("\n", types.SelectMany(type => new[] { Type(type, "", columns), Type(type, Deserialized, columns) }).Select(type => type.ToString(SaveOptions.DisableFormatting)))}
        </Types>

        """.ReplaceLineEndings("\n");

    private static XElement Type(TypeView type, string prefix, string columns)
    {
        // A copy has the alias as a property of its own.
        var alias = prefix.Length == 0 ? type.IdAlias : null;
        return new(
            "Type",
            new XElement("Name", prefix + type.TypeName),
            new XElement(
                "Members",
                alias is null ? null : new XElement("AliasProperty", new XElement("Name", alias), new XElement("ReferencedMemberName", "Id")),
                type.Methods.Select(method => Hidden(method, columns)),
                new XElement(
                    "MemberSet",
                    new XElement("Name", "PSStandardMembers"),
                    new XElement(
                        "Members",
                        Set("DefaultDisplayPropertySet", type.Default),
                        Set("DefaultKeyPropertySet", type.Key),
                        Note("SerializationDepth", Depth),
                        // Without it hidden properties are serialized too.
                        Note("SerializationMethod", "SpecificProperties"),
                        Set("PropertySerializationSet", type.IdAlias is null ? type.Properties : $"{type.Properties}, {type.IdAlias}")))));
    }

    private static XElement Hidden(string method, string columns) => new(
        "CodeProperty",
        new XAttribute("IsHidden", "true"),
        new XElement("Name", Column.Prefix + method),
        new XElement("GetCodeReference", new XElement("TypeName", columns), new XElement("MethodName", method)));

    private static XElement Note(string name, object value) => new("NoteProperty", new XElement("Name", name), new XElement("Value", value));

    private static XElement? Set(string name, string? properties) => properties is null ? null : new(
        "PropertySet",
        new XElement("Name", name),
        new XElement("ReferencedProperties", properties.Split(", ").Select(property => new XElement("Name", property))));
}
