using System.Diagnostics;

namespace Meshia.PowerShell.Tests;

/// <summary>The code of the first pages, block by block in one <c>pwsh</c> process, as a person would paste it.</summary>
public sealed class GuideTests : IAsyncLifetime
{
    /// <summary>Replaces the person, the account and the vault. The key that the person types is the key of the sandbox.</summary>
    private const string Before = """
        $ErrorActionPreference = 'Stop'
        $typed = ConvertTo-SecureString $env:SANDBOX_KEY -AsPlainText -Force
        function Read-Host([switch] $AsSecureString, [string] $Prompt) { $typed }
        $PSDefaultParameterValues['Connect-Meshia:BaseUri'] = $env:MESHIA_BASE_URI
        $PSDefaultParameterValues['Start-MeshiaSandbox:ProvisioningSeconds'] = 0

        """;

    private readonly ShellProcess _shell = new();
    private LocalSandbox _sandbox = null!;

    public static TheoryData<string, string> Pages => new() { { "README.md", "." }, { "getting-started.md", "docs" }, { "sandbox.md", "docs" } };

    public async ValueTask InitializeAsync() => _sandbox = await LocalSandbox.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _sandbox.DisposeAsync();
        _shell.Dispose();
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task Every_block_runs_in_pwsh_without_an_error(string name, string folder)
    {
        await _sandbox.CreateFinishedSessionAsync();
        // PackageTests installs from packages.
        var blocks = new GuidePage(name, folder).Blocks("powershell").Where(block => !block.StartsWith("Register-PSResourceRepository", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(blocks);
        var module = _shell.CopyModule("out", withSandbox: true);
        // The page connects to sandboxes of its own.
        var before = name == "sandbox.md" ? $"{Before}$PSDefaultParameterValues.Remove('Connect-Meshia:BaseUri')\n" : Before;
        var script = string.Concat(blocks.Select((block, index) => $"{block}\nWrite-Host 'ran block {index}'\n"));
        using var time = new Timer(_ => _sandbox.Time.Advance(TimeSpan.FromSeconds(0.5)), null, 0, 50);

        var (exitCode, output, error) = await _shell.RunAsync($"{before}. '{Account.StandIn}'\nRegister-SecretVault SecretStore InMemory\n{script}", start =>
        {
            Platform(start);
            ShellProcess.ImportFrom(start, module);
        });

        Assert.True(exitCode == 0, output + error);
        Assert.Equal("", error);
        Assert.Equal(blocks.Select((_, index) => $"ran block {index}"), output.Split('\n').Where(line => line.StartsWith("ran block", StringComparison.Ordinal)));
    }

    [Fact]
    public void The_commands_of_the_readme_name_tasks_of_the_build()
    {
        var commands = new GuidePage("README.md", ".").Lines("dotnet tool exec powershell -y -- ");

        Assert.Equal(["./build.ps1 Pack", "./build.ps1 QuickStart", "./build.ps1 Test"], commands);
        var build = GuidePage.Parse(File.ReadAllText(Path.Combine(Repository.Root, "build.ps1")));
        Each.Of(commands, command => Assert.Contains($"'{command.Split(' ')[1]}'", build.ParamBlock.Extent.Text, StringComparison.Ordinal));
        Assert.Contains($"\"version\": \"{Path.GetFileName(Path.GetFullPath(Path.Combine(Pwsh.Library, "..", "..", "..", "..", "..")))}\"", File.ReadAllText(Path.Combine(Repository.Root, ".config", "dotnet-tools.json")), StringComparison.Ordinal);
    }

    private void Platform(ProcessStartInfo start)
    {
        start.Environment["SANDBOX_KEY"] = start.Environment["MESHIA_API_KEY"] = _sandbox.Key;
        start.Environment["MESHIA_BASE_URI"] = _sandbox.BaseUri.AbsoluteUri;
    }
}
