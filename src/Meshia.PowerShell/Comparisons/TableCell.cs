namespace Meshia.PowerShell;

/// <summary>A place of a table in a terminal. There are thousands, so it is no object of its own.</summary>
internal readonly struct TableCell
{
    public const string BestSign = "*";

    private readonly string? _number;

    /// <param name="text">What is in it.</param>
    /// <param name="isBest">Whether it is the best of its row.</param>
    /// <param name="number">Its number alone, where the text has more.</param>
    public TableCell(string text, bool isBest = false, string? number = null)
    {
        (Text, IsBest, _number) = (isBest ? Marked(text) : text, isBest, number);
        Width = ScreenText.WidthOf(Text);
    }

    public string Text { get; }

    public bool IsBest { get; }

    /// <summary>How many places of the terminal it takes.</summary>
    public int Width { get; }

    /// <summary>What a column shows that is too narrow for all of it.</summary>
    public string Brief => _number is null ? Text : $"{(IsBest ? Marked(_number) : _number)} {ScreenText.Ellipsis}";

    /// <summary>The mark stands before the value, so that one that is cut does not lose it.</summary>
    private static string Marked(string text) => $"{BestSign} {text}";
}
