using System.Management.Automation;
using System.Xml.Linq;

namespace Meshia.PowerShell.Tests;

/// <summary>What Get-Help reads is what the pages say; `build.ps1 Docs` makes it anew.</summary>
public sealed class HelpFileTests : IClassFixture<ImportedModule>
{
    private const string HowToMend = "en-US/Meshia.PowerShell.dll-Help.xml is behind docs/cmdlets. Make it anew: ./build.ps1 Docs";

    private static readonly XNamespace _maml = "http://schemas.microsoft.com/maml/2004/10";
    private static readonly XNamespace _command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    private static readonly XNamespace _dev = "http://schemas.microsoft.com/maml/dev/2004/10";

    private static readonly Dictionary<string, XElement> _commands = XDocument.Load(Path.Combine(Repository.Root, "en-US", "Meshia.PowerShell.dll-Help.xml"))
        .Root!.Elements(_command + "command").ToDictionary(command => command.Element(_command + "details")!.Element(_command + "name")!.Value);

    private readonly ImportedModule _module;

    public HelpFileTests(ImportedModule module) => _module = module;

    public static TheoryData<string> Cmdlets => ImportedModule.Names;

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void The_help_file_says_what_the_page_says(string name)
    {
        var page = CmdletPage.Of(name);
        Assert.True(_commands.TryGetValue(name, out var command), HowToMend);

        Same(CmdletPage.Plain(page.Sections["SYNOPSIS"]), Paragraphs(command.Element(_command + "details")!.Element(_maml + "description")!));
        Same(CmdletPage.Plain(page.Sections["DESCRIPTION"]), Paragraphs(command.Element(_maml + "description")!));
        Same(CmdletPage.Plain(page.Sections["NOTES"]), Paragraphs(command.Element(_maml + "alertSet")!));
        Same(page.Examples.Select(example => $"{example.Title}\n{example.Code}"), Examples(command));
        Same(
            page.Parameters.Select(parameter => $"-{parameter.Name}: '{parameter.Default}' [{(parameter.Aliases.Count == 0 ? "none" : string.Join(", ", parameter.Aliases))}] {string.Join("\n", CmdletPage.Plain(parameter.Text))}"),
            command.Element(_command + "parameters")!.Elements().Select(parameter =>
                $"-{parameter.Element(_maml + "name")!.Value}: '{parameter.Element(_dev + "defaultValue")?.Value}' [{parameter.Attribute("aliases")!.Value}] {string.Join("\n", Paragraphs(parameter.Element(_maml + "description")!))}"));

        static void Same(IEnumerable<string> expected, IEnumerable<string> actual)
        {
            if (!expected.SequenceEqual(actual))
                Assert.Fail($"{HowToMend}\nPage: {string.Join("\n", expected)}\nFile: {string.Join("\n", actual)}");
        }
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void Get_Help_shows_the_page(string name)
    {
        var page = CmdletPage.Of(name);

        var help = Assert.Single(_module.Session.Output("Get-Help $name -Full", ("name", name)));

        Assert.Equal(Assert.Single(CmdletPage.Plain(page.Sections["SYNOPSIS"])), Text(help.Properties["Synopsis"].Value));
        Assert.Equal(page.Examples.Select(example => example.Code), Items(help, "examples", "example").Select(example => Text(example.Properties["code"].Value)));
        Assert.Equal(page.Parameters.Select(parameter => parameter.Name), Items(help, "parameters", "parameter").Select(parameter => Text(parameter.Properties["name"].Value)));
    }

    [Fact]
    public void Get_Help_shows_what_the_module_is()
    {
        var help = Text(Assert.Single(_module.Session.Output("Get-Help about_Meshia")));

        Assert.Contains("FIRST STEPS", help, StringComparison.Ordinal);
        Assert.Contains("Start-MeshiaSandbox -Connect", help, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Paragraphs(XElement element) => element.Descendants(_maml + "para").Select(paragraph => paragraph.Value).Where(text => text.Length > 0);

    private static IEnumerable<string> Examples(XElement command) => command.Element(_command + "examples")!.Elements()
        .Select(example => $"{example.Element(_maml + "title")!.Value.Trim('-', ' ')}\n{example.Element(_dev + "code")!.Value.ReplaceLineEndings("\n")}");

    private static string Text(object value) => PSObject.AsPSObject(value).ToString().Trim().ReplaceLineEndings("\n");

    private static IEnumerable<PSObject> Items(PSObject help, string list, string item) =>
        LanguagePrimitives.GetEnumerable(PSObject.AsPSObject(help.Properties[list].Value).Properties[item].Value) is { } items
            ? items.Cast<object>().Select(PSObject.AsPSObject)
            : [PSObject.AsPSObject(PSObject.AsPSObject(help.Properties[list].Value).Properties[item].Value)];
}
