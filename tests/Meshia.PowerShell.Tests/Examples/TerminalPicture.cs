using System.Globalization;
using System.Security;
using System.Text;
using System.Text.RegularExpressions;

namespace Meshia.PowerShell.Tests;

/// <summary>A command and its output as an SVG: text that can be selected, in the theme of the reader's system.</summary>
internal static partial class TerminalPicture
{
    private const int FontSize = 14;
    private const double CellWidth = 8.4;
    private const int LineHeight = 19;
    private const int Padding = 16;

    // The colours of GitHub's themes. Their numbers are those of the escape sequences.
    private const string Style = """
        .screen{fill:#f6f8fa;stroke:#d0d7de}text{fill:#1f2328;font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;white-space:pre}
        .b{font-weight:bold}.prompt,.c90{fill:#59636e}.c31,.c91{fill:#b31d28}.c32,.c92{fill:#1a7f37}.c33,.c93{fill:#7d4e00}.c36,.c96{fill:#1b6b87}
        @media(prefers-color-scheme:dark){.screen{fill:#0d1117;stroke:#30363d}text{fill:#e6edf3}.prompt,.c90{fill:#9198a1}.c31,.c91{fill:#ff7b72}.c32,.c92{fill:#56d364}.c33,.c93{fill:#e3b341}.c36,.c96{fill:#56d4dd}}
        """;

    /// <param name="command">What was typed.</param>
    /// <param name="output">What the terminal got, with escape sequences.</param>
    public static string Draw(string command, string output)
    {
        var lines = output.Split('\n');
        var columns = Math.Max(command.Length + 4, lines.Max(line => Escape().Replace(line, "").Length));
        var text = new StringBuilder();
        AppendRun(text, "PS>", "prompt", 0, 0);
        AppendRun(text, command, "", 4, 0);
        for (var line = 0; line < lines.Length; line++)
            AppendLine(text, lines[line], line + 2);
        var (width, height) = (Number((columns * CellWidth) + (2 * Padding)), Number(((lines.Length + 2) * LineHeight) + (2 * Padding)));
        return $"""
            <svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img">
            <title>{SecurityElement.Escape(command)}</title>
            <style>
            {Style}
            </style>
            <rect class="screen" x="0.5" y="0.5" width="{Number((columns * CellWidth) + (2 * Padding) - 1)}" height="{Number(((lines.Length + 2) * LineHeight) + (2 * Padding) - 1)}" rx="8"/>
            {text.ToString().TrimEnd('\n')}
            </svg>

            """.ReplaceLineEndings("\n");
    }

    private static void AppendLine(StringBuilder text, string line, int row)
    {
        var (style, column, start) = ("", 0, 0);
        foreach (Match escape in Escape().Matches(line))
        {
            column = AppendWords(text, line[start..escape.Index], style, column, row);
            style = StyleOf(escape.Groups[1].Value, style);
            start = escape.Index + escape.Length;
        }

        AppendWords(text, line[start..], style, column, row);
    }

    /// <summary>Each column of a table is a text of its own, so that it has its place in every font.</summary>
    private static int AppendWords(StringBuilder text, string run, string style, int column, int row)
    {
        foreach (Match words in Words().Matches(run))
            AppendRun(text, words.Value, style, column + words.Index, row);
        return column + run.Length;
    }

    private static void AppendRun(StringBuilder text, string run, string style, int column, int row) => text
        .Append(CultureInfo.InvariantCulture, $"<text x=\"{Number((column * CellWidth) + Padding)}\" y=\"{Padding + FontSize + (row * LineHeight)}\" textLength=\"{Number(run.Length * CellWidth)}\" lengthAdjust=\"spacingAndGlyphs\"")
        .Append(style.Length > 0 ? $" class=\"{style}\">" : ">").Append(SecurityElement.Escape(run)).Append("</text>\n");

    private static string StyleOf(string codes, string style)
    {
        foreach (var code in codes.Split(';'))
        {
            style = code switch
            {
                "" or "0" => "",
                "1" => $"{style} b".Trim(),
                _ => $"{style} c{code}".Trim(),
            };
        }

        return style;
    }

    private static string Number(double number) => number.ToString("0.#", CultureInfo.InvariantCulture);

    [GeneratedRegex("\e\\[([0-9;]*)m")]
    private static partial Regex Escape();

    [GeneratedRegex(@"\S+(?: \S+)*")]
    private static partial Regex Words();
}
