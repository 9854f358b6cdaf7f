using System.Management.Automation;
using System.Reflection;

namespace Meshia.PowerShell.Tests;

/// <summary>What Microsoft's cmdlet development guidelines ask of every cmdlet, read off the built module.</summary>
public sealed class CmdletRuleTests
{
    private static readonly Type[] _verbGroups =
        [typeof(VerbsCommon), typeof(VerbsCommunications), typeof(VerbsData), typeof(VerbsDiagnostic), typeof(VerbsLifecycle), typeof(VerbsSecurity), typeof(VerbsOther)];

    /// <summary>RD03: names that belong to the engine, and those that it keeps for itself.</summary>
    private static readonly string[] _reservedNames =
        [.. Cmdlet.CommonParameters, .. Cmdlet.OptionalCommonParameters, "SelectProperty", "SelectObject"];

    /// <summary>Cmdlets that change something: each must be able to say what it would do.</summary>
    private static readonly string[] _changing =
    [
        "Add-MeshiaSandboxExperiment", "Add-MeshiaSandboxFault", "Clear-MeshiaSandboxRequest", "Connect-Meshia", "Disconnect-Meshia", "Export-MeshiaComparison", "Export-MeshiaHistory",
        "Export-MeshiaSandboxState", "Import-MeshiaSandboxState", "Invoke-MeshiaRequest", "New-MeshiaSession", "Publish-MeshiaComparison", "Register-MeshiaWebhook",
        "Remove-MeshiaSandboxFault", "Reset-MeshiaSandbox", "Save-MeshiaArtifact", "Send-MeshiaSandboxEvent", "Send-MeshiaWebhook", "Start-MeshiaSandbox",
        "Step-MeshiaSandbox", "Stop-MeshiaSandbox", "Stop-MeshiaSession", "Sync-MeshiaExperiment", "Unregister-MeshiaWebhook", "Use-MeshiaSession",
    ];

    public static TheoryData<string> Names => ModuleSurface.Names;

    public static TheoryData<string> Ids => With(IsId);

    public static TheoryData<string> Secrets => With(IsSecret);

    public static TheoryData<string> Addresses => With(IsAddress);

    public static TheoryData<string> WithParameters => With(_ => true);

    public static TheoryData<string, string> PositionalSets => new(ModuleSurface.Cmdlets
        .SelectMany(cmdlet => cmdlet.ParameterSets.Where(set => set.Parameters.Any(parameter => parameter.Position >= 0)).Select(set => (cmdlet.Name, set.Name))));

    [Fact]
    public void Both_modules_have_cmdlets() => Assert.Equal((29, 16), (ModuleSurface.Of("Meshia").Count(), ModuleSurface.Of("Meshia.Sandbox").Count()));

    [Fact]
    public void What_is_for_tests_is_in_the_module_of_the_sandbox() =>
        Assert.Equal(ModuleSurface.Of("Meshia.Sandbox"), ModuleSurface.Cmdlets.Where(cmdlet => cmdlet.Noun.StartsWith("MeshiaSandbox", StringComparison.Ordinal)));

    [Theory]
    [MemberData(nameof(Names))]
    public void A_verb_is_an_approved_one(string name)
    {
        var approved = _verbGroups.SelectMany(group => group.GetFields()).Select(field => field.GetRawConstantValue());

        Assert.Contains(ModuleSurface.Cmdlet(name).Verb, approved);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_noun_is_singular_and_has_the_prefix(string name)
    {
        var noun = ModuleSurface.Cmdlet(name).Noun;

        Assert.Matches("^Meshia([A-Z][a-z]+)*$", noun);
        Assert.False(noun.EndsWith('s'), $"{noun} looks like a plural.");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_class_is_sealed_and_named_as_its_cmdlet(string name)
    {
        var type = ModuleSurface.Cmdlet(name).ImplementingType;

        Assert.True(type.IsSealed);
        Assert.Equal(name.Replace("-", "", StringComparison.Ordinal), type.Name);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void No_parameter_takes_a_reserved_name(string name)
    {
        var declared = ModuleSurface.Cmdlet(name).ImplementingType.GetProperties()
            .Where(property => property.IsDefined(typeof(ParameterAttribute)))
            .SelectMany(property => property.GetCustomAttribute<AliasAttribute>()?.AliasNames.Append(property.Name) ?? [property.Name]);

        Assert.Empty(declared.Intersect(_reservedNames, StringComparer.OrdinalIgnoreCase));
    }

    [Theory]
    [MemberData(nameof(WithParameters))]
    public void A_parameter_is_PascalCase_and_singular(string name) => Each.Of(
        ModuleSurface.Parameters(ModuleSurface.Cmdlet(name)),
        parameter =>
        {
            Assert.Matches("^[A-Z][A-Za-z]*$", parameter.Name);
            // -TimeoutSeconds is a unit, -AllEvents a switch: neither takes several.
            Assert.False(parameter.ParameterType.IsArray && parameter.Name.EndsWith('s') && parameter.Name != "Status", $"-{parameter.Name} looks like a plural.");
        });

    [Theory]
    [MemberData(nameof(Names))]
    public void A_set_takes_one_parameter_from_the_pipeline_by_value(string name)
    {
        var cmdlet = ModuleSurface.Cmdlet(name);

        Each.Of(cmdlet.ParameterSets, set => Assert.InRange(set.Parameters.Count(parameter => parameter.ValueFromPipeline), 0, 1));
    }

    [Theory]
    [MemberData(nameof(PositionalSets))]
    public void Positions_of_a_set_begin_at_zero_and_leave_no_gap(string name, string set)
    {
        var parameters = ModuleSurface.Cmdlet(name).ParameterSets.Single(one => one.Name == set).Parameters;
        var positions = parameters.Select(parameter => parameter.Position).Where(position => position >= 0).Order().ToList();

        // -Destination has the same place in every set; the artifact before it comes through the pipeline in this one.
        var first = (name, set) is ("Save-MeshiaArtifact", "InputObject") ? 1 : 0;
        Assert.Equal(Enumerable.Range(first, positions.Count), positions);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_cmdlet_with_several_sets_says_which_is_the_default(string name)
    {
        var cmdlet = ModuleSurface.Cmdlet(name);

        if (cmdlet.ParameterSets.Count > 1)
            Assert.Single(cmdlet.ParameterSets, set => set.IsDefault && set.Name == cmdlet.DefaultParameterSet);
        else
            Assert.True(cmdlet.DefaultParameterSet is null or ParameterAttribute.AllParameterSets, "A single set needs no name.");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_sets_differ_in_what_is_mandatory(string name)
    {
        var mandatory = ModuleSurface.Cmdlet(name).ParameterSets
            .Select(set => string.Join(",", set.Parameters.Where(parameter => parameter.IsMandatory).Select(parameter => parameter.Name).Order(StringComparer.Ordinal)))
            .ToList();

        Assert.Equal(mandatory.Distinct(), mandatory);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void What_a_cmdlet_writes_is_declared(string name) =>
        Assert.NotEmpty(ModuleSurface.Cmdlet(name).ImplementingType.GetCustomAttributes<OutputTypeAttribute>());

    [Fact]
    public void Output_is_declared_for_sets_that_exist()
    {
        var declared = ModuleSurface.Cmdlets.SelectMany(cmdlet => cmdlet.ImplementingType.GetCustomAttributes<OutputTypeAttribute>().SelectMany(attribute => attribute.ParameterSetName).Select(set => (Cmdlet: cmdlet, Set: set))).ToList();

        Assert.Contains(declared, one => one.Set != ParameterAttribute.AllParameterSets);
        Each.Of(declared, one => Assert.Contains(one.Set, one.Cmdlet.ParameterSets.Select(known => known.Name).Append(ParameterAttribute.AllParameterSets)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Help_online_leads_to_the_page_of_the_cmdlet(string name) =>
        Assert.Equal($"https://github.com/meshia/Meshia.PowerShell/blob/main/docs/cmdlets/{name}.md", ModuleSurface.Attribute(ModuleSurface.Cmdlet(name)).HelpUri);

    [Fact]
    public void Whatever_changes_something_takes_WhatIf_and_nothing_else_does() =>
        Assert.Equal(_changing, ModuleSurface.Asking.Select(cmdlet => cmdlet.Name));

    [Fact]
    public void Only_what_destroys_asks_by_itself() => Assert.Equal(
        ["Unregister-MeshiaWebhook"],
        ModuleSurface.Cmdlets.Where(cmdlet => ModuleSurface.Attribute(cmdlet).ConfirmImpact == ConfirmImpact.High).Select(cmdlet => cmdlet.Name));

    [Theory]
    [MemberData(nameof(Ids))]
    public void An_id_binds_by_property_name_and_completes(string name) => Each.Of(
        Named(name, IsId),
        parameter =>
        {
            // These pick from what comes anyway: the id of an experiment that is piped must not bind to -Id of Get-MeshiaArtifact.
            var isFilter = (name, parameter.Name) is ("Get-MeshiaArtifact", "Id") or ("Receive-MeshiaWebhook", "SessionId");
            Each.Of(ModuleSurface.Declarations(parameter), declaration => Assert.True(declaration.ValueFromPipelineByPropertyName != isFilter, $"-{parameter.Name} does not bind by property name as it should."));
            Assert.Contains(parameter.Attributes, attribute => attribute is ArgumentCompleterAttribute);
        });

    [Theory]
    [MemberData(nameof(Secrets))]
    public void A_secret_is_a_SecureString(string name) => Each.Of(
        Named(name, IsSecret),
        parameter => Assert.Equal(typeof(System.Security.SecureString), parameter.ParameterType.GetElementType() ?? parameter.ParameterType));

    [Theory]
    [MemberData(nameof(Addresses))]
    public void An_address_is_a_Uri_unless_it_takes_wildcards(string name) => Each.Of(
        Named(name, IsAddress),
        parameter => Assert.True(parameter.ParameterType == typeof(Uri) || parameter.Attributes.OfType<SupportsWildcardsAttribute>().Any()));

    private static bool IsId(ParameterMetadata parameter) => parameter.Name is "Id" or "SessionId" or "ExperimentId";

    private static bool IsSecret(ParameterMetadata parameter) => parameter.Name.EndsWith("Key", StringComparison.Ordinal) || parameter.Name is "Secret";

    private static bool IsAddress(ParameterMetadata parameter) => parameter.Name.EndsWith("Uri", StringComparison.Ordinal);

    /// <summary>The cmdlets that have such a parameter: a case without one would test nothing.</summary>
    private static TheoryData<string> With(Func<ParameterMetadata, bool> isSuch) => [.. ModuleSurface.Cmdlets.Where(cmdlet => ModuleSurface.Parameters(cmdlet).Any(isSuch)).Select(cmdlet => cmdlet.Name)];

    private static IEnumerable<ParameterMetadata> Named(string name, Func<ParameterMetadata, bool> isSuch) => ModuleSurface.Parameters(ModuleSurface.Cmdlet(name)).Where(isSuch);
}
