namespace Meshia.Views;

/// <summary>How objects of one type look. Every type has a list; a table fits into 80 characters.</summary>
/// <param name="TypeName">The type, as in <c>Meshia.Session</c>.</param>
/// <param name="Properties">All its properties, separated by commas. A job, remoting and CliXml keep these.</param>
internal sealed record TypeView(string TypeName, string Properties)
{
    /// <summary>The property that tells two objects apart, or several separated by commas.</summary>
    public string? Key { get; init; }

    /// <summary>The properties that matter most, separated by commas.</summary>
    public string? Default { get; init; }

    /// <summary>A second name of the property <c>Id</c>, so that the object binds by property name to every cmdlet that takes its id.</summary>
    public string? IdAlias { get; init; }

    /// <summary>The columns of the table; the last one takes what is left of the line.</summary>
    public Column[] Table { get; init; } = [];

    /// <summary>What the rows of the table are grouped by.</summary>
    public Column? GroupBy { get; init; }

    /// <summary>Whether long values in the table are wrapped and not cut.</summary>
    public bool Wraps { get; init; }

    /// <summary>The script that draws the object if a table has no fixed columns.</summary>
    public string? Drawing { get; init; }

    /// <summary>Columns that <see cref="Drawing"/> reads.</summary>
    public Column[] Drawn { get; init; } = [];

    /// <summary>The items of the list.</summary>
    public Column[] List { get; init; } = [];

    /// <summary>What <c>Format-Wide</c> shows; null if PowerShell's own choice is right.</summary>
    public Column? Wide { get; init; }

    /// <summary>The methods of <c>Meshia.PowerShell.ViewColumns</c> that the views need.</summary>
    public IEnumerable<string> Methods => new[] { GroupBy, Wide }.OfType<Column>().Concat(Table).Concat(List).Concat(Drawn).Select(column => column.Method).OfType<string>().Distinct();
}
