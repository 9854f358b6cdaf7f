using System.Management.Automation.Language;
using System.Xml.Linq;

namespace Meshia.PowerShell.Tests;

/// <summary>No script that Windows PowerShell 5.1 may read is written in what only PowerShell 7 understands.</summary>
public sealed class WindowsPowerShellSyntaxTests
{
    private static readonly string[] _folders = ["examples", "docs", "tests/Pester", "out/Meshia", "en-US"];

    public static TheoryData<string> Files =>
    [
        "build.ps1", "Meshia.psd1",
        .. _folders.SelectMany(folder => Directory.GetFiles(Path.Combine(Repository.Root, folder), "*.ps1*", SearchOption.AllDirectories))
            .Select(path => Path.GetRelativePath(Repository.Root, path)).Where(path => !path.Contains("obj", StringComparison.Ordinal) && !path.Contains("bin", StringComparison.Ordinal)).Order(StringComparer.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(Files))]
    public void A_script_parses_there(string file)
    {
        var path = Path.Combine(Repository.Root, file);
        string[] scripts = file.EndsWith(".ps1xml", StringComparison.Ordinal)
            ? [.. XDocument.Load(path).Descendants().Where(element => element.Name.LocalName is "ScriptBlock" or "GetScriptBlock" or "Script").Select(element => element.Value)]
            : [File.ReadAllText(path)];

        Assert.Empty(scripts.SelectMany(Newer));
    }

    [Theory]
    [InlineData("$a ? 1 : 2")]
    [InlineData("$a ?? 1")]
    [InlineData("$a ??= 1")]
    [InlineData("${a}?.b")]
    [InlineData("${a}?[0]")]
    [InlineData("a && b")]
    [InlineData("1 | ForEach-Object -Parallel { $_ }")]
    public void What_is_newer_is_recognized(string script)
    {
        Assert.NotEmpty(Newer(script));
        Assert.Empty(Newer("#requires -Version 7\n" + script));
    }

    private static IEnumerable<string> Newer(string script)
    {
        var tree = Parser.ParseInput(script, out _, out var errors);
        Assert.Empty(errors);
        return tree.ScriptRequirements?.RequiredPSVersion?.Major >= 7 ? [] : tree.FindAll(IsNewer, searchNestedScriptBlocks: true).Select(node => $"line {node.Extent.StartLineNumber}: {node.Extent.Text}");
    }

    private static bool IsNewer(Ast node) => node is TernaryExpressionAst or PipelineChainAst
        or BinaryExpressionAst { Operator: TokenKind.QuestionQuestion } or AssignmentStatementAst { Operator: TokenKind.QuestionQuestionEquals }
        or MemberExpressionAst { NullConditional: true } or IndexExpressionAst { NullConditional: true }
        or CommandParameterAst { ParameterName: "Parallel" };
}
