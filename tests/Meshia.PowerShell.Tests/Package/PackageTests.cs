using System.Diagnostics;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Meshia.PowerShell.Tests;

public sealed class PackageTests(PackedModule packed) : IClassFixture<PackedModule>
{
    [Fact]
    public void It_holds_what_users_need_and_nothing_else()
    {
        const string Expected =
            """
            LICENSE
            Meshia.format.ps1xml
            Meshia.psd1
            Meshia.types.ps1xml
            THIRD-PARTY-NOTICES.txt
            en-US/Meshia.PowerShell.dll-Help.xml
            en-US/about_Meshia.help.txt
            en-US/about_Meshia_Connections.help.txt
            en-US/about_Meshia_RateLimits.help.txt
            en-US/about_Meshia_Runbooks.help.txt
            en-US/about_Meshia_Sandbox.help.txt
            en-US/about_Meshia_Troubleshooting.help.txt
            en-US/about_Meshia_Webhooks.help.txt
            net472/Meshia.PowerShell.dll
            net472/dependencies/Meshia.Client.dll
            net472/dependencies/Meshia.Reports.dll
            net472/dependencies/Microsoft.Bcl.AsyncInterfaces.dll
            net472/dependencies/Microsoft.Bcl.TimeProvider.dll
            net472/dependencies/OxyPlot.dll
            net472/dependencies/Polly.Core.dll
            net472/dependencies/System.Buffers.dll
            net472/dependencies/System.ComponentModel.Annotations.dll
            net472/dependencies/System.IO.Hashing.dll
            net472/dependencies/System.Memory.dll
            net472/dependencies/System.Numerics.Vectors.dll
            net472/dependencies/System.Runtime.CompilerServices.Unsafe.dll
            net472/dependencies/System.Text.Encodings.Web.dll
            net472/dependencies/System.Text.Json.dll
            net472/dependencies/System.Threading.Tasks.Extensions.dll
            net472/dependencies/System.ValueTuple.dll
            net472/dependencies/Wcwidth.dll
            net8.0/Meshia.PowerShell.dll
            net8.0/dependencies/Meshia.Client.dll
            net8.0/dependencies/Meshia.Reports.dll
            net8.0/dependencies/OxyPlot.dll
            net8.0/dependencies/Polly.Core.dll
            net8.0/dependencies/System.IO.Hashing.dll
            net8.0/dependencies/Wcwidth.dll
            sandbox/Dapper.dll
            sandbox/Meshia.Sandbox.deps.json
            sandbox/Meshia.Sandbox.dll
            sandbox/Meshia.Sandbox.runtimeconfig.json
            sandbox/Microsoft.Data.Sqlite.dll
            sandbox/SQLitePCLRaw.batteries_v2.dll
            sandbox/SQLitePCLRaw.core.dll
            sandbox/SQLitePCLRaw.provider.e_sqlite3.dll
            sandbox/System.CommandLine.dll
            sandbox/runtimes/linux-arm/native/libe_sqlite3.so
            sandbox/runtimes/linux-arm64/native/libe_sqlite3.so
            sandbox/runtimes/linux-musl-x64/native/libe_sqlite3.so
            sandbox/runtimes/linux-x64/native/libe_sqlite3.so
            sandbox/runtimes/osx-arm64/native/libe_sqlite3.dylib
            sandbox/runtimes/osx-x64/native/libe_sqlite3.dylib
            sandbox/runtimes/win-arm64/native/e_sqlite3.dll
            sandbox/runtimes/win-x64/native/e_sqlite3.dll
            sandbox/runtimes/win-x86/native/e_sqlite3.dll
            sbom.cdx.json
            """;

        Assert.Equal(Expected.ReplaceLineEndings("\n"), string.Join('\n', packed.Files));
    }

    [Theory]
    [InlineData("Meshia", "src/Meshia.PowerShell")]
    [InlineData("Meshia.Client", "src/Meshia.Client")]
    [InlineData("meshia-sandbox", "src/Meshia.Sandbox")]
    public async Task The_same_source_gives_the_same_bytes_in_another_folder(string name, string project)
    {
        var folder = Directory.CreateTempSubdirectory("meshia-package-");
        try
        {
            // Laid apart: out/Meshia may be of another configuration.
            var module = Path.Combine(folder.FullName, "module") + Path.DirectorySeparatorChar;
            await PackedModule.DotnetAsync(Repository.Root, "pack", project, "-c", PackedModule.Configuration, "-o", folder.FullName, $"-p:ModuleDirectory={module}", "-nodeReuse:false");

            var (here, there) = (Hashes(folder.FullName), Hashes(packed.Packages));
            Assert.Equal(there, here);
            Assert.Equal(await HashAsync(PackedModule.PackageOf(packed.Packages, name)), await HashAsync(PackedModule.PackageOf(folder.FullName, name)));
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        // Which file it is helps more than that the packages differ.
        SortedDictionary<string, string> Hashes(string packages)
        {
            using var package = ZipFile.OpenRead(PackedModule.PackageOf(packages, name));
            return new(package.Entries.ToDictionary(entry => entry.FullName, entry =>
            {
                using var content = entry.Open();
                return Convert.ToHexString(SHA256.HashData(content));
            }));
        }
    }

    [Fact]
    public void It_has_the_manifests_version_and_the_tags_by_which_a_gallery_finds_it()
    {
        using var package = ZipFile.OpenRead(PackedModule.PackageOf(packed.Packages, "Meshia"));
        using var nuspec = package.GetEntry("Meshia.nuspec")!.Open();
        var metadata = XDocument.Load(nuspec).Root!.Elements().First().Elements().ToDictionary(element => element.Name.LocalName, element => element.Value);
        var version = Regex.Match(File.ReadAllText(Path.Combine(packed.Module, "Meshia.psd1")), @"ModuleVersion\s+= '(.+)'").Groups[1].Value;

        Assert.Equal(version, metadata["version"]);
        Assert.StartsWith(version, FileVersionInfo.GetVersionInfo(Path.Combine(packed.Module, "net8.0", "Meshia.PowerShell.dll")).ProductVersion!, StringComparison.Ordinal);
        var tags = metadata["tags"].Split(' ');
        Assert.Subset(tags.ToHashSet(), new HashSet<string> { "PSModule", "PSEdition_Core", "PSEdition_Desktop", "PSIncludes_Cmdlet", "PSCmdlet_Wait-MeshiaSession", "PSCommand_Wait-MeshiaSession" });
        Assert.Equal(ModuleSurface.Cmdlets.Count, tags.Count(tag => tag.StartsWith("PSCmdlet_", StringComparison.Ordinal)));
        Assert.False(metadata.ContainsKey("dependencies"));
    }

    [Fact]
    public async Task What_is_installed_works_with_its_own_sandbox_and_help()
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
    public void The_client_is_a_library_for_both_frameworks_with_its_documentation()
    {
        using var package = ZipFile.OpenRead(PackedModule.PackageOf(packed.Packages, "Meshia.Client"));

        var files = package.Entries.Select(entry => entry.FullName).ToHashSet();
        Assert.Subset(files, new HashSet<string> { "README.md", "lib/net8.0/Meshia.Client.dll", "lib/net8.0/Meshia.Client.xml", "lib/net472/Meshia.Client.dll", "lib/net472/Meshia.Client.xml" });
    }

    [Fact]
    public async Task The_sandbox_installs_as_a_tool_that_runs()
    {
        var folder = Directory.CreateTempSubdirectory("meshia-tool-");
        try
        {
            // No other source has a say.
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

    private static async Task<string> HashAsync(string path)
    {
        await using var file = File.OpenRead(path);
        return Convert.ToHexString(await SHA256.HashDataAsync(file));
    }
}
