using System.Reflection;
using System.Runtime.Loader;

namespace Meshia.PowerShell.Tests;

/// <summary>The public surface is what others rely on: a change of it is a decision, seen in review as a change of surface.txt.</summary>
public sealed class SnapshotTests
{
    private const string Snapshot = "surface.txt";

    [Fact]
    public void The_public_surface_is_the_reviewed_one()
    {
        var folder = SourceFolder();
        var (reviewed, actual) = (Path.Combine(folder, Snapshot), Path.Combine(AppContext.BaseDirectory, Snapshot));
        var built = Lines();
        File.WriteAllLines(actual, built);

        var difference = Difference(File.Exists(reviewed) ? File.ReadAllLines(reviewed) : [], built);

        Assert.True(difference.Count == 0, $"""
            The public surface has changed:

            {string.Join(Environment.NewLine, difference)}

            If that is meant, accept it, and say so in CHANGELOG.md:
                cp '{actual}' '{reviewed}'
            """);
    }

    [Fact]
    public void Windows_PowerShell_gets_the_same_surface()
    {
        var half = new AssemblyLoadContext("net472", isCollectible: true);
        string[] folders = [Path.Combine(ModuleSession.ModulePath, "net472"), Path.Combine(ModuleSession.ModulePath, "net472", "dependencies"), Path.Combine(ModuleSession.SandboxModulePath, "net472")];
        half.Resolving += (_, name) => Load(name);
        var assemblies = ModuleSurface.Assemblies.Select(assembly => Load(assembly.GetName())!);

        var difference = Difference([.. Types(ModuleSurface.Assemblies)], [.. Types(assemblies)]);

        Assert.True(difference.Count == 0, string.Join(Environment.NewLine, difference));
        half.Unload();

        Assembly? Load(AssemblyName name) => folders
            .Select(candidate => Path.Combine(candidate, $"{name.Name}.dll"))
            .Where(File.Exists)
            .Select(half.LoadFromAssemblyPath)
            .FirstOrDefault();
    }

    private static List<string> Lines() => [.. ModuleSurface.Cmdlets.SelectMany(cmdlet => SurfaceText.Of(cmdlet).Append("")), .. Types(ModuleSurface.Assemblies)];

    private static IEnumerable<string> Types(IEnumerable<Assembly> assemblies) => assemblies
        .SelectMany(assembly => assembly.GetExportedTypes())
        .OrderBy(type => type.FullName, StringComparer.Ordinal)
        .SelectMany(type => SurfaceText.Of(type).Append(""));

    /// <summary>The lines that went and came, each under the cmdlet or the type that it belongs to.</summary>
    private static List<string> Difference(IReadOnlyList<string> before, IReadOnlyList<string> after)
    {
        var (old, current) = (WithOwners(before), WithOwners(after));
        return
        [
            .. old.Except(current).Select(line => $"- {line.Owner}{line.Text}"),
            .. current.Except(old).Select(line => $"+ {line.Owner}{line.Text}"),
        ];
    }

    private static List<(string Owner, string Text)> WithOwners(IReadOnlyList<string> lines)
    {
        var (owner, result) = ("", new List<(string, string)>());
        foreach (var line in lines.Where(line => line.Length > 0))
        {
            var isMember = line[0] == ' ';
            owner = isMember ? owner : line;
            result.Add(isMember ? ($"{owner}: ", line.Trim()) : ("", line));
        }

        return result;
    }

    private static string SourceFolder()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, "tests", "Meshia.PowerShell.Tests", "Surface");
            if (Directory.Exists(candidate))
                return candidate;
        }

        throw new InvalidOperationException($"The folder of {Snapshot} was not found above {AppContext.BaseDirectory}.");
    }
}
