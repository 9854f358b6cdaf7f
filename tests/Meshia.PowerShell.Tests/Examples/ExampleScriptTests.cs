using System.Diagnostics;
using System.Management.Automation.Language;

namespace Meshia.PowerShell.Tests;

/// <summary>The scripts of examples/, each in a process of its own against a sandbox, in strict mode.</summary>
public sealed class ExampleScriptTests : IAsyncLifetime
{
    private readonly ShellProcess _shell = new();
    private LocalSandbox _sandbox = null!;

    public static TheoryData<string> Scripts => [.. Directory.GetFiles(Folder, "*.ps1", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(Folder, path)).Order(StringComparer.Ordinal)];

    private static string Folder { get; } = Path.Combine(Repository.Root, "examples");

    public async ValueTask InitializeAsync() => _sandbox = await LocalSandbox.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _sandbox.DisposeAsync();
        _shell.Dispose();
    }

    [Theory]
    [MemberData(nameof(Scripts))]
    public void The_index_names_each_and_each_says_what_it_does(string script)
    {
        ArgumentNullException.ThrowIfNull(script);
        var tree = Parser.ParseFile(Path.Combine(Folder, script), out _, out var errors);

        Assert.Empty(errors);
        Assert.Contains($"]({script.Split('/', '\\')[0]})", File.ReadAllText(Path.Combine(Folder, "README.md")), StringComparison.Ordinal);
        if (!script.StartsWith("webhook-function", StringComparison.Ordinal))
            Assert.NotEmpty(tree.GetHelpContent().Synopsis);
    }

    [Fact]
    public async Task A_sweep_tells_what_is_as_good_and_stops_its_sessions()
    {
        await _sandbox.CreateFinishedSessionAsync("other");
        var baseline = Ids("Get-MeshiaExperiment -Status completed")[0];

        var outcome = await RunAsync("nightly-sweep.ps1", $"-Baseline {baseline} -Repo github:user/wide, github:user/deep -ReportPath report.html -Metric loss -MaxRegression 1000%", isTimeMoving: true);

        Assert.True(outcome.ExitCode == 0, outcome.Error);
        Assert.Contains("Wait-MeshiaExperiment", outcome.Error, StringComparison.Ordinal);
        Assert.Equal(2, Ids("Get-MeshiaSession -Name nightly-*-?").Count);
        Assert.Empty(Ids("Get-MeshiaSession -Name nightly-* -Status provisioning, running"));
        Assert.Single(Ids("Get-MeshiaSession -Status running"));
        Assert.Contains("<!DOCTYPE html>", File.ReadAllText(Path.Combine(_shell.Folder, "report.html")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sweep_that_is_not_as_good_fails_and_stops_its_sessions()
    {
        await _sandbox.CreateFinishedSessionAsync("other");
        var baseline = Ids("Get-MeshiaExperiment -Status completed")[0];

        var outcome = await RunAsync("nightly-sweep.ps1", $"-Baseline {baseline} -Repo github:user/wide -Metric none", isTimeMoving: true);

        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains($"experiments that completed is as good as {baseline}.", ShellProcess.Unwrap(outcome.Error), StringComparison.Ordinal);
        Assert.Empty(Ids("Get-MeshiaSession -Name nightly-* -Status provisioning, running"));
    }

    [Fact]
    public async Task A_sweep_that_takes_too_long_fails_and_stops_its_sessions()
    {
        var outcome = await RunAsync("nightly-sweep.ps1", "-Baseline exp_a -Repo github:user/wide, github:user/deep -TimeoutSeconds 1");

        Assert.Equal(2, outcome.ExitCode);
        Assert.Equal(2, Ids("Get-MeshiaSession -Name nightly-*").Count);
        Assert.Empty(Ids("Get-MeshiaSession -Name nightly-* -Status provisioning, running"));
    }

    [Fact]
    public async Task Only_old_sessions_are_stopped_but_for_those_that_are_to_stay()
    {
        foreach (var name in new[] { "old", "prod-1", "shared" })
            await _sandbox.CreateFinishedSessionAsync(name);

        Assert.Equal((0, "", ""), await RunAsync("stop-old-sessions.ps1", "-OlderThanHours 1"));
        var (_, would, _) = await RunAsync("stop-old-sessions.ps1", "-OlderThanHours 0 -Exclude prod-*, shared -WhatIf");
        Assert.Contains("What if:", would, StringComparison.Ordinal);
        Assert.Equal(3, Ids("Get-MeshiaSession -Status running").Count);

        var (exitCode, output, error) = await RunAsync("stop-old-sessions.ps1", "-OlderThanHours 0 -Exclude prod-*, shared");
        _sandbox.Time.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal((0, ""), (exitCode, error));
        Assert.Contains("old", output, StringComparison.Ordinal);
        Assert.Equal(Ids("Get-MeshiaSession -Name prod-1, shared"), Ids("Get-MeshiaSession -Status running"));
    }

    [Fact]
    public async Task A_mirror_has_a_folder_for_each_experiment_and_fetches_nothing_twice()
    {
        await _sandbox.CreateFinishedSessionAsync("llama-1");
        await _sandbox.CreateFinishedSessionAsync("other");
        var experiments = Ids("Get-MeshiaSession -Name llama-* | Get-MeshiaExperiment -Status completed");

        var (exitCode, _, error) = await RunAsync("mirror-artifacts.ps1", "-Destination mirror -SessionName llama-*");
        var written = Written();
        await RunAsync("mirror-artifacts.ps1", "-Destination mirror -SessionName llama-*");

        Assert.Equal((0, ""), (exitCode, error));
        Assert.Equal(experiments.Order(), Directory.GetDirectories(Path.Combine(_shell.Folder, "mirror")).Select(Path.GetFileName).Order());
        Each.Of(experiments, experiment => Assert.NotEmpty(Directory.GetFiles(Path.Combine(_shell.Folder, "mirror", experiment))));
        Assert.Equal(written, Written());

        List<DateTime> Written() => [.. Directory.GetFiles(Path.Combine(_shell.Folder, "mirror"), "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(File.GetLastWriteTimeUtc)];
    }

    [Fact]
    public async Task In_parallel_each_session_is_tested()
    {
        await _sandbox.CreateFinishedSessionAsync("one");
        await _sandbox.CreateFinishedSessionAsync("two");

        var (exitCode, output, error) = await RunAsync("parallel.ps1", "-Rule @{ steps = '> 0' }");

        Assert.Equal((0, ""), (exitCode, error));
        Each.Of(Ids("Get-MeshiaExperiment -Status completed"), id => Assert.Contains(id, output, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("-ComputerName build-1")]
    public async Task What_a_job_or_another_computer_found_is_downloaded_here(string where)
    {
        await _sandbox.CreateFinishedSessionAsync();
        var artifacts = Ids("Get-MeshiaSession | Get-MeshiaExperiment -Status completed | Get-MeshiaArtifact");

        var (exitCode, output, error) = await RunAsync("jobs-and-remoting.ps1", $"-Destination found {where} | ForEach-Object {{ \"$($_.ArtifactId) $($_.Verified)\" }}");

        Assert.Equal((0, ""), (exitCode, error));
        Assert.Equal(artifacts.Select(id => $"{id} Sha256").Order(), output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order());
    }

    private List<string> Ids(string script)
    {
        using var session = _sandbox.Connect();
        return [.. session.Output(script).Select(item => (string)item.Properties["Id"].Value)];
    }

    private async Task<(int ExitCode, string Output, string Error)> RunAsync(string script, string arguments, bool isTimeMoving = false)
    {
        using var time = isTimeMoving ? new Timer(_ => _sandbox.Time.Advance(TimeSpan.FromSeconds(1)), null, 0, 50) : null;
        return await _shell.RunAsync(
            $$"""
            Set-StrictMode -Version 3
            # The sandbox's time runs faster than ours.
            function Start-Sleep([int] $Seconds) { Microsoft.PowerShell.Utility\Start-Sleep -Milliseconds ($Seconds * 10) }
            # No other computer is here: a job gives copies of the objects as it does.
            function Invoke-Command([string[]] $ComputerName, [scriptblock] $ScriptBlock) { foreach ($name in $ComputerName) { Start-Job $ScriptBlock | Receive-Job -Wait -AutoRemoveJob } }
            & '{{Path.Combine(Folder, script)}}' {{arguments}}
            if (Test-Path variable:LASTEXITCODE) { exit $LASTEXITCODE }
            """,
            Platform);

        void Platform(ProcessStartInfo start)
        {
            start.Environment["MESHIA_API_KEY"] = _sandbox.Key;
            start.Environment["MESHIA_BASE_URI"] = _sandbox.BaseUri.AbsoluteUri;
        }
    }
}
