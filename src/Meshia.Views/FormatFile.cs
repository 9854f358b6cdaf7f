using System.Xml.Linq;

namespace Meshia.Views;

/// <summary>Meshia.format.ps1xml: a view a line.</summary>
internal static class FormatFile
{
    public static string Write(IEnumerable<TypeView> types) =>
        $"""
        <?xml version="1.0" encoding="utf-8"?>
        <!-- Written by src/Meshia.Views in the build. -->
        <Configuration><ViewDefinitions>
        {string.Join("\n", types.SelectMany(Views).Select(view => view.ToString(SaveOptions.DisableFormatting)))}
        </ViewDefinitions></Configuration>

        """.ReplaceLineEndings("\n");

    private static IEnumerable<XElement> Views(TypeView type)
    {
        var name = type.TypeName[(type.TypeName.IndexOf('.', StringComparison.Ordinal) + 1)..];
        if (type.Table.Length > 0)
            yield return View(name, type, type.GroupBy, Table(type));
        if (type.Drawing is not null)
            yield return View(name, type, null, Drawing(type.Drawing));
        if (type.List.Length > 0)
            yield return View(name + "List", type, null, new XElement("ListControl", new XElement("ListEntries", new XElement("ListEntry", new XElement("ListItems", type.List.Select(Item))))));
        if (type.Wide is not null)
            yield return View(name + "Wide", type, null, new XElement("WideControl", new XElement("AutoSize"), new XElement("WideEntries", new XElement("WideEntry", new XElement("WideItem", Value(type.Wide))))));
    }

    private static XElement View(string name, TypeView type, Column? groupBy, XElement control) => new(
        "View",
        new XElement("Name", name),
        new XElement("ViewSelectedBy", new XElement("TypeName", type.TypeName)),
        groupBy is null ? null : new XElement("GroupBy", Value(groupBy), new XElement("Label", groupBy.Label)),
        control);

    private static XElement Table(TypeView type) => new(
        "TableControl",
        new XElement("TableHeaders", type.Table.Select(Header)),
        new XElement("TableRowEntries", new XElement("TableRowEntry", type.Wraps ? new XElement("Wrap") : null, new XElement("TableColumnItems", type.Table.Select(column => new XElement("TableColumnItem", Value(column)))))));

    private static XElement Header(Column column) => new(
        "TableColumnHeader",
        new XElement("Label", column.Label),
        column.Width is { } width ? new XElement("Width", width) : null,
        column.IsRight ? new XElement("Alignment", "Right") : null);

    private static XElement Item(Column column) => new(
        "ListItem",
        column.Property == column.Label ? null : new XElement("Label", column.Label),
        Value(column),
        column.IsOptional ? new XElement("ItemSelectionCondition", Value(column)) : null);

    private static XElement Value(Column column) => new("PropertyName", column.Property);

    /// <summary>Each text that the script gives is a line.</summary>
    private static XElement Drawing(string script) => Custom(new XElement(
        "ExpressionBinding",
        new XElement("ScriptBlock", script),
        new XElement("EnumerateCollection"),
        Custom(new XElement("ExpressionBinding", new XElement("ScriptBlock", "$_")), new XElement("NewLine"))));

    private static XElement Custom(params XElement[] items) => new("CustomControl", new XElement("CustomEntries", new XElement("CustomEntry", new XElement("CustomItem", items))));
}
