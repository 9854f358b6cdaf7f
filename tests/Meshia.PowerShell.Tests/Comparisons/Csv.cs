using System.Text;

namespace Meshia.PowerShell.Tests;

/// <summary>Reads CSV as RFC 4180 says.</summary>
internal static class Csv
{
    public static List<List<string>> Parse(string text)
    {
        var lines = new List<List<string>>();
        var line = new List<string>();
        var cell = new StringBuilder();
        for (var index = 0; index < text.Length; index++)
        {
            if (cell.Length == 0 && text[index] == '"')
            {
                for (index++; text[index] != '"' || (index + 1 < text.Length && text[index + 1] == '"'); index++)
                {
                    cell.Append(text[index]);
                    index += text[index] == '"' ? 1 : 0;
                }
            }
            else if (text[index] == ',')
            {
                line.Add(cell.ToString());
                cell.Clear();
            }
            else if (text[index] == '\r' && text[index + 1] == '\n')
            {
                index++;
                lines.Add([.. line, cell.ToString()]);
                line.Clear();
                cell.Clear();
            }
            else
            {
                cell.Append(text[index]);
            }
        }

        Assert.True(line.Count == 0 && cell.Length == 0, "The last line does not end.");
        return lines;
    }
}
