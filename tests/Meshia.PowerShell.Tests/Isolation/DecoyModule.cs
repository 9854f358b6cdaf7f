using System.Reflection;
using System.Reflection.Emit;

namespace Meshia.PowerShell.Tests;

/// <summary>A module of somebody else that brings other versions of the assemblies that Meshia brings, without a thing in them that Meshia uses.</summary>
internal static class DecoyModule
{
    public static readonly string[] Assemblies = ["OxyPlot", "Polly.Core", "System.IO.Hashing", "System.Threading.RateLimiting"];

    /// <summary>PowerShell itself has loaded one before any module can, so that whoever brings another has it apart.</summary>
    private const string Json = "System.Text.Json";

    /// <summary>Writes one into a folder, and gives the path of its manifest.</summary>
    public static string Write(string folder, Version version)
    {
        foreach (var assembly in Assemblies)
            WriteAssembly(folder, new AssemblyName(assembly) { Version = version });
        WriteAssembly(folder, new AssemblyName(Json) { Version = version });
        File.WriteAllText(Path.Combine(folder, "Decoy.psm1"), $$"""
            $json = [System.Reflection.Assembly]::LoadFile("$PSScriptRoot/{{Json}}.dll")
            function Get-DecoyJsonVersion { $json.GetType('Decoy.SystemTextJson')::Version() }
            """);
        var manifest = Path.Combine(folder, "Decoy.psd1");
        File.WriteAllText(manifest, $$"""
            @{
                ModuleVersion      = '{{version}}'
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

    /// <summary>An assembly with one type, <c>Decoy.{its name without dots}</c>, whose Version() is that of the assembly.</summary>
    private static void WriteAssembly(string folder, AssemblyName name)
    {
        var assembly = new PersistedAssemblyBuilder(name, typeof(object).Assembly);
        var type = assembly.DefineDynamicModule(name.Name!).DefineType($"Decoy.{name.Name!.Replace(".", "", StringComparison.Ordinal)}", TypeAttributes.Public | TypeAttributes.Class);
        var body = type.DefineMethod("Version", MethodAttributes.Public | MethodAttributes.Static, typeof(string), []).GetILGenerator();
        body.Emit(OpCodes.Ldstr, name.Version!.ToString());
        body.Emit(OpCodes.Ret);
        type.CreateType();
        assembly.Save(Path.Combine(folder, $"{name.Name}.dll"));
    }
}
