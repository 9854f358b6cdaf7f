using System.Text.RegularExpressions;

namespace Meshia.PowerShell.Tests;

/// <summary>What the pages say to type parses, and names only what there is. tests/Pester/Examples.Tests.ps1 runs every example.</summary>
public sealed partial class ExampleTests(ImportedModule module) : IClassFixture<ImportedModule>
{
    [Fact]
    public void Code_in_a_page_parses_and_names_only_what_there_is()
    {
        var pages = Repository.Pages.Select(page => (Page: page, Text: File.ReadAllText(Path.Combine(Repository.Root, page)).ReplaceLineEndings("\n"))).ToList();
        Assert.Contains(pages, page => Code().IsMatch(page.Text));

        Assert.Empty(pages.SelectMany(page => Code().Matches(page.Text).SelectMany(code => module.Mistakes(page.Page, code.Groups[1].Value))));
    }

    [GeneratedRegex("^```powershell\n(.*?)\n```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Code();
}
