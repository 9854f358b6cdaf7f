using System.Diagnostics;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace Meshia.PowerShell.Tests;

/// <summary>The packages where they are installed, and what of them is compiled ahead of time.</summary>
[Collection(nameof(SharedPackages))]
public sealed class PackageUseTests(PackedModule packed)
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task It_uses_what_is_compiled_for_this_system_and_elsewhere_what_runs_everywhere(bool hasSystem)
    {
        var system = RuntimeInformation.RuntimeIdentifier;
        Assert.SkipUnless(Directory.Exists(Path.Combine(packed.Module, system)), $"The package has nothing compiled for {system}.");
        using var shell = new ShellProcess();
        var module = Path.Combine(shell.Folder, "modules", "Meshia");
        PackedModule.Copy(new(packed.Module), module);
        // As if this were a system of which the package knows nothing.
        var loader = Path.Combine(module, "Meshia.psm1");
        if (!hasSystem)
            await File.WriteAllTextAsync(loader, (await File.ReadAllTextAsync(loader, TestContext.Current.CancellationToken)).Replace($"'{system}'", "'other'", StringComparison.Ordinal), TestContext.Current.CancellationToken);

        var (exitCode, output, error) = await shell.RunAsync(
            """
            Import-Module Meshia
            $null = Connect-Meshia -ApiKey msh_0123456789abcdefghij -BaseUri http://127.0.0.1:1/api/v1
            [AppDomain]::CurrentDomain.GetAssemblies().Location | Where-Object { $_ -like '*modules?Meshia?*' } | Sort-Object
            """,
            start => ShellProcess.ImportFrom(start, module));

        string[] compiled = ["Meshia.PowerShell.dll", "dependencies/Meshia.Client.dll", "dependencies/Meshia.Reports.dll", "dependencies/Polly.Core.dll"];
        string[] others = ["dependencies/OxyPlot.dll", "dependencies/System.IO.Hashing.dll", "dependencies/Wcwidth.dll"];
        var expected = compiled.Select(file => $"{(hasSystem ? system : "net8.0")}/{file}").Concat(others.Select(file => $"net8.0/{file}")).Order(StringComparer.Ordinal);
        Assert.Equal((0, ""), (exitCode, error));
        Assert.Equal(expected, output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(path => Path.GetRelativePath(module, path).Replace('\\', '/')).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task What_is_compiled_for_this_system_leaves_little_to_compile_for_a_request()
    {
        // In a Release build, asynchronous methods are structures: .NET compiles one or two of its own methods for each.
        var most = PackedModule.Configuration == "Debug" ? 6 : 45;
        var system = RuntimeInformation.RuntimeIdentifier;
        Assert.SkipUnless(Directory.Exists(Path.Combine(packed.Module, system)), $"The package has nothing compiled for {system}.");

        var methods = await CompiledMethods.OfOneRequestAsync(start => ShellProcess.ImportFrom(start, packed.Module));

        Assert.InRange(CompiledMethods.OfModule(methods).Count, 1, most);
    }

    [Fact]
    public async Task One_request_compiles_at_most_800_methods_in_a_PowerShell_that_is_compiled_as_its_releases_are()
    {
        var system = RuntimeInformation.RuntimeIdentifier;
        Assert.SkipUnless(Directory.Exists(Path.Combine(packed.Module, system)), $"The package has nothing compiled for {system}.");

        // PowerShell compiles more while it writes its caches.
        await CompiledMethods.OfOneRequestAsync(Configure);
        var methods = await CompiledMethods.OfOneRequestAsync(Configure);

        TestContext.Current.TestOutputHelper!.WriteLine($"{methods.Count} methods");
        Assert.InRange(methods.Count, 250, 800);

        void Configure(ProcessStartInfo start) => ShellProcess.ImportFrom(start, packed.Module);
    }

    /// <summary>What the pages say: from the folder of packages as it is, with the repository named.</summary>
    [Fact]
    public async Task It_is_installed_updated_and_uninstalled_from_a_folder_of_packages()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "PSResourceGet installs into the documents of the user.");
        using var shell = new ShellProcess();
        var newer = Directory.CreateDirectory(Path.Combine(shell.Folder, "newer")).FullName;
        MakeNewer(PackedModule.PackageOf(packed.Packages, "Meshia"), newer);

        var (exitCode, output, error) = await shell.RunAsync(
            """
            param($Packages, $Newer)
            $ErrorActionPreference = 'Stop'
            Register-PSResourceRepository -Name MeshiaBuild -Uri $Packages -Trusted
            Install-PSResource -Name Meshia, Meshia.Sandbox -Repository MeshiaBuild
            Get-InstalledPSResource | ForEach-Object { "$($_.Name) $($_.Version)" }
            (Find-PSResource -Name Meshia -Repository MeshiaBuild).Includes.Cmdlet -contains 'Get-MeshiaSession'
            $null = Start-MeshiaSandbox -Connect -ProvisioningSeconds 0
            (New-MeshiaSession installed rtx4090 -Wait).Status
            Stop-MeshiaSandbox
            Set-PSResourceRepository -Name MeshiaBuild -Uri $Newer
            Update-PSResource -Name Meshia -Repository MeshiaBuild
            (Get-InstalledPSResource Meshia).Version | Sort-Object | ForEach-Object { "$_" }
            Uninstall-PSResource -Name Meshia.Sandbox, Meshia -Version *
            @(Get-Module Meshia* -ListAvailable).Count
            """,
            start =>
            {
                start.Environment["HOME"] = shell.Folder;
                start.Environment.Remove("XDG_DATA_HOME");
                start.Environment.Remove("PSModulePath");
            },
            packed.Packages, newer);

        Assert.Equal((0, "Meshia 0.1.0\nMeshia.Sandbox 0.1.0\nTrue\nrunning\n0.1.0\n99.0.0\n0\n", ""), (exitCode, output, error));
    }

    [Fact]
    public async Task What_is_installed_works_with_its_sandbox_and_help()
    {
        using var shell = new ShellProcess();

        var (exitCode, output, error) = await shell.RunAsync(
            """
            $null = Start-MeshiaSandbox -Connect -Seed 42 -ProvisioningSeconds 0
            (New-MeshiaSession packed rtx4090 -Wait).Status
            (Get-Command Get-MeshiaSession).Module.ModuleBase
            (Get-Help about_Meshia_Sandbox) -match 'no bill'
            Stop-MeshiaSandbox
            """,
            start => ShellProcess.ImportFrom(start, packed.Module));

        Assert.Equal((0, $"running\n{packed.Module}\nTrue\n", ""), (exitCode, output, error));
    }

    [Fact]
    public async Task The_sandbox_installs_as_a_tool_that_runs()
    {
        var folder = Directory.CreateTempSubdirectory("meshia-tool-");
        try
        {
            // No other source.
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "nuget.config"), $"<configuration><packageSources><clear /><add key=\"packed\" value=\"{packed.Packages}\" /></packageSources></configuration>", TestContext.Current.CancellationToken);
            await PackedModule.DotnetAsync(folder.FullName, "tool", "install", "meshia-sandbox", "--tool-path", folder.FullName, "--no-http-cache");

            using var process = Process.Start(new ProcessStartInfo(Path.Combine(folder.FullName, "meshia-sandbox"), ["--version"]) { RedirectStandardOutput = true })!;
            var version = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);

            Assert.Equal(0, process.ExitCode);
            Assert.StartsWith(typeof(Meshia.Sandbox.SandboxApplication).Assembly.GetName().Version!.ToString(3), version, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>The package as the next version would be.</summary>
    private static void MakeNewer(string package, string folder)
    {
        var path = Path.Combine(folder, "Meshia.99.0.0.nupkg");
        File.Copy(package, path);
        using var archive = ZipFile.Open(path, ZipArchiveMode.Update);
        foreach (var (name, pattern) in new[] { ("Meshia.nuspec", "(?<=<version>)[^<]+"), ("Meshia.psd1", @"(?<=ModuleVersion\s+= ')[^']+") })
        {
            using var stream = archive.GetEntry(name)!.Open();
            var text = Regex.Replace(new StreamReader(stream).ReadToEnd(), pattern, "99.0.0");
            stream.SetLength(0);
            stream.Write(Encoding.UTF8.GetBytes(text));
        }
    }
}
