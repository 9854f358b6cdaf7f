using System.Management.Automation.Language;
using System.Text.RegularExpressions;

namespace Meshia.PowerShell.Tests;

/// <summary>A guide, by default one in docs/, and its blocks of code. What is in a comment is not on the page.</summary>
internal sealed partial class GuidePage(string name, string folder = "docs")
{
    private readonly string _text = Comment().Replace(File.ReadAllText(Path.Combine(Repository.Root, folder, name)).ReplaceLineEndings("\n"), "");

    public static IEnumerable<string> OfKeys { get; } =
        [.. Directory.GetFiles(Path.Combine(Repository.Root, "docs", "runbooks"), "*.md").Select(path => $"runbooks/{Path.GetFileName(path)}").Order(StringComparer.Ordinal), "connections.md"];

    public IReadOnlyList<string> Blocks(string language) => [.. Fence().Matches(_text).Where(match => match.Groups[1].Value == language).Select(match => match.Groups[2].Value)];

    /// <summary>What follows this beginning of a line, in every line that has it.</summary>
    public IReadOnlyList<string> Lines(string beginning) => [.. _text.Split('\n').Where(line => line.StartsWith(beginning, StringComparison.Ordinal)).Select(line => line[beginning.Length..])];

    /// <summary>The block whose first line names it, as in <c># nightly.ps1</c>.</summary>
    public string Named(string language, string file) => Assert.Single(Blocks(language), block => block.StartsWith($"# {file}\n", StringComparison.Ordinal));

    public static ScriptBlockAst Parse(string script)
    {
        var ast = Parser.ParseInput(script, out _, out var errors);
        Assert.True(errors.Length == 0, string.Join(Environment.NewLine, errors.Select(error => $"{error.Message}: {error.Extent.Text}")));
        return ast;
    }

    [GeneratedRegex("<!--.*?-->", RegexOptions.Singleline)]
    private static partial Regex Comment();

    [GeneratedRegex("^```(\\w+)\n(.*?)^```$", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Fence();
}
