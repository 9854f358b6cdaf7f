using System.Text.RegularExpressions;

namespace Meshia.Client.Tests;

/// <summary>docs/wire-contract.md and the tests hold each other: no fact without a test, no test of a fact that is not there.</summary>
[Trait("Culture", "Dependent")]
public sealed partial class ContractTests
{
    private static readonly string _root = FindRoot();

    private static readonly HashSet<string> _facts = [.. Facts().Matches(File.ReadAllText(Path.Combine(_root, "docs", "wire-contract.md"))).Select(match => match.Groups[1].Value)];

    private static readonly HashSet<string> _tested =
    [
        .. Directory.EnumerateFiles(Path.Combine(_root, "tests"), "*Tests.cs", SearchOption.AllDirectories)
            .SelectMany(file => Traits().Matches(File.ReadAllText(file)))
            .Select(match => match.Groups[1].Value),
    ];

    [Fact]
    public void Every_fact_of_the_contract_has_a_test()
    {
        Assert.True(_facts.Count > 40, $"{_facts.Count} facts were found on the page.");
        Assert.Empty(_facts.Except(_tested));
    }

    [Fact]
    public void Every_test_of_a_fact_names_one_of_the_contract() => Assert.Empty(_tested.Except(_facts));

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Meshia.psd1")) && Directory.Exists(Path.Combine(folder.FullName, "tests")))
                return folder.FullName;
        }

        throw new InvalidOperationException("The tests are not run from within the repository.");
    }

    [GeneratedRegex(@"^- \*\*\[[DA]\]\*\* `([a-z0-9-]+)`:", RegexOptions.Multiline)]
    private static partial Regex Facts();

    [GeneratedRegex(@"^\s*\[Trait\(""Contract"", ""([a-z0-9-]+)""\)\]", RegexOptions.Multiline)]
    private static partial Regex Traits();
}
