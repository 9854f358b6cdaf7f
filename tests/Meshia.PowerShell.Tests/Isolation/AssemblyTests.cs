using System.Diagnostics;
using System.Management.Automation;
using System.Runtime.Loader;

namespace Meshia.PowerShell.Tests;

/// <summary>
/// What Meshia brings along is seen by nobody else, and what others bring along is not seen by Meshia. Each test has a
/// process of its own, since what is loaded stays loaded.
/// </summary>
public sealed class AssemblyTests
{
    /// <summary>Lists what is loaded, as lines of: when, load context, assembly, version, file.</summary>
    private const string Loaded = """
        function Show-Loaded($When) {
            foreach ($assembly in [AppDomain]::CurrentDomain.GetAssemblies()) {
                $context = [System.Runtime.Loader.AssemblyLoadContext]::GetLoadContext($assembly)
                "$When|$($context.Name)|$($assembly.GetName().Name)|$($assembly.GetName().Version)|$($assembly.Location)"
            }
        }

        """;

    /// <summary>Asks the service for what needs every dependency: a list, an object, and a request that is refused.</summary>
    private const string Story = """
        $ErrorActionPreference = 'Stop'
        "type $([Meshia.Session].Name)"
        $session = Get-MeshiaSession
        "session $($session.Name) $((Get-MeshiaSession $session.Id).Status)"
        $experiments = Get-MeshiaExperiment -SessionId $session.Id
        $comparison = Compare-MeshiaExperiment $experiments[0], $experiments[1]
        "compared $($comparison.Experiments.Count)"
        "exported $(($comparison | Export-MeshiaComparison report.html -Force -PassThru).Name)"
        $saved = Get-MeshiaArtifact $experiments[0].Id | Save-MeshiaArtifact -Destination files
        "saved $(@($saved.Where({ $_.Verified -eq 'Sha256' })).Count -gt 0)"
        try { Get-MeshiaSession sess_none } catch { $_.FullyQualifiedErrorId }

        """;

    private static readonly string[] _told = ["type Session", "session run running", "compared 2", "exported report.html", "saved True", "session_not_found,Meshia.PowerShell.GetMeshiaSession"];

    /// <summary>Older, newer, and the very same one: libraries keep their version from release to release, as Polly 8 does.</summary>
    public static TheoryData<string?> OtherVersions => new("1.0.0.0", "99.0.0.0", null);

    [Fact]
    public async Task Import_loads_no_dependency_and_the_first_request_loads_them_apart()
    {
        var lines = await RunAsync(Loaded + "Import-Module Meshia\nShow-Loaded imported\n$null = Connect-Meshia -BaseUri $env:MESHIA_BASE_URI\nShow-Loaded connected\n" + Story + "Show-Loaded used");

        var loaded = lines.Select(line => line.Split('|')).Where(line => line.Length == 5)
            .Select(line => (When: line[0], Context: line[1], Name: line[2], IsOurs: line[4].StartsWith(ModuleSession.ModulePath, StringComparison.Ordinal)))
            .Where(line => line.IsOurs || DecoyModule.Assemblies.Contains(line.Name))
            .ToList();
        (string, string)[] own = [("Default", "Meshia.PowerShell"), ("Meshia", "Meshia.Client")];
        Assert.Equal(own, Of("imported"));
        // What a stop needs is loaded before anything costs money: the module's folder may be replaced meanwhile.
        IEnumerable<(string, string)> all = [.. own, ("Meshia", "Meshia.Reports"), .. DecoyModule.Assemblies.Select(name => ("Meshia", name))];
        Assert.Equal(all, Of("connected"));
        Assert.Equal(all, Of("used"));

        IEnumerable<(string Context, string Name)> Of(string when) => loaded.Where(line => line.When == when).Select(line => (line.Context, line.Name)).Order();
    }

    [Theory]
    [MemberData(nameof(OtherVersions))]
    public Task Another_version_that_was_loaded_before_keeps_working_and_so_does_Meshia(string? version) => RunWithDecoyAsync(
        version,
        decoy => $"Import-Module '{decoy}'\nImport-Module '{ModuleSession.ModulePath}'\n{Story}");

    [Theory]
    [MemberData(nameof(OtherVersions))]
    public Task Another_version_that_is_loaded_between_import_and_first_request_keeps_working_and_so_does_Meshia(string? version) => RunWithDecoyAsync(
        version,
        decoy => $"Import-Module '{ModuleSession.ModulePath}'\nImport-Module '{decoy}'\n{Story}");

    [Theory]
    [MemberData(nameof(OtherVersions))]
    public Task Another_version_that_is_loaded_later_works_and_so_does_Meshia(string? version) => RunWithDecoyAsync(
        version,
        decoy => $"Import-Module '{ModuleSession.ModulePath}'\n$null = Get-MeshiaSession\nImport-Module '{decoy}'\n{Story}");

    [Fact]
    public async Task The_types_can_be_named_as_soon_as_the_module_is_imported() =>
        Assert.Equal(["Meshia.Session", "Meshia.Artifact", "True"], await RunAsync("Import-Module Meshia; [Meshia.Session].FullName; [Meshia.Artifact].FullName; (Get-MeshiaSession) -is [Meshia.Session]"));

    [Fact]
    public async Task The_half_for_Windows_PowerShell_works_too()
    {
        // The same files under a manifest that picks the other half: no Windows PowerShell runs everywhere.
        using var shell = new ShellProcess();
        var module = Directory.CreateDirectory(Path.Combine(shell.Folder, "module", "Meshia")).FullName;
        foreach (var file in Directory.EnumerateFiles(ModuleSession.ModulePath).Concat(Directory.EnumerateFiles(Path.Combine(ModuleSession.ModulePath, "net472"), "*", SearchOption.AllDirectories)))
        {
            var copy = Path.Combine(module, Path.GetRelativePath(ModuleSession.ModulePath, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        var loader = Path.Combine(module, "Meshia.psm1");
        await File.WriteAllTextAsync(loader, (await File.ReadAllTextAsync(loader, TestContext.Current.CancellationToken)).Replace("'Core'", "'None'", StringComparison.Ordinal).Replace("'Desktop'", "'Core'", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        var loaded = Path.Combine(module, "net472");

        var lines = await RunAsync(shell, $"{Loaded}Import-Module Meshia\n{Story}" + "Show-Loaded used", start => ShellProcess.ImportFrom(start, module));

        Assert.Equal(_told, lines.Where(line => !line.StartsWith("used|", StringComparison.Ordinal)));
        var own = lines.Select(line => line.Split('|')).Where(line => line.Length == 5 && line[4].StartsWith(loaded, StringComparison.Ordinal)).ToList();
        Assert.Equal(["Meshia.PowerShell"], own.Where(line => line[1] == "Default").Select(line => line[2]));
        Assert.Superset(DecoyModule.Assemblies.Append("Meshia.Client").Append("Meshia.Reports").ToHashSet(), own.Where(line => line[1] != "Default").Select(line => line[2]).ToHashSet());
    }

    [Theory]
    [InlineData("net8.0")]
    [InlineData("net472")]
    public void Its_cmdlets_are_known_before_anything_that_they_need(string half)
    {
        // PowerShell asks for the public types, and only then runs what resolves the rest.
        var context = new AssemblyLoadContext(half, isCollectible: true);

        var types = context.LoadFromAssemblyPath(Path.Combine(ModuleSession.ModulePath, half, "Meshia.PowerShell.dll")).ExportedTypes;

        Assert.Equal(ModuleSurface.Of("Meshia").Count(), types.Count(type => type.IsSubclassOf(typeof(PSCmdlet)) && !type.IsAbstract));
        Assert.Equal(["Meshia.PowerShell"], context.Assemblies.Select(assembly => assembly.GetName().Name));
        context.Unload();
    }

    private static async Task RunWithDecoyAsync(string? version, Func<string, string> script)
    {
        using var shell = new ShellProcess();
        var decoyVersion = version is null ? null : new Version(version);
        var decoy = DecoyModule.Write(shell.Folder, decoyVersion);

        var lines = await RunAsync(
            shell,
            $"$ErrorActionPreference = 'Stop'\n{script(decoy)}{string.Concat(DecoyModule.Assemblies.Select(assembly => $"[{DecoyModule.TypeOf(assembly)}]::Version()\n"))}Get-DecoyJsonVersion",
            _ => { });

        Assert.Equal([.. _told, .. DecoyModule.Assemblies.Append(DecoyModule.Json).Select(assembly => DecoyModule.NameOf(assembly, decoyVersion).Version!.ToString())], lines);
    }

    private static async Task<IReadOnlyList<string>> RunAsync(string script)
    {
        using var shell = new ShellProcess();
        return await RunAsync(shell, script, _ => { });
    }

    private static async Task<IReadOnlyList<string>> RunAsync(ShellProcess shell, string script, Action<ProcessStartInfo> change)
    {
        await using var sandbox = await LocalSandbox.StartAsync();
        await sandbox.CreateFinishedSessionAsync();
        var (exitCode, output, error) = await shell.RunAsync(script, start =>
        {
            start.Environment["MESHIA_API_KEY"] = sandbox.Key;
            start.Environment["MESHIA_BASE_URI"] = sandbox.BaseUri.AbsoluteUri;
            change(start);
        });
        Assert.True(exitCode == 0 && error.Length == 0, $"Exit code {exitCode}: {error}{output}");
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
