using System.Collections;
using System.Diagnostics;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Meshia.PowerShell.Tests;

/// <summary>What the packages hold and say.</summary>
[Collection(nameof(SharedPackages))]
public sealed class PackageTests(PackedModule packed)
{
    [Fact]
    public void It_holds_what_users_need_and_nothing_else()
    {
        const string Expected =
            """
            LICENSE
            Meshia.format.ps1xml
            Meshia.psd1
            Meshia.psm1
            Meshia.types.ps1xml
            THIRD-PARTY-NOTICES.txt
            en-US/Meshia.PowerShell.dll-Help.xml
            en-US/about_Meshia.help.txt
            en-US/about_Meshia_Connections.help.txt
            en-US/about_Meshia_RateLimits.help.txt
            en-US/about_Meshia_Runbooks.help.txt
            en-US/about_Meshia_Troubleshooting.help.txt
            en-US/about_Meshia_Webhooks.help.txt
            linux-x64/Meshia.PowerShell.dll
            linux-x64/Meshia.PowerShell.psd1
            linux-x64/dependencies/Meshia.Client.dll
            linux-x64/dependencies/Meshia.Reports.dll
            linux-x64/dependencies/Polly.Core.dll
            net472/Meshia.PowerShell.dll
            net472/Meshia.PowerShell.psd1
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
            net8.0/Meshia.PowerShell.psd1
            net8.0/dependencies/Meshia.Client.dll
            net8.0/dependencies/Meshia.Reports.dll
            net8.0/dependencies/OxyPlot.dll
            net8.0/dependencies/Polly.Core.dll
            net8.0/dependencies/System.IO.Hashing.dll
            net8.0/dependencies/Wcwidth.dll
            sbom.cdx.json
            win-x64/Meshia.PowerShell.dll
            win-x64/Meshia.PowerShell.psd1
            win-x64/dependencies/Meshia.Client.dll
            win-x64/dependencies/Meshia.Reports.dll
            win-x64/dependencies/Polly.Core.dll
            """;

        Assert.Equal(Expected.ReplaceLineEndings("\n"), string.Join('\n', PackedModule.FilesOf(packed.Module)));
    }

    [Fact]
    public void The_sandbox_is_a_module_of_its_own_with_its_service_and_help()
    {
        const string Expected =
            """
            LICENSE
            Meshia.Sandbox.format.ps1xml
            Meshia.Sandbox.psd1
            Meshia.Sandbox.psm1
            Meshia.Sandbox.types.ps1xml
            THIRD-PARTY-NOTICES.txt
            en-US/Meshia.Sandbox.PowerShell.dll-Help.xml
            en-US/about_Meshia_Sandbox.help.txt
            net472/Meshia.Sandbox.PowerShell.dll
            net472/Meshia.Sandbox.PowerShell.psd1
            net8.0/Meshia.Sandbox.PowerShell.dll
            net8.0/Meshia.Sandbox.PowerShell.psd1
            sbom.cdx.json
            service/Dapper.dll
            service/Meshia.Sandbox.deps.json
            service/Meshia.Sandbox.dll
            service/Meshia.Sandbox.runtimeconfig.json
            service/Microsoft.Data.Sqlite.dll
            service/SQLitePCLRaw.batteries_v2.dll
            service/SQLitePCLRaw.core.dll
            service/SQLitePCLRaw.provider.e_sqlite3.dll
            service/System.CommandLine.dll
            service/linux-x64/Dapper.dll
            service/linux-x64/Meshia.Sandbox.dll
            service/linux-x64/Meshia.Sandbox.runtimeconfig.json
            service/linux-x64/Microsoft.Data.Sqlite.dll
            service/linux-x64/SQLitePCLRaw.batteries_v2.dll
            service/linux-x64/SQLitePCLRaw.core.dll
            service/linux-x64/SQLitePCLRaw.provider.e_sqlite3.dll
            service/linux-x64/System.CommandLine.dll
            service/linux-x64/libe_sqlite3.so
            service/runtimes/linux-arm/native/libe_sqlite3.so
            service/runtimes/linux-arm64/native/libe_sqlite3.so
            service/runtimes/linux-musl-x64/native/libe_sqlite3.so
            service/runtimes/linux-x64/native/libe_sqlite3.so
            service/runtimes/osx-arm64/native/libe_sqlite3.dylib
            service/runtimes/osx-x64/native/libe_sqlite3.dylib
            service/runtimes/win-arm64/native/e_sqlite3.dll
            service/runtimes/win-x64/native/e_sqlite3.dll
            service/runtimes/win-x86/native/e_sqlite3.dll
            service/win-x64/Dapper.dll
            service/win-x64/Meshia.Sandbox.dll
            service/win-x64/Meshia.Sandbox.runtimeconfig.json
            service/win-x64/Microsoft.Data.Sqlite.dll
            service/win-x64/SQLitePCLRaw.batteries_v2.dll
            service/win-x64/SQLitePCLRaw.core.dll
            service/win-x64/SQLitePCLRaw.provider.e_sqlite3.dll
            service/win-x64/System.CommandLine.dll
            service/win-x64/e_sqlite3.dll
            """;

        Assert.Equal(Expected.ReplaceLineEndings("\n"), string.Join('\n', PackedModule.FilesOf(packed.SandboxModule)));
    }

    [Theory]
    [InlineData("Meshia")]
    [InlineData("Meshia.Client")]
    [InlineData("meshia-sandbox")]
    [InlineData("Meshia.Sandbox")]
    public async Task The_same_source_gives_the_same_bytes_in_another_folder(string name)
    {
        var (here, there) = (await packed.FromAnotherFolderAsync(), packed.Packages);

        Assert.Equal(Hashes(there), Hashes(here));
        Assert.Equal(await HashAsync(PackedModule.PackageOf(there, name)), await HashAsync(PackedModule.PackageOf(here, name)));

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

    [Theory]
    [InlineData("Meshia", "Get-MeshiaSession", "")]
    [InlineData("Meshia.Sandbox", "Start-MeshiaSandbox", "Meshia")]
    public void It_has_the_manifests_version_and_the_tags_by_which_a_gallery_finds_it(string name, string cmdlet, string dependencies)
    {
        using var package = ZipFile.OpenRead(PackedModule.PackageOf(packed.Packages, name));
        using var nuspec = package.GetEntry($"{name}.nuspec")!.Open();
        var metadata = XDocument.Load(nuspec).Root!.Elements().First().Elements().ToDictionary(element => element.Name.LocalName, element => element);
        var module = Path.Combine(packed.Module, "..", name);
        var version = Regex.Match(File.ReadAllText(Path.Combine(module, $"{name}.psd1")), @"ModuleVersion\s+= '(.+)'").Groups[1].Value;

        Assert.Equal(version, metadata["version"].Value);
        Assert.StartsWith(version, FileVersionInfo.GetVersionInfo(Path.Combine(module, "net8.0", $"{name}.PowerShell.dll")).ProductVersion!, StringComparison.Ordinal);
        var tags = metadata["tags"].Value.Split(' ');
        Assert.Subset(tags.ToHashSet(), new HashSet<string> { "PSModule", "PSEdition_Core", "PSEdition_Desktop", "PSIncludes_Cmdlet", $"PSCmdlet_{cmdlet}", $"PSCommand_{cmdlet}" });
        Assert.Equal(ModuleSurface.Of(name).Count(), tags.Count(tag => tag.StartsWith("PSCmdlet_", StringComparison.Ordinal)));
        // The package of the sandbox brings Meshia with it.
        Assert.Equal(
            dependencies.Split(' ', StringSplitOptions.RemoveEmptyEntries),
            (metadata.GetValueOrDefault("dependencies")?.Descendants() ?? []).Select(element => element.Attribute("id")?.Value).OfType<string>().Distinct());
    }

    [Theory]
    [InlineData("Meshia", "Meshia", true)]
    [InlineData("Meshia.Sandbox", "Meshia.Sandbox", true)]
    [InlineData("meshia-sandbox", "Meshia.Sandbox", false)]
    public void It_says_what_the_manifest_says(string package, string module, bool isModule)
    {
        using var session = new ModuleSession();
        var path = Path.Combine(packed.Module, "..", module, $"{module}.psd1");
        var manifest = (Hashtable)Assert.Single(session.Output("Import-PowerShellDataFile -LiteralPath $path", ("path", path))).BaseObject;
        var data = (Hashtable)((Hashtable)manifest["PrivateData"]!)["PSData"]!;
        using var archive = ZipFile.OpenRead(PackedModule.PackageOf(packed.Packages, package));
        using var nuspec = archive.GetEntry($"{package}.nuspec")!.Open();
        var metadata = XDocument.Load(nuspec).Root!.Elements().First().Elements().ToDictionary(element => element.Name.LocalName, element => element);

        // The tool is the service without its cmdlets: the first sentence is about the service.
        var description = (string)manifest["Description"]!;
        Assert.Equal(isModule ? description : description[..(description.IndexOf('.', StringComparison.Ordinal) + 1)], metadata["description"].Value);
        Assert.Equal(((object[])data["Tags"]!).Cast<string>(), metadata["tags"].Value.Split(' ').Where(tag => !tag.StartsWith("PS", StringComparison.Ordinal)));
        Assert.Equal(manifest["ModuleVersion"], metadata["version"].Value);
        Assert.Equal(manifest["Author"], metadata["authors"].Value);
        Assert.Equal(manifest["Copyright"], metadata["copyright"].Value);
        Assert.Equal(data["ProjectUri"], metadata["projectUrl"].Value);
        Assert.Equal(data["ProjectUri"], metadata["repository"].Attribute("url")!.Value);
        Assert.Equal(data["ReleaseNotes"], metadata["releaseNotes"].Value);
        Assert.Equal("MIT", metadata["license"].Value);
    }

    [Fact]
    public void The_client_is_a_library_for_both_frameworks_with_its_documentation()
    {
        using var package = ZipFile.OpenRead(PackedModule.PackageOf(packed.Packages, "Meshia.Client"));

        var files = package.Entries.Select(entry => entry.FullName).ToHashSet();
        Assert.Subset(files, new HashSet<string> { "README.md", "lib/net8.0/Meshia.Client.dll", "lib/net8.0/Meshia.Client.xml", "lib/net472/Meshia.Client.dll", "lib/net472/Meshia.Client.xml" });
    }

    private static async Task<string> HashAsync(string path)
    {
        await using var file = File.OpenRead(path);
        return Convert.ToHexString(await SHA256.HashDataAsync(file));
    }
}
