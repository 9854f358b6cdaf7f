using System.Management.Automation;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Meshia.PowerShell.Tests;

/// <summary>What Get-Help reads is what the pages say; `build.ps1 Docs` makes it anew.</summary>
public sealed class HelpFileTests : IClassFixture<ImportedModule>
{
    private const string HowToMend = "The help files of the modules are behind docs/cmdlets. Make them anew: ./build.ps1 Docs";

    private static readonly XNamespace _maml = "http://schemas.microsoft.com/maml/2004/10";
    private static readonly XNamespace _command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    private static readonly XNamespace _dev = "http://schemas.microsoft.com/maml/dev/2004/10";

    private static readonly Dictionary<string, XElement> _commands = new[] { "en-US/Meshia.PowerShell.dll-Help.xml", "src/Meshia.Sandbox.PowerShell/en-US/Meshia.Sandbox.PowerShell.dll-Help.xml" }
        .SelectMany(path => XDocument.Load(Path.Combine(Repository.Root, path)).Root!.Elements(_command + "command")).ToDictionary(command => command.Element(_command + "details")!.Element(_command + "name")!.Value);

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
        Same(page.Examples.Select(example => string.Join("\n", [example.Title, example.Code, .. CmdletPage.Plain(example.Remarks)])), Examples(command));
        Same(
            page.Parameters.Select(Describe),
            command.Element(_command + "parameters")!.Elements().Select(Describe));

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

    private static string Describe(CmdletPage.Parameter parameter)
    {
        var set = parameter.Sets[0];
        string[] inputs = [.. new[] { (Name: "ByValue", Key: "ValueFromPipeline"), (Name: "ByPropertyName", Key: "ValueFromPipelineByPropertyName") }
            .Where(input => set.Contains($" {input.Key}: true", StringComparison.Ordinal)).Select(input => input.Name)];
        return Lines(
            parameter.Name,
            parameter.Type,
            parameter.Default,
            parameter.Aliases.Count == 0 ? "none" : string.Join(", ", parameter.Aliases),
            Regex.Match(set, "Position: (\\w+)").Groups[1].Value,
            inputs.Length == 0 ? "false" : $"true ({string.Join(", ", inputs)})",
            CmdletPage.Plain(parameter.Text));
    }

    private static string Describe(XElement parameter) => Lines(
        parameter.Element(_maml + "name")!.Value,
        parameter.Element(_dev + "type")!.Value,
        parameter.Element(_dev + "defaultValue")?.Value ?? "",
        parameter.Attribute("aliases")!.Value,
        parameter.Attribute("position")!.Value,
        parameter.Attribute("pipelineInput")!.Value,
        Paragraphs(parameter.Element(_maml + "description")!));

    private static string Lines(string name, string type, string initial, string aliases, string position, string input, IEnumerable<string> text) =>
        $"-{name}: {type}, default '{initial}', aliases {aliases}, position {position}, input {input}\n{string.Join("\n", text)}";

    private static IEnumerable<string> Paragraphs(XElement element) => element.Descendants(_maml + "para").Select(paragraph => paragraph.Value).Where(text => text.Length > 0);

    private static IEnumerable<string> Examples(XElement command) => command.Element(_command + "examples")!.Elements()
        .Select(example => string.Join("\n", [example.Element(_maml + "title")!.Value.Trim('-', ' '), example.Element(_dev + "code")!.Value.ReplaceLineEndings("\n"), .. Paragraphs(example.Element(_dev + "remarks")!)]));

    private static string Text(object value) => PSObject.AsPSObject(value).ToString().Trim().ReplaceLineEndings("\n");

    private static IEnumerable<PSObject> Items(PSObject help, string list, string item) =>
        LanguagePrimitives.GetEnumerable(PSObject.AsPSObject(help.Properties[list].Value).Properties[item].Value) is { } items
            ? items.Cast<object>().Select(PSObject.AsPSObject)
            : [PSObject.AsPSObject(PSObject.AsPSObject(help.Properties[list].Value).Properties[item].Value)];
}
