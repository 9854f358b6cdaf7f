using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace Meshia.PowerShell.Tests;

/// <summary>How people get the module: what the pages tell them, and the workflow that publishes it.</summary>
public sealed partial class ReleaseTests
{
    private const string Switch = "<!-- At the release, close this comment at the end of this line.";

    private static readonly string _readme = Text("README.md");

    /// <summary>A package of the same name in a gallery may be from a stranger until the release.</summary>
    [Fact]
    public void Until_the_release_no_page_installs_a_package_by_its_name_alone()
    {
        Assert.SkipWhen(IsPublished(_readme), "The packages are published.");
        var files = Repository.Pages
            .Concat(Find("en-US", "*"))
            .Concat(Find("src", "*.help.txt")).Concat(Find("src", "*-Help.xml")).Concat(Find("src", "*.cs")).Concat(Find("src", "*.psm1"))
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal)).ToList();

        var commands = files.SelectMany(file => Install().Matches(Visible(Text(file))).Select(match => $"{file}: {match.Value}")).ToList();

        Each.Of(commands, command => Assert.Matches(@"-Repository (?!PSGallery)\w+|--source \S*out/packages", command));
    }

    [Fact]
    public void One_line_of_the_readme_switches_to_the_gallery()
    {
        var line = Assert.Single(_readme.Split('\n'), line => line.StartsWith(Switch, StringComparison.Ordinal));
        var published = IsPublished(_readme) ? _readme : _readme.Replace(line, $"{line} -->", StringComparison.Ordinal);

        Assert.Equal(IsPublished(_readme), Visible(_readme).Contains("-Repository PSGallery", StringComparison.Ordinal));
        Assert.Contains("-Repository PSGallery", Visible(published), StringComparison.Ordinal);
        Each.Of([Visible(_readme), Visible(published)], page => Assert.DoesNotContain("-->", page, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("docs/getting-started.md")]
    [InlineData("docs/update-and-uninstall.md")]
    [InlineData("docs/webhooks.md")]
    [InlineData("docs/runbooks/README.md")]
    [InlineData("docs/runbooks/azure-automation.md")]
    [InlineData("docs/runbooks/azure-devops.md")]
    [InlineData("docs/runbooks/cron-and-systemd.md")]
    [InlineData("docs/runbooks/github-actions.md")]
    [InlineData("docs/runbooks/task-scheduler.md")]
    public void A_page_that_needs_the_module_leads_to_the_one_section_about_installing(string page) =>
        Assert.Contains("README.md#install)", Text(page), StringComparison.Ordinal);

    [Fact]
    public void Each_action_of_a_workflow_is_pinned_to_a_commit()
    {
        var uses = Find(".github/workflows", "*.yml").SelectMany(file => Regex.Matches(Text(file), @"^ +(?:- )?uses: (.+)$", RegexOptions.Multiline)).Select(match => match.Groups[1].Value).ToList();

        Each.Of(uses, action => Assert.Matches(@"^[\w-]+/[\w-]+@[0-9a-f]{40} # v\d", action));
    }

    [Fact]
    public void A_release_is_tested_first_approved_by_a_person_and_may_write_only_where_it_publishes()
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(Text(".github/workflows/release.yml")));
        var workflow = stream.Documents[0].RootNode;
        var publish = workflow["jobs"]["publish"];
        var steps = Regex.Matches(Text(".github/workflows/release.yml"), "^ +- name: (.+)$", RegexOptions.Multiline).Select(match => match.Groups[1].Value).ToList();

        Assert.Equal("{ { contents, read } }", workflow["permissions"].ToString());
        Assert.Equal("{ { contents, write }, { id-token, write } }", publish["permissions"].ToString());
        Assert.Equal(("test", "release"), (publish["needs"].ToString(), publish["environment"].ToString()));
        // The tests run the code of every dependency: they get no secret.
        Assert.DoesNotContain("secrets.", workflow["jobs"]["test"].ToString(), StringComparison.Ordinal);
        Assert.Equal(["Build and pack", "Sign the modules and pack again", "GitHub release", "Sign in to nuget.org", "PowerShell Gallery and nuget.org"], steps[1..]);
        var build = GuidePage.Parse(Text("build.ps1")).ParamBlock.Extent.Text;
        Each.Of(Regex.Matches(Text(".github/workflows/release.yml"), @"\./build\.ps1 (\w+)").Select(match => match.Groups[1].Value), task => Assert.Contains($"'{task}'", build, StringComparison.Ordinal));
    }

    private static bool IsPublished(string readme) => readme.Split('\n').Any(line => line.StartsWith(Switch, StringComparison.Ordinal) && line.EndsWith("-->", StringComparison.Ordinal));

    private static string Text(string file) => File.ReadAllText(Path.Combine(Repository.Root, file)).ReplaceLineEndings("\n");

    private static IEnumerable<string> Find(string folder, string pattern) =>
        Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), pattern, SearchOption.AllDirectories).Select(path => Path.GetRelativePath(Repository.Root, path));

    private static string Visible(string page) => Comment().Replace(page, "");

    [GeneratedRegex("<!--.*?-->", RegexOptions.Singleline)]
    private static partial Regex Comment();

    /// <summary>A command that gets one of the four packages from wherever it finds it.</summary>
    [GeneratedRegex(@"(?:(?:Install|Save|Update)-(?:PSResource|Module)|dotnet (?:tool (?:install|update)|add package))\b[^\n|`""<]*(?<![\w.-])(?:Meshia(?:\.Sandbox|\.Client)?|meshia-sandbox)(?![\w.-])[^\n|`""<]*")]
    private static partial Regex Install();
}
