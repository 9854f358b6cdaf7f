using System.Reflection;
using System.Reflection.Emit;

namespace Meshia.PowerShell.Tests;

/// <summary>A module of somebody else that brings the assemblies that Meshia brings, without a thing in them that Meshia uses.</summary>
internal static class DecoyModule
{
    public static readonly string[] Assemblies = ["OxyPlot", "Polly.Core", "System.IO.Hashing", "Wcwidth"];

    /// <summary>PowerShell itself has loaded one before any module can, so that whoever brings another has it apart.</summary>
    public const string Json = "System.Text.Json";

    /// <summary>Writes one into a folder, and gives the path of its manifest.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="version">The version of its assemblies; null for those that are called what Meshia's are, version and key included.</param>
    public static string Write(string folder, Version? version)
    {
        foreach (var assembly in Assemblies)
            WriteAssembly(folder, NameOf(assembly, version));
        WriteAssembly(folder, NameOf(Json, version));
        File.WriteAllText(Path.Combine(folder, "Decoy.psm1"), $$"""
            $json = [System.Reflection.Assembly]::LoadFile("$PSScriptRoot/{{Json}}.dll")
            function Get-DecoyJsonVersion { $json.GetType('Decoy.SystemTextJson')::Version() }
            """);
        var manifest = Path.Combine(folder, "Decoy.psd1");
        File.WriteAllText(manifest, $$"""
            @{
                ModuleVersion      = '1.0'
                GUID               = '{{Guid.NewGuid()}}'
                RequiredAssemblies = @({{string.Join(", ", Assemblies.Select(assembly => $"'{assembly}.dll'"))}})
                RootModule         = 'Decoy.psm1'
                FunctionsToExport  = @('Get-DecoyJsonVersion')
                CmdletsToExport    = @()
                AliasesToExport    = @()
            }
            """);
        return manifest;
    }

    /// <summary>The identity of one of its assemblies.</summary>
    public static AssemblyName NameOf(string assembly, Version? version) =>
        version is not null ? new(assembly) { Version = version }
        : assembly == Json ? typeof(System.Text.Json.JsonSerializer).Assembly.GetName()
        : AssemblyName.GetAssemblyName(Path.Combine(ModuleSession.ModulePath, "net8.0", "dependencies", $"{assembly}.dll"));

    /// <summary>The type in one of its assemblies.</summary>
    public static string TypeOf(string assembly) => $"Decoy.{assembly.Replace(".", "", StringComparison.Ordinal)}";

    /// <summary>An assembly with one type, <c>Decoy.{its name without dots}</c>, whose Version() is that of the assembly.</summary>
    private static void WriteAssembly(string folder, AssemblyName name)
    {
        var assembly = new PersistedAssemblyBuilder(name, typeof(object).Assembly);
        var type = assembly.DefineDynamicModule(name.Name!).DefineType(TypeOf(name.Name!), TypeAttributes.Public | TypeAttributes.Class);
        var body = type.DefineMethod("Version", MethodAttributes.Public | MethodAttributes.Static, typeof(string), []).GetILGenerator();
        body.Emit(OpCodes.Ldstr, name.Version!.ToString());
        body.Emit(OpCodes.Ret);
        type.CreateType();
        assembly.Save(Path.Combine(folder, $"{name.Name}.dll"));
    }
}
