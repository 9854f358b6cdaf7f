using System.Management.Automation;
using System.Management.Automation.Host;
using System.Text;

namespace Meshia.PowerShell;

/// <summary>
/// The lines of a table. Those without colour that follow each other are one text: each text that the engine is given
/// costs it more than the drawing of a line. But of a text with colours it repeats at each line all those before.
/// </summary>
internal sealed class TableText
{
    public const string Gap = "  ";

    private readonly string _best;
    private readonly string _title;
    private readonly string _reset;
    private readonly List<string> _texts = [];

    /// <summary>The lines that are no text yet, and behind them the line that is drawn.</summary>
    private readonly StringBuilder _lines = new();
    private bool _hasLines;
    private int _start;
    private bool _hasColour;

    /// <param name="style">The session's <c>$PSStyle</c>; null in a shell that has none, which gets no colours.</param>
    /// <param name="host">The host; not every one takes colours out again that it cannot show.</param>
    public TableText(object? style, PSHost? host)
    {
        var shown = Read(style, "OutputRendering")?.ToString() switch
        {
            "PlainText" => null,
            "Ansi" => style,
            _ => host?.UI?.SupportsVirtualTerminal == true ? style : null,
        };
        (_best, _title, _reset) = (Find(shown, "Foreground", "BrightGreen"), Find(shown, "Formatting", "TableHeader"), Find(shown, "Reset"));
    }

    /// <summary>Begins a line of the table.</summary>
    public void Begin(TableCell label, int width)
    {
        Begin();
        // The end of a key tells more than its beginning, that of a value less.
        AppendFitted(label.Width <= width ? label : new(ScreenText.Fit(label.Text, width, keepEnd: true)), label.IsBest, width);
    }

    public void Append(TableCell cell, int width)
    {
        _lines.Append(Gap);
        AppendFitted(cell.Width <= width ? cell : new(ScreenText.Fit(cell.Brief, width, keepEnd: false)), cell.IsBest, width);
    }

    /// <summary>Adds a line that is no part of the table.</summary>
    public void Add(string line)
    {
        Begin();
        _lines.Append(line);
        End();
    }

    public void AddTitle(string title)
    {
        Begin();
        AppendColoured(_title, title);
        End();
    }

    /// <summary>Ends a line.</summary>
    public void End()
    {
        while (_lines.Length > _start && _lines[_lines.Length - 1] == ' ')
            _lines.Length--;
        if (_hasColour)
        {
            var line = _lines.ToString(_start, _lines.Length - _start);
            _lines.Length = _hasLines ? _start - 1 : 0;
            EndText();
            _texts.Add(line);
        }
        else
        {
            _hasLines = true;
        }
    }

    /// <summary>Makes the lines so far a text: one without end would have to be moved and copied as a whole.</summary>
    public void EndText()
    {
        if (_hasLines)
            _texts.Add(_lines.ToString());
        _lines.Clear();
        _hasLines = false;
    }

    public string[] ToArray()
    {
        EndText();
        return [.. _texts];
    }

    private static string Find(object? style, params string[] names) => names.Aggregate(style, Read) as string ?? "";

    private static object? Read(object? style, string name) => style is null ? null : PSObject.AsPSObject(style).Properties[name]?.Value;

    private void Begin()
    {
        if (_hasLines)
            _lines.Append('\n');
        (_start, _hasColour) = (_lines.Length, false);
    }

    private void AppendFitted(TableCell cell, bool isBest, int width)
    {
        if (isBest)
            AppendColoured(_best, cell.Text);
        else
            _lines.Append(cell.Text);
        _lines.Append(' ', width - cell.Width);
    }

    private void AppendColoured(string colour, string text)
    {
        _hasColour |= colour.Length > 0;
        _lines.Append(colour).Append(text).Append(_reset);
    }
}
