namespace Meshia.Views;

/// <summary>A column of a table or an item of a list.</summary>
/// <param name="Label">The heading.</param>
/// <param name="Property">The property that it shows.</param>
internal sealed record Column(string Label, string Property)
{
    /// <summary>Hidden properties begin with it, so that they cannot be mistaken for an object's own.</summary>
    public const string Prefix = "_";

    /// <summary>The width in a table; null for what is left of the line.</summary>
    public int? Width { get; init; }

    /// <summary>Whether the values stand at the right of their column.</summary>
    public bool IsRight { get; init; }

    /// <summary>Whether a list leaves the item out if it is empty.</summary>
    public bool IsOptional { get; init; }

    /// <summary>The method of <c>Meshia.PowerShell.ViewColumns</c> that gives the value; null for a property of the object itself.</summary>
    public string? Method => Property.StartsWith(Prefix, StringComparison.Ordinal) ? Property[Prefix.Length..] : null;

    /// <summary>A property as PowerShell shows it: nothing in it comes from outside.</summary>
    public static Column Plain(string property, int? width = null) => Plain(property, property, width);

    /// <summary>A property as PowerShell shows it, under another label.</summary>
    public static Column Plain(string label, string property, int? width = null) => new(label, property) { Width = width };

    /// <summary>What the method of that name in <c>Meshia.PowerShell.ViewColumns</c> makes of the object.</summary>
    public static Column Shown(string method, int? width = null) => Shown(method, method, width);

    /// <summary>What a method in <c>Meshia.PowerShell.ViewColumns</c> makes of the object, under another label.</summary>
    public static Column Shown(string label, string method, int? width = null) => new(label, Prefix + method) { Width = width };

    /// <summary>The same, with its values at the right.</summary>
    public Column Right() => this with { IsRight = true };

    /// <summary>The same, left out of a list if it is empty.</summary>
    public Column Optional() => this with { IsOptional = true };
}
