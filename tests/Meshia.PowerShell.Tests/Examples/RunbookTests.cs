using System.Diagnostics;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Text.RegularExpressions;

namespace Meshia.PowerShell.Tests;

/// <summary>
/// The runbooks of docs/runbooks/, each in a process of its own against a sandbox, with what its platform would give:
/// its variables, its folders, and stand-ins for its commands.
/// </summary>
public sealed class RunbookTests : IAsyncLifetime
{
    private const string Nightly = "stop-idle-sessions.ps1";

    private readonly ShellProcess _shell = new();
    private LocalSandbox _sandbox = null!;
    private string _idle = "";

    public static TheoryData<string, string, string> AzureRunbooks => new()
    {
        { "Stop-IdleMeshiaSession.ps1", "function Get-AutomationPSCredential ([string] $Name) { if ($Name -eq 'MeshiaApiKey') { [pscredential]::new('meshia', $secure) } }", "given to Connect-Meshia" },
        { "Stop-IdleMeshiaSessionByVariable.ps1", "function Get-AutomationVariable ([string] $Name) { if ($Name -eq 'MeshiaApiKey') { $env:SANDBOX_KEY } }", "given to Connect-Meshia" },
        { "Stop-IdleMeshiaSessionByKeyVault.ps1", "function Connect-AzAccount ([switch] $Identity) { 'an account' }; function Get-AzKeyVaultSecret ([string] $VaultName, [string] $Name) { if (\"$VaultName/$Name\" -eq 'contoso-vault/Meshia-default') { [pscustomobject] @{ SecretValue = $secure } } }", "given to Connect-Meshia" },
    };

    public static TheoryData<string> Pages => [.. GuidePage.OfKeys];

    public async ValueTask InitializeAsync()
    {
        _sandbox = await LocalSandbox.StartAsync();
        _idle = await _sandbox.CreateFinishedSessionAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _sandbox.DisposeAsync();
        _shell.Dispose();
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_line_parses_and_names_commands_and_parameters_that_the_module_has(string page)
    {
        using var session = new ModuleSession();
        var commands = session.Output("Get-Command -Module Meshia").Select(command => (CommandInfo)command.BaseObject).ToDictionary(command => command.Name, StringComparer.OrdinalIgnoreCase);

        foreach (var block in new GuidePage(page).Blocks("powershell"))
        {
            foreach (var call in GuidePage.Parse(block).FindAll(ast => ast is CommandAst, searchNestedScriptBlocks: true).Cast<CommandAst>())
            {
                if (call.GetCommandName() is not { } name || !Regex.IsMatch(name, "^[A-Za-z]+-Meshia[A-Za-z]*$") || name == "Stop-IdleMeshiaSession")
                    continue;
                Assert.True(commands.TryGetValue(name, out var command), $"{page}: there is no {name}.");
                foreach (var parameter in call.CommandElements.OfType<CommandParameterAst>())
                    Assert.True(command.Parameters.ContainsKey(parameter.ParameterName), $"{page}: {name} has no -{parameter.ParameterName}.");
            }
        }
    }

    [Theory]
    [MemberData(nameof(AzureRunbooks))]
    public async Task Azure_Automation_runs_it_with_its_assets(string file, string assets, string source)
    {
        var runbook = Write(file, new GuidePage("runbooks/azure-automation.md").Named("powershell", file));
        var job = Write("job.ps1", $"$secure = [Net.NetworkCredential]::new('', $env:SANDBOX_KEY).SecurePassword\n{assets}\n. '{runbook}'");

        await AssertRunsAsync(job, _ => { }, source);
    }

    [Theory]
    [InlineData("runbooks/azure-devops.md", "azure-pipelines.yml", "filePath: (.+)", "MESHIA_API_KEY: $(MeshiaApiKey)")]
    [InlineData("runbooks/github-actions.md", ".github/workflows/stop-idle-sessions.yml", "run: ./(.+)", "MESHIA_API_KEY: ${{ secrets.MESHIA_API_KEY }}")]
    public async Task A_pipeline_runs_it_from_the_checkout_with_the_key_in_its_environment(string page, string pipeline, string path, string variable)
    {
        var guide = new GuidePage(page);
        var definition = guide.Named("yaml", pipeline);
        Assert.Equal(variable, Assert.Single(definition.Split('\n'), line => line.Contains("MESHIA_API_KEY", StringComparison.Ordinal)).Trim());
        // Where the step looks for it, in a checkout that holds the module as the page says.
        var script = Write(Regex.Match(definition, path).Groups[1].Value, guide.Named("powershell", Nightly));
        var module = _shell.CopyModule();

        await AssertRunsAsync(script, start =>
        {
            ShellProcess.ImportFrom(start, module);
            start.Environment["MESHIA_API_KEY"] = start.Environment["SANDBOX_KEY"];
        }, "from the environment variable MESHIA_API_KEY");
    }

    [Theory]
    [InlineData("$(MeshiaApiKey)", "InvalidEnvironment")]
    [InlineData("", "NotConnected")]
    public async Task A_pipeline_without_its_secret_ends_at_once(string value, string id)
    {
        var script = Write("runbooks/x.ps1", new GuidePage("runbooks/github-actions.md").Named("powershell", Nightly).Replace("Import-Module", "$null =", StringComparison.Ordinal));
        var outer = Write("outer.ps1", $"try {{ & '{script}' }} catch {{ $_.FullyQualifiedErrorId.Split(',')[0] }}");

        using var process = _shell.Start(outer, start => start.Environment["MESHIA_API_KEY"] = value);

        Assert.Equal((0, $"{id}\n", ""), await ShellProcess.EndAsync(process));
    }

    [Fact]
    public async Task Systemd_runs_it_with_a_credential()
    {
        var guide = new GuidePage("runbooks/cron-and-systemd.md");
        var unit = Assert.Single(guide.Blocks("ini"), block => block.Contains("LoadCredential=", StringComparison.Ordinal));
        var name = Regex.Match(unit, "LoadCredential=([^:]+):").Groups[1].Value;
        var file = Path.GetFileName(Regex.Match(unit, "ExecStart=.* -File (.+)").Groups[1].Value);
        var script = Write(file, guide.Named("powershell", file));
        var credentials = Directory.CreateDirectory(Path.Combine(_shell.Folder, "credentials")).FullName;

        await AssertRunsAsync(script, start =>
        {
            // As `tee` leaves it, with the end of its line.
            File.WriteAllText(Path.Combine(credentials, name), start.Environment["SANDBOX_KEY"] + "\n");
            start.Environment["CREDENTIALS_DIRECTORY"] = credentials;
        }, "given to Connect-Meshia");
    }

    [Fact]
    public async Task Cron_runs_its_line_with_the_key_from_a_vault()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There is no cron on Windows.");
        var guide = new GuidePage("runbooks/cron-and-systemd.md");
        Write($"runbooks/{Nightly}", guide.Named("powershell", Nightly));
        var line = Assert.Single(guide.Blocks("crontab").SelectMany(block => block.Split('\n')), text => text.StartsWith("0 3 * * * ", StringComparison.Ordinal))["0 3 * * * ".Length..];
        SaveByHand();
        PutPwshOnPath();
        var log = Path.Combine(_shell.Folder, "stop-idle-sessions.log");

        var well = await RunLineAsync(line, _sandbox.Key);
        Assert.Equal((0, "", ""), well);
        AssertStopped();
        Assert.Contains(_idle, File.ReadAllText(log), StringComparison.Ordinal);

        var dead = await RunLineAsync(line, "msh_key_that_was_revoked");
        Assert.Equal((0, $"stop-idle-sessions failed, see {log}\n", ""), dead);
        Assert.Contains("of profile 'default', from vault 'Vault'.", ShellProcess.Unwrap(File.ReadAllText(log)), StringComparison.Ordinal);
        Assert.DoesNotContain("msh_key_that_was_revoked", File.ReadAllText(log), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_task_of_Windows_runs_it_with_the_key_from_a_vault()
    {
        var script = Write(Nightly, new GuidePage("runbooks/task-scheduler.md").Named("powershell", Nightly));
        SaveByHand();

        await AssertRunsAsync(WithVault($"'{script}'"), start => start.Environment["MESHIA_CONFIG_PATH"] = Path.Combine(_shell.Folder, ".config", "Meshia"), "of profile 'default', from vault 'Vault'");
    }

    /// <summary>Runs a script with the right key, which must stop the idle session; then with a dead one, which must fail and say whose it was.</summary>
    private async Task AssertRunsAsync(string script, Action<ProcessStartInfo> platform, string source)
    {
        using (var well = Start(script, platform, _sandbox.Key))
        {
            var (exitCode, output, error) = await ShellProcess.EndAsync(well);
            Assert.Equal((0, ""), (exitCode, error));
            Assert.DoesNotContain(_sandbox.Key, output, StringComparison.Ordinal);
        }

        AssertStopped();

        using var dead = Start(script, platform, "msh_key_that_was_revoked");
        var (failed, _, message) = await ShellProcess.EndAsync(dead);
        Assert.Equal(1, failed);
        Assert.Contains($"{source}.", ShellProcess.Unwrap(message), StringComparison.Ordinal);
        Assert.DoesNotContain("msh_key_that_was_revoked", message, StringComparison.Ordinal);
    }

    private Process Start(string script, Action<ProcessStartInfo> platform, string key) => _shell.Start(script, start =>
    {
        start.Environment["SANDBOX_KEY"] = key;
        start.Environment["MESHIA_BASE_URI"] = _sandbox.BaseUri.AbsoluteUri;
        platform(start);
    });

    private void AssertStopped()
    {
        _sandbox.Time.Advance(TimeSpan.FromMinutes(1));
        using var session = _sandbox.Connect();
        Assert.Equal("stopped", Assert.Single(session.Output("Get-MeshiaSession $id", ("id", _idle))).Properties["Status"].Value);
    }

    /// <summary>The profile as docs/connections.md shows the file, for the account whose home is this test's folder.</summary>
    private void SaveByHand()
    {
        var file = Assert.Single(new GuidePage("connections.md").Blocks("json"))
            .Replace("\"work\"", "\"default\"", StringComparison.Ordinal)
            .Replace("Meshia-work", "Meshia-default", StringComparison.Ordinal)
            .Replace("https://run.meshia.io/api/v1", _sandbox.BaseUri.AbsoluteUri, StringComparison.Ordinal);
        Write(".config/Meshia/profiles.json", file);
    }

    /// <summary>A script that has SecretManagement's stand-ins, and the sandbox's key in the vault of the page.</summary>
    private string WithVault(string script) => Write("with-vault.ps1", $"""
        . '{Account.StandIn}'
        Register-SecretVault Vault Microsoft.PowerShell.SecretStore
        Set-Secret Meshia-default $env:SANDBOX_KEY Vault
        & {script}
        """);

    /// <summary>Puts a <c>pwsh</c> on the path that is the pinned one.</summary>
    private void PutPwshOnPath()
    {
        var script = WithVault("$args[0]");
        var pwsh = Write("bin/pwsh", $"""
            #!/bin/sh
            [ "$1 $2 $3" = "-NoProfile -NonInteractive -File" ] || exit 64
            exec dotnet exec '{Pwsh.Library}' -NoProfile -NonInteractive -File '{script}' "$4"

            """);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(pwsh, UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }

    /// <summary>As cron does: by sh, with little more than a home.</summary>
    private async Task<(int ExitCode, string Output, string Error)> RunLineAsync(string line, string key)
    {
        using var process = Start("", start =>
        {
            start.FileName = "/bin/sh";
            start.ArgumentList.Clear();
            start.ArgumentList.Add("-c");
            start.ArgumentList.Add(line);
            start.Environment.Remove("MESHIA_CONFIG_PATH");
            start.Environment.Remove("XDG_CONFIG_HOME");
            start.Environment["HOME"] = _shell.Folder;
            start.Environment["PATH"] = $"{Path.Combine(_shell.Folder, "bin")}:{Environment.GetEnvironmentVariable("PATH")}";
        }, key);
        return await ShellProcess.EndAsync(process);
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(_shell.Folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }
}
