using System.Text;
using System.Text.RegularExpressions;

namespace Meshia.Reports;

/// <summary>
/// Text from outside in Markdown of GitHub and Azure DevOps. No name becomes markup, a link, a picture, a mention of
/// somebody, a reference to an issue or a commit, or a comment of HTML.
/// </summary>
internal static class MarkdownText
{
    public const string NoValue = "–";

    private const int LongestText = 200;

    /// <summary>What means nothing to either system inside of code.</summary>
    private const string PlainSigns = " ._-/+,:=()%*'\"~^&;?!{}";

    /// <summary>What the two make links of, wherever it stands.</summary>
    private static readonly Regex _reference = new(@"://|www\.|gh-\d|[@#]", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase);

    /// <summary>A text from the service as code, in which nothing is taken for markup, a link, a mention or an emoji.</summary>
    public static string Code(string text)
    {
        var clean = ReportText.Clean(text);
        if (clean.Length > LongestText)
            clean = ReportText.Clean(clean.Substring(0, LongestText)) + "…";
        if (string.IsNullOrWhiteSpace(clean))
            return "*empty*";
        var isPlain = clean[0] != ' ' && clean[clean.Length - 1] != ' ' && !_reference.IsMatch(clean) && clean.All(letter => letter >= 128 || IsWord(letter) || PlainSigns.Contains(letter));
        return isPlain ? $"`{clean}`" : $"<code>{Escape(clean)}</code>";
    }

    /// <summary>A heading: text, but for words that would mention somebody or become a link, which are code.</summary>
    public static string Title(string text) =>
        string.Join(" ", text.Split(' ').Select(word => _reference.IsMatch(word) ? Code(word) : Escape(word)));

    /// <summary>Writes a table.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="heading">The names of the columns, as Markdown.</param>
    /// <param name="lines">The cells, as Markdown.</param>
    /// <param name="numbersFrom">The first column that is set to the right; none where null.</param>
    public static void WriteTable(TextWriter writer, IReadOnlyList<string> heading, IEnumerable<IReadOnlyList<string>> lines, int? numbersFrom)
    {
        WriteLine(heading);
        WriteLine([.. heading.Select((_, index) => index >= numbersFrom ? "---:" : "---")]);
        foreach (var line in lines)
            WriteLine(line);

        void WriteLine(IReadOnlyList<string> cells) => writer.Write($"| {string.Join(" | ", cells)} |\n");
    }

    /// <summary>
    /// A text in which each sign is written by its number, so that none is markup. The number is hexadecimal: Azure DevOps
    /// reads a # with decimal digits behind it as a work item before it looks for markup.
    /// </summary>
    private static string Escape(string text)
    {
        var escaped = new StringBuilder();
        foreach (var letter in ReportText.Clean(text))
        {
            if (letter < 128 && !IsWord(letter) && letter != ' ')
                escaped.Append("&#x").Append(((int)letter).ToString("x", System.Globalization.CultureInfo.InvariantCulture)).Append(';');
            else
                escaped.Append(letter);
        }

        return escaped.ToString();
    }

    private static bool IsWord(char letter) => letter < 128 && char.IsLetterOrDigit(letter);
}
