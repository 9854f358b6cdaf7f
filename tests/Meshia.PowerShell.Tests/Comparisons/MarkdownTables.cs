using Markdig;
using Markdig.Extensions.Tables;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace Meshia.PowerShell.Tests;

/// <summary>Reads the tables of a Markdown text as GitHub does, and refuses anything else than text, code and strong text in them.</summary>
internal static class MarkdownTables
{
    private static readonly MarkdownPipeline _pipeline = new MarkdownPipelineBuilder().UsePipeTables().UseAutoLinks().UseEmphasisExtras().Build();

    public static List<List<List<string>>> Parse(string text)
    {
        var document = Markdown.Parse(text, _pipeline);
        Assert.DoesNotContain(document.Descendants(), block => block is HtmlBlock);
        return [.. document.Descendants<Table>().Select(table => table.OfType<TableRow>().Select(row => row.OfType<TableCell>().Select(TextOf).ToList()).ToList())];
    }

    private static string TextOf(TableCell cell) => string.Concat(cell.Descendants<LeafBlock>().SelectMany(leaf => leaf.Inline!).Select(TextOf));

    private static string TextOf(Inline inline) => inline switch
    {
        CodeInline code => code.Content,
        LiteralInline literal => literal.Content.ToString(),
        HtmlEntityInline entity => entity.Transcoded.ToString(),
        HtmlInline { Tag: "<code>" or "</code>" } => "",
        EmphasisInline emphasis => string.Concat(emphasis.Select(TextOf)),
        _ => throw new InvalidOperationException($"{inline.GetType().Name} in a cell: {inline}"),
    };
}
