using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace Meshia.PowerShell.Tests;

/// <summary>The module's manifest: what is exported, and to whom.</summary>
public sealed class ManifestTests
{
    private static readonly string _path = Path.Combine(ModuleSession.ModulePath, "Meshia.psd1");

    [Fact]
    public void Is_valid()
    {
        using var session = new ModuleSession();

        var module = (PSModuleInfo)Assert.Single(session.Output("Test-ModuleManifest $path -ErrorAction Stop", ("path", _path))).BaseObject;

        Assert.Equal("Meshia", module.Name);
        Assert.Equal(["Core", "Desktop"], module.CompatiblePSEditions);
        Assert.NotEmpty(module.Description);
        Assert.NotNull(module.LicenseUri);
        Assert.NotNull(module.ProjectUri);
        Assert.NotEqual(Guid.Empty, module.Guid);
    }

    [Fact]
    public void Exports_exactly_the_cmdlets_of_the_assembly()
    {
        var assembly = ModuleSurface.Assemblies[0];
        var cmdlets = assembly.GetExportedTypes()
            .Select(type => (CmdletAttribute?)Attribute.GetCustomAttribute(type, typeof(CmdletAttribute)))
            .OfType<CmdletAttribute>()
            .Select(cmdlet => $"{cmdlet.VerbName}-{cmdlet.NounName}");

        Assert.Equal(cmdlets.Order(StringComparer.Ordinal), Strings("CmdletsToExport").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Writes_out_that_it_exports_nothing_else()
    {
        Each.Of(["FunctionsToExport", "AliasesToExport", "VariablesToExport"], name => Assert.Empty(Strings(name)));
        Assert.DoesNotContain(Strings("CmdletsToExport"), WildcardPattern.ContainsWildcardCharacters);
    }

    [Fact]
    public void Names_the_versions_that_the_assemblies_are_built_for()
    {
        Assert.Equal("5.1", Entry("PowerShellVersion"));
        Assert.Equal("4.7.2", Entry("DotNetFrameworkVersion"));
        Assert.Equal(ModuleSurface.Assemblies[0].GetName().Version!.ToString(3), Entry("ModuleVersion"));
    }

    [Fact]
    public void Every_file_that_it_names_is_there()
    {
        string[] files = ["net8.0/Meshia.PowerShell.dll", "net472/Meshia.PowerShell.dll", .. Strings("TypesToProcess"), .. Strings("FormatsToProcess")];

        Each.Of(files, file => Assert.True(File.Exists(Path.Combine(ModuleSession.ModulePath, file)), $"{file} is missing."));
    }

    private static string[] Strings(string key) => [.. ((IEnumerable)Entry(key)!).Cast<string>()];

    /// <summary>An entry as it is written, which the engine's own view of the module does not show.</summary>
    private static object? Entry(string key)
    {
        var manifest = (HashtableAst)Parser.ParseFile(_path, out _, out _).Find(ast => ast is HashtableAst, searchNestedScriptBlocks: false)!;
        var value = manifest.KeyValuePairs.Single(pair => pair.Item1 is StringConstantExpressionAst name && name.Value == key).Item2;
        return value.Find(ast => ast is ArrayExpressionAst or ConstantExpressionAst, searchNestedScriptBlocks: false) is ArrayExpressionAst list
            ? list.FindAll(ast => ast is StringConstantExpressionAst, searchNestedScriptBlocks: false).Select(ast => ((StringConstantExpressionAst)ast).Value).ToArray()
            : value.Extent.Text.Trim('\'');
    }
}
