using System.Management.Automation;
using System.Security.Cryptography;

namespace Meshia.PowerShell.Tests;

/// <summary>The pipeline of the README, and where its files go.</summary>
public sealed class ChainTests : IDisposable
{
    private const string Chain = "Get-MeshiaSession -Status running | Get-MeshiaExperiment | Get-MeshiaArtifact | Save-MeshiaArtifact -Destination";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("meshia-chain-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task All_files_of_all_running_sessions_arrive_whole_below_the_current_location()
    {
        await using var sandbox = await LocalSandbox.StartAsync();
        var stopped = await sandbox.CreateFinishedSessionAsync("stopped");
        await sandbox.CreateFinishedSessionAsync("one");
        await sandbox.CreateFinishedSessionAsync("two");
        using var session = At(_folder.FullName, sandbox);
        session.Output("Stop-MeshiaSession $id", ("id", stopped));
        var announced = session.Output("Get-MeshiaSession -Status running | Get-MeshiaExperiment | Get-MeshiaArtifact");

        var saved = session.Output($"{Chain} ./out");

        var files = Directory.GetFiles(_folder.FullName, "*", SearchOption.AllDirectories).Where(file => Path.GetFileName(file) != ".meshia-artifacts").ToList();
        Assert.NotEmpty(announced);
        Assert.Equal(announced.Select(artifact => Property(artifact, "Id")), saved.Select(file => Property(file, "ArtifactId")));
        Assert.Equal(files.Order(), saved.Select(file => Property(file, "Path")).Order());
        Each.Of(saved, file => Assert.Equal("Sha256", Property(file, "Verified")));
        foreach (var (artifact, file) in announced.Zip(saved))
        {
            Assert.Equal(Property(artifact, "Sha256"), Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Property(file, "Path")))));
            Assert.Equal(Path.Combine(_folder.FullName, "out", Property(artifact, "ExperimentId"), Property(artifact, "Name")), Property(file, "Path"));
        }
    }

    [Theory]
    [InlineData("./my out")]
    [InlineData("./out [1]")]
    [InlineData("./a*b`c'd")]
    public async Task A_folder_is_taken_by_the_letter(string destination)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() && destination.Contains('*', StringComparison.Ordinal), "Windows has no such folder names.");
        await using var sandbox = await LocalSandbox.StartAsync();
        await sandbox.CreateFinishedSessionAsync();
        using var session = At(_folder.FullName, sandbox);

        var saved = session.Output($"{Chain} $destination", ("destination", destination));

        Assert.NotEmpty(saved);
        Assert.Equal(destination[2..], Assert.Single(_folder.GetDirectories()).Name);
        Each.Of(saved, file => Assert.StartsWith(Path.Combine(_folder.FullName, destination[2..]), Property(file, "Path"), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_location_with_brackets_in_its_name_is_not_a_pattern()
    {
        var here = _folder.CreateSubdirectory("[ab] c");
        _folder.CreateSubdirectory("a c");
        await using var sandbox = await LocalSandbox.StartAsync();
        await sandbox.CreateFinishedSessionAsync();
        using var session = At(here.FullName, sandbox);

        Assert.NotEmpty(session.Output($"{Chain} ."));

        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(_folder.FullName, "a c")));
        Assert.NotEmpty(here.GetDirectories());
    }

    [Fact]
    public async Task A_drive_of_the_session_leads_to_its_folder()
    {
        await using var sandbox = await LocalSandbox.StartAsync();
        await sandbox.CreateFinishedSessionAsync();
        using var session = sandbox.Connect();
        session.Output(
            "$null = $ExecutionContext.SessionState.Drive.New([System.Management.Automation.PSDriveInfo]::new('models', $ExecutionContext.SessionState.Provider.GetOne('FileSystem'), $root, '', $null), 'global')",
            ("root", _folder.FullName));

        var saved = session.Output($"{Chain} models:/out");

        Assert.NotEmpty(saved);
        Each.Of(saved, file => Assert.StartsWith(Path.Combine(_folder.FullName, "out"), Property(file, "Path"), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_location_outside_a_file_system_is_refused()
    {
        await using var sandbox = await LocalSandbox.StartAsync();
        await sandbox.CreateFinishedSessionAsync();
        using var session = At(_folder.FullName, sandbox);

        var result = session.Invoke($"{Chain} variable:/meshia-out");

        Assert.Empty(result.Output);
        Assert.StartsWith("NotAFileSystem,", result.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.False(Directory.Exists("meshia-out"));
        Assert.Empty(_folder.GetFileSystemInfos());
    }

    [Fact]
    public async Task WhatIf_tells_each_file_and_writes_none()
    {
        await using var sandbox = await LocalSandbox.StartAsync();
        await sandbox.CreateFinishedSessionAsync();
        using var session = At(_folder.FullName, sandbox);
        var count = session.Output("Get-MeshiaSession | Get-MeshiaExperiment | Get-MeshiaArtifact").Count;

        var shown = session.Shown($"{Chain} ./out -WhatIf");

        Assert.Equal(count, shown.Split("What if: ").Length - 1);
        Assert.Empty(_folder.GetFileSystemInfos());
    }

    /// <summary>A session whose location is not the directory of its process.</summary>
    private static ModuleSession At(string folder, LocalSandbox sandbox)
    {
        var session = sandbox.Connect();
        session.Output("$null = $ExecutionContext.SessionState.Path.SetLocation([WildcardPattern]::Escape($folder))", ("folder", folder));
        Assert.NotEqual(folder, Environment.CurrentDirectory);
        return session;
    }

    private static string Property(PSObject item, string name) => item.Properties[name].Value.ToString()!;
}
