using System.Diagnostics;
using System.IO.Compression;
using System.Xml.Linq;

namespace Meshia.PowerShell.Tests;

/// <summary>The four packages, made from a copy of the checkout as `dotnet pack` makes them.</summary>
public sealed class PackedModule : IAsyncLifetime
{
    // Generous: a build beside other tests.
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(5);

    private static readonly string[] _projects = ["Meshia.Client", "Meshia.PowerShell", "Meshia.Sandbox", "Meshia.Sandbox.PowerShell"];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("meshia-package-");
    private readonly Lazy<Task<string>> _fromAnotherFolder;

    public PackedModule() => _fromAnotherFolder = new(async () =>
    {
        // Laid apart: out/Meshia may be of another configuration.
        var packages = Directory.CreateDirectory(Path.Combine(_folder.FullName, "again", "packages")).FullName;
        await PackAsync(Repository.Root, "-o", packages, $"-p:ModuleDirectory={Path.Combine(_folder.FullName, "again", "Meshia")}{Path.DirectorySeparatorChar}");
        return packages;
    });

    /// <summary>The one that the tests were built in, as bin/Debug/net10.0 says.</summary>
    public static string Configuration { get; } = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;

    /// <summary>Where they are.</summary>
    public string Packages => Path.Combine(_folder.FullName, "copy", "out", "packages");

    /// <summary>The module, unpacked from its package.</summary>
    public string Module => Path.Combine(_folder.FullName, "installed", "Meshia");

    /// <summary>The module of the sandbox, beside it.</summary>
    public string SandboxModule => $"{Module}.Sandbox";

    public async ValueTask InitializeAsync()
    {
        var copy = Path.Combine(_folder.FullName, "copy");
        Copy(new DirectoryInfo(Repository.Root), copy);
        await PackAsync(copy);

        await InstallAsync("Meshia", Module);
        await InstallAsync("Meshia.Sandbox", SandboxModule);
    }

    /// <summary>Files of a module, with '/' between folders.</summary>
    public static IEnumerable<string> FilesOf(string module) =>
        Directory.GetFiles(module, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(module, path).Replace('\\', '/')).Order(StringComparer.Ordinal);

    /// <summary>The folder of the same packages, made from the checkout itself. The first caller makes them.</summary>
    public Task<string> FromAnotherFolderAsync() => _fromAnotherFolder.Value;

    public ValueTask DisposeAsync()
    {
        _folder.Delete(recursive: true);
        return default;
    }

    /// <summary>The package of this name, whatever its version.</summary>
    public static string PackageOf(string folder, string name) =>
        Assert.Single(Directory.GetFiles(folder, $"{name}.*.nupkg", SearchOption.AllDirectories), path => char.IsAsciiDigit(Path.GetFileName(path)[name.Length + 1]));

    /// <summary>Makes the four packages of a folder in one build, with all that a Release build has.</summary>
    private async Task PackAsync(string folder, params string[] arguments)
    {
        var projects = _projects.Select(name => new XElement("Project", new XAttribute("Path", Path.Combine(folder, "src", name, $"{name}.csproj"))));
        var solution = Path.Combine(_folder.FullName, $"{Path.GetFileName(folder)}.slnx");
        await File.WriteAllTextAsync(solution, new XElement("Solution", projects).ToString());
        await DotnetAsync(folder, ["pack", solution, "-c", Configuration, "-p:Images=true", "-nodeReuse:false", .. arguments]);
    }

    private async Task InstallAsync(string name, string module)
    {
        using var package = await ZipFile.OpenReadAsync(PackageOf(Packages, name));
        string[] made = ["_rels/", "package/", "[Content_Types].xml", $"{name}.nuspec"];
        foreach (var entry in package.Entries.Where(entry => !made.Any(part => entry.FullName.StartsWith(part, StringComparison.Ordinal))))
        {
            var path = Path.Combine(module, entry.FullName);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await entry.ExtractToFileAsync(path);
        }
    }

    /// <summary>Runs `dotnet` to its end, which must be a good one.</summary>
    public static async Task DotnetAsync(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        // What the SDK that runs the tests tells its own processes.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("MSBuild", StringComparison.OrdinalIgnoreCase)).ToList())
            start.Environment.Remove(name);
        using var process = Process.Start(start)!;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(_patience);
        var error = process.StandardError.ReadToEndAsync(limit.Token);
        var output = await process.StandardOutput.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        Assert.True(process.ExitCode == 0, $"dotnet {string.Join(' ', arguments)}: {output}{await error}");
    }

    /// <summary>A folder and what is in it, without what builds make.</summary>
    public static void Copy(DirectoryInfo folder, string destination)
    {
        Directory.CreateDirectory(destination);
        foreach (var file in folder.EnumerateFiles())
            file.CopyTo(Path.Combine(destination, file.Name));
        foreach (var inner in folder.EnumerateDirectories().Where(inner => inner.Name is not ("bin" or "obj" or "out" or "tests" or "TestResults")))
            Copy(inner, Path.Combine(destination, inner.Name));
    }
}

/// <summary>The tests that share one build of the packages.</summary>
[CollectionDefinition(nameof(SharedPackages))]
public sealed class SharedPackages : ICollectionFixture<PackedModule>;
