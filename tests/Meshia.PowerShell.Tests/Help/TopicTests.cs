using System.Management.Automation;
using System.Text.RegularExpressions;

namespace Meshia.PowerShell.Tests;

/// <summary>The about topics: found by Get-Help, readable in a narrow terminal, and true.</summary>
public sealed partial class TopicTests(ImportedModule module) : IClassFixture<ImportedModule>
{
    private const string Ending = ".help.txt";

    private static readonly string[] _folders = ["en-US", "src/Meshia.Sandbox.PowerShell/en-US"];

    public static TheoryData<string> Topics => [.. Names];

    private static IReadOnlyList<string> Names { get; } =
        [.. Files.Select(path => Path.GetFileName(path).Replace(Ending, "", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    private static IEnumerable<string> Files => _folders.SelectMany(folder => Directory.GetFiles(Path.Combine(Repository.Root, folder), "about_*"));

    [Fact]
    public void There_is_one_for_what_people_ask() =>
        Assert.Equal(["", "_Connections", "_RateLimits", "_Runbooks", "_Sandbox", "_Troubleshooting", "_Webhooks"], Names.Select(name => name["about_Meshia".Length..]));

    [Theory]
    [MemberData(nameof(Topics))]
    public void Get_Help_shows_it(string name)
    {
        var help = PSObject.AsPSObject(Assert.Single(module.Session.Output("Get-Help $name", ("name", name)))).ToString().ReplaceLineEndings("\n");

        Assert.StartsWith($"TOPIC\n    {name}\n\nSHORT DESCRIPTION\n", help, StringComparison.Ordinal);
        // An address cannot be broken.
        Each.Of(help.Split('\n'), line => Assert.True(line.Length <= 80 || line.TrimStart().StartsWith("https://", StringComparison.Ordinal), line));
    }

    [Theory]
    [MemberData(nameof(Topics))]
    public void Its_code_parses_and_what_it_names_exists(string name)
    {
        var text = File.ReadAllText(Files.Single(path => Path.GetFileName(path) == name + Ending)).ReplaceLineEndings("\n");

        Assert.Empty(Code().Matches(text).SelectMany(code => module.Mistakes(name, code.Value)));
        Each.Of(Cmdlet().Matches(text), cmdlet => Assert.True(module.Find(cmdlet.Value) is not null, cmdlet.Value));
        Assert.Empty(Topic().Matches(text).Select(topic => topic.Value).Except(Names));
        foreach (var page in Page().Matches(text).Select(match => match.Groups[1].Value))
            Assert.True(File.Exists(Path.Combine(Repository.Root, page)), page);
    }

    /// <summary>After an empty line, lines that are indented by eight, of which some may be empty.</summary>
    [GeneratedRegex("(?<=\n\n|^[A-Z ,]+\n) {8}\\S.*(\n+ {8}.*)*", RegexOptions.Multiline)]
    private static partial Regex Code();

    [GeneratedRegex(@"\b[A-Z][A-Za-z]+-Meshia[A-Za-z]*")]
    private static partial Regex Cmdlet();

    [GeneratedRegex("about_Meshia[A-Za-z_]*")]
    private static partial Regex Topic();

    [GeneratedRegex(@"https://github\.com/meshia/Meshia\.PowerShell/blob/main/(\S+)")]
    private static partial Regex Page();
}
