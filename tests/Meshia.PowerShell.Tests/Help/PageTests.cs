using System.Globalization;
using System.Management.Automation;
using System.Reflection;
using System.Text.RegularExpressions;
using Meshia.Sandbox;

namespace Meshia.PowerShell.Tests;

/// <summary>A page says of its cmdlet what the built module is.</summary>
public sealed class PageTests : IClassFixture<ImportedModule>
{
    /// <summary>Defaults that are the sandbox's own: the cmdlet passes nothing on.</summary>
    private static readonly Dictionary<string, object> _defaultsOfTheSandbox = new()
    {
        ["Start-MeshiaSandbox -Plan"] = new SandboxOptions().Plan.ToString().ToLowerInvariant(),
        ["Start-MeshiaSandbox -ProvisioningSeconds"] = new SandboxOptions().Provisioning.TotalSeconds,
        ["Start-MeshiaSandbox -ExperimentSeconds"] = new SandboxOptions().ExperimentDuration.TotalSeconds,
        ["Start-MeshiaSandbox -IdleMinutes"] = new SandboxOptions().Idle.TotalMinutes,
        ["Start-MeshiaSandbox -RateLimit"] = new SandboxOptions().RateLimit,
        ["Start-MeshiaSandbox -WebhookBackoffSeconds"] = new SandboxOptions().WebhookBackoff.TotalSeconds,
    };

    private readonly ImportedModule _module;

    public PageTests(ImportedModule module) => _module = module;

    public static TheoryData<string> Cmdlets => ImportedModule.Names;

    [Fact]
    public void There_is_a_page_for_each_cmdlet_and_no_other() =>
        Assert.Equal(Cmdlets.Select(row => row.Data).Order(StringComparer.Ordinal), CmdletPage.All.Select(page => page.Name));

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void A_page_has_every_section_in_order(string name)
    {
        var page = CmdletPage.Of(name);

        Assert.Equal(["SYNOPSIS", "SYNTAX", "DESCRIPTION", "EXAMPLES", "PARAMETERS", "INPUTS", "OUTPUTS", "NOTES", "RELATED LINKS"], page.Sections.Keys);
        Each.Of(page.Sections, section => Assert.NotEmpty(section.Value));
        Assert.DoesNotContain(page.Parameters, parameter => parameter.Text.Length == 0);
        Assert.DoesNotContain("{{", File.ReadAllText(page.Path), StringComparison.Ordinal);
        Assert.True(page.Examples.Count >= 3, $"{page.Examples.Count} examples");
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void A_page_describes_each_parameter_as_it_is(string name)
    {
        var page = CmdletPage.Of(name);
        var cmdlet = _module.Command(name);

        Assert.Equal(
            ImportedModule.ParametersOf(cmdlet).Select(parameter => Describe(cmdlet, parameter)),
            page.Parameters.OrderBy(parameter => parameter.Name, StringComparer.Ordinal).Select(Describe));
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void A_page_shows_the_syntax_of_each_set(string name)
    {
        var cmdlet = _module.Command(name);

        var built = cmdlet.ParameterSets.Select(set => ($"{set.Name}{(set.IsDefault && cmdlet.ParameterSets.Count > 1 ? " (Default)" : "")}", Plain($"{name} {set}")));

        Assert.Equal(built.Order(), CmdletPage.Of(name).Syntaxes.Select(syntax => (syntax.Set, Plain(syntax.Text))).Order());

        static string Plain(string syntax) => Regex.Replace(syntax.Replace("[<CommonParameters>]", "", StringComparison.Ordinal), @"\s+", " ").Trim();
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void A_page_names_the_types_that_come_out(string name)
    {
        var built = _module.Command(name).OutputType.Select(type => type.Name is "System.Void" ? "None" : type.Name).Distinct();

        Assert.Equal(built.Order(StringComparer.Ordinal), CmdletPage.Of(name).Types("OUTPUTS").Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void A_page_names_the_types_that_go_in(string name)
    {
        var parameters = ImportedModule.ParametersOf(_module.Command(name)).ToList();
        var values = parameters.Where(parameter => parameter.ParameterSets.Values.Any(set => set.ValueFromPipeline))
            .Select(parameter => parameter.ParameterType.GetElementType() ?? parameter.ParameterType).Select(type => type.FullName).Distinct();
        var takesAny = parameters.Exists(parameter => parameter.ParameterSets.Values.Any(set => set.ValueFromPipeline || set.ValueFromPipelineByPropertyName));

        var types = CmdletPage.Of(name).Types("INPUTS").ToList();

        Assert.Equal(takesAny, types is not ["None"]);
        Assert.Subset(types.ToHashSet(), values.ToHashSet()!);
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void The_online_help_of_a_cmdlet_is_its_page(string name)
    {
        var address = new Uri(_module.Command(name).ImplementingType.GetCustomAttribute<CmdletAttribute>()!.HelpUri);

        Assert.Equal(address.AbsoluteUri, CmdletPage.Of(name).Header["HelpUri"]);
        Assert.EndsWith($"/docs/cmdlets/{name}.md", address.AbsolutePath, StringComparison.Ordinal);
    }

    private static string Describe(CmdletInfo cmdlet, ParameterMetadata parameter)
    {
        var sets = parameter.ParameterSets
            .OrderBy(set => set.Key, StringComparer.Ordinal)
            .Select(set => $"{(set.Key == ParameterAttribute.AllParameterSets ? "(All)" : set.Key)} Position: {(set.Value.Position == int.MinValue ? "Named" : set.Value.Position)} IsRequired: {Text(set.Value.IsMandatory)} ValueFromPipeline: {Text(set.Value.ValueFromPipeline)} ValueFromPipelineByPropertyName: {Text(set.Value.ValueFromPipelineByPropertyName)} ValueFromRemainingArguments: {Text(set.Value.ValueFromRemainingArguments)}");
        return Lines(
            parameter.Name,
            parameter.ParameterType.ToString(),
            DefaultOf(cmdlet, parameter),
            parameter.Attributes.Any(attribute => attribute is SupportsWildcardsAttribute),
            parameter.Aliases,
            parameter.Attributes.OfType<ValidateSetAttribute>().SelectMany(attribute => attribute.ValidValues),
            sets);
    }

    private static string Describe(CmdletPage.Parameter parameter) => Lines(
        parameter.Name, parameter.Type, parameter.Default, parameter.SupportsWildcards, parameter.Aliases, parameter.AcceptedValues, parameter.Sets.Order(StringComparer.Ordinal));

    private static string Lines(string name, string type, string initial, bool hasWildcards, IEnumerable<string> aliases, IEnumerable<string> values, IEnumerable<string> sets) =>
        $"-{name}: {type}, default '{initial}', wildcards {Text(hasWildcards)}, aliases [{string.Join(", ", aliases)}], values [{string.Join(", ", values)}], sets [{string.Join("; ", sets)}]";

    private static string DefaultOf(CmdletInfo cmdlet, ParameterMetadata parameter)
    {
        if (parameter.ParameterType == typeof(SwitchParameter))
            return "False";
        var value = cmdlet.ImplementingType.GetProperty(parameter.Name)!.GetValue(Activator.CreateInstance(cmdlet.ImplementingType))
            ?? _defaultsOfTheSandbox.GetValueOrDefault($"{cmdlet.Name} -{parameter.Name}");
        return value is Array items ? string.Join(", ", items.Cast<object>()) : Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
    }

    private static string Text(bool value) => value ? "true" : "false";
}
