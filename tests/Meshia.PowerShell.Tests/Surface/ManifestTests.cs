using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace Meshia.PowerShell.Tests;

/// <summary>The manifests of both modules: what is exported, and to whom.</summary>
public sealed class ManifestTests
{
    private static readonly string[] _frameworks = ["net8.0", "net472"];
    private static readonly string[] _files = ["RootModule", "TypesToProcess", "FormatsToProcess"];

    public static TheoryData<string> Modules => ["Meshia", "Meshia.Sandbox"];

    [Theory, MemberData(nameof(Modules))]
    public void Is_valid(string name)
    {
        using var session = new ModuleSession();

        var module = (PSModuleInfo)Assert.Single(session.Output("Test-ModuleManifest $path -ErrorAction Stop", ("path", PathOf(name)))).BaseObject;

        Assert.Equal(name, module.Name);
        Assert.Equal(["Core", "Desktop"], module.CompatiblePSEditions);
        Assert.NotEmpty(module.Description);
        Assert.NotNull(module.LicenseUri);
        Assert.NotNull(module.ProjectUri);
        Assert.NotEqual(Guid.Empty, module.Guid);
    }

    [Theory, MemberData(nameof(Modules))]
    public void Exports_exactly_the_cmdlets_of_the_assembly(string name)
    {
        var assembly = ModuleSurface.Of(name).First().ImplementingType.Assembly;
        var cmdlets = assembly.GetExportedTypes()
            .Select(type => (CmdletAttribute?)Attribute.GetCustomAttribute(type, typeof(CmdletAttribute)))
            .OfType<CmdletAttribute>()
            .Select(cmdlet => $"{cmdlet.VerbName}-{cmdlet.NounName}");

        Assert.Equal(cmdlets.Order(StringComparer.Ordinal), Strings(name, "CmdletsToExport").Order(StringComparer.Ordinal));
    }

    [Theory, MemberData(nameof(Modules))]
    public void Writes_out_that_it_exports_nothing_else(string name)
    {
        Each.Of(["FunctionsToExport", "AliasesToExport", "VariablesToExport"], list => Assert.Empty(Strings(name, list)));
        Assert.DoesNotContain(Strings(name, "CmdletsToExport"), WildcardPattern.ContainsWildcardCharacters);
    }

    [Theory, MemberData(nameof(Modules))]
    public void Names_the_versions_that_the_assemblies_are_built_for(string name)
    {
        Assert.Equal("5.1", Entry(name, "PowerShellVersion"));
        Assert.Equal("4.7.2", Entry(name, "DotNetFrameworkVersion"));
        // The sandbox's cmdlets build on those of the very same version.
        Each.Of(ModuleSurface.Assemblies, assembly => Assert.Equal(assembly.GetName().Version!.ToString(3), Entry(name, "ModuleVersion")));
    }

    [Theory, MemberData(nameof(Modules))]
    public void Is_data_that_every_tool_can_read(string name)
    {
        using var session = new ModuleSession();

        Each.Of(Manifests(name), path =>
        {
            var data = (Hashtable)Assert.Single(session.Output("Import-PowerShellDataFile -LiteralPath $path", ("path", path))).BaseObject;

            Assert.Equal(Entry(name, "ModuleVersion"), data["ModuleVersion"]);
            Each.Of(_files.SelectMany(key => LanguagePrimitives.ConvertTo<string[]>(data[key]) ?? []), file =>
                Assert.True(File.Exists(Path.Combine(Path.GetDirectoryName(path)!, file)), $"{file} of {path} is missing."));
        });
    }

    private static string PathOf(string name) => Path.Combine(ModuleSession.ModulePath, "..", name, $"{name}.psd1");

    /// <summary>Its own, and one beside the assembly of each framework.</summary>
    private static string[] Manifests(string name)
    {
        var inner = name == "Meshia" ? "Meshia.PowerShell.psd1" : "Meshia.Sandbox.PowerShell.psd1";
        return [PathOf(name), .. _frameworks.Select(framework => Path.Combine(Path.GetDirectoryName(PathOf(name))!, framework, inner))];
    }

    private static string[] Strings(string name, string key) => [.. ((IEnumerable)Entry(name, key)!).Cast<string>()];

    /// <summary>An entry as it is written, which the engine's own view of the module does not show.</summary>
    private static object? Entry(string module, string key)
    {
        var manifest = (HashtableAst)Parser.ParseFile(PathOf(module), out _, out _).Find(ast => ast is HashtableAst, searchNestedScriptBlocks: false)!;
        var value = manifest.KeyValuePairs.Single(pair => pair.Item1 is StringConstantExpressionAst name && name.Value == key).Item2;
        return value.Find(ast => ast is ArrayExpressionAst or ConstantExpressionAst, searchNestedScriptBlocks: false) is ArrayExpressionAst list
            ? list.FindAll(ast => ast is StringConstantExpressionAst, searchNestedScriptBlocks: false).Select(ast => ((StringConstantExpressionAst)ast).Value).ToArray()
            : value.Extent.Text.Trim('\'');
    }
}
