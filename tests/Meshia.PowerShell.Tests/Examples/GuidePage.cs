using System.Management.Automation.Language;
using System.Text.RegularExpressions;

namespace Meshia.PowerShell.Tests;

/// <summary>A guide, by default one in docs/, and its blocks of code. What is in a comment is not on the page.</summary>
internal sealed partial class GuidePage(string name, string folder = "docs")
{
    private readonly string _text = Comment().Replace(File.ReadAllText(Path.Combine(Repository.Root, folder, name)).ReplaceLineEndings("\n"), "");

    public static IEnumerable<string> OfKeys { get; } =
        [.. Directory.GetFiles(Path.Combine(Repository.Root, "docs", "runbooks"), "*.md").Select(path => $"runbooks/{Path.GetFileName(path)}").Order(StringComparer.Ordinal), "connections.md"];

    public string Name { get; } = name;

    /// <summary>
    /// The blocks that a reader pastes in PowerShell, with what the page shows below each: the output in a block
    /// <c>text</c>, or the name of a picture of it.
    /// </summary>
    public IReadOnlyList<(string Code, string? Output, string? Picture)> Steps =>
        [.. Step().Matches(_text).Select(match => (match.Groups[1].Value, match.Groups[2].Success ? match.Groups[2].Value : null, match.Groups[3].Success ? match.Groups[3].Value : null))];

    public IReadOnlyList<string> Blocks(string language) => [.. Fence().Matches(_text).Where(match => match.Groups[1].Value == language).Select(match => match.Groups[2].Value)];

    /// <summary>What follows this beginning of a line, in every line that has it.</summary>
    public IReadOnlyList<string> Lines(string beginning) => [.. _text.Split('\n').Where(line => line.StartsWith(beginning, StringComparison.Ordinal)).Select(line => line[beginning.Length..])];

    /// <summary>The block whose first line names it, as in <c># nightly.ps1</c>.</summary>
    public string Named(string language, string file) => Assert.Single(Blocks(language), block => block.StartsWith($"# {file}\n", StringComparison.Ordinal));

    /// <summary>Replaces the outputs that the page shows; <paramref name="outputs"/> has one for each step.</summary>
    public void Write(IReadOnlyList<string> outputs)
    {
        var path = Path.Combine(Repository.Root, folder, Name);
        var codes = Steps.Select(step => step.Code).ToList();
        var text = Step().Replace(File.ReadAllText(path).ReplaceLineEndings("\n"), match => match.Groups[2].Success && codes.IndexOf(match.Groups[1].Value) is >= 0 and var index
            ? $"{match.Value[..(match.Groups[2].Index - match.Index)]}{outputs[index]}\n```" : match.Value);
        File.WriteAllText(path, text);
    }

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

    [GeneratedRegex("^```powershell\n(.*?)^```$(?:\n\n```text\n(.*?)^```$|\n\n!\\[[^\\]]*\\]\\((?:docs/)?pictures/([\\w-]+\\.svg)\\)$)?", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Step();
}
