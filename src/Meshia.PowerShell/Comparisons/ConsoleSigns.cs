using System.Text;

namespace Meshia.PowerShell;

/// <summary>
/// Replaces the signs of a table with ASCII where the output's encoding lacks them, as old code pages of Windows do. They
/// would become question marks, and whether less or more of a metric is better would be lost.
/// </summary>
internal static class ConsoleSigns
{
    private const string Signs = "↓↑·…▁▂▃▄▅▆▇█";
    private const string Plain = "v^-~_.-:=+#@";

    /// <summary>Gives texts that an encoding can write.</summary>
    /// <param name="texts">The texts; each sign is replaced by one of the same width.</param>
    /// <param name="encoding">The encoding of the output.</param>
    public static string[] Fit(string[] texts, Encoding encoding) =>
        encoding.GetString(encoding.GetBytes(Signs)) == Signs ? texts : Array.ConvertAll(texts, text => string.Concat(text.Select(PlainOf)));

    /// <summary>The encoding of what this process writes.</summary>
    public static Encoding OfOutput()
    {
        try
        {
            return Console.OutputEncoding;
        }
        catch (IOException)
        {
            // A host without a console.
            return Encoding.UTF8;
        }
    }

    private static char PlainOf(char sign) => Signs.IndexOf(sign) is >= 0 and var place ? Plain[place] : sign;
}
