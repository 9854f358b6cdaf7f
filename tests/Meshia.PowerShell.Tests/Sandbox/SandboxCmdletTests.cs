using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Management.Automation;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Meshia.PowerShell.Tests;

/// <summary>Start- and Stop-MeshiaSandbox with the real child process.</summary>
public sealed class SandboxCmdletTests : IDisposable
{
    private const string Start = "Start-MeshiaSandbox -ProvisioningSeconds 0 -ExperimentSeconds 0";

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(90);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("meshia-sandbox-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Starts_connects_and_stops()
    {
        using var session = new ModuleSession();

        var sandbox = Assert.Single(session.Output($"{Start} -Connect"));
        var id = (int)sandbox.Properties["ProcessId"].Value;
        Assert.Equal("Sandbox", session.Output("(Get-MeshiaConnection).KeySource.ToString()").Single().BaseObject);
        Assert.True(session.Output("Test-MeshiaConnection -Quiet").Single().BaseObject is true);
        Assert.Equal(id.ToString(CultureInfo.InvariantCulture), session.Output("[System.Management.Automation.CommandCompletion]::CompleteInput('Stop-MeshiaSandbox ', 19, $null).CompletionMatches.CompletionText").Single().BaseObject);
        Assert.Empty(session.Output("$sandbox | Stop-MeshiaSandbox", ("sandbox", sandbox)));

        await AssertEndsAsync(id);
        Assert.StartsWith("SandboxNotFound,", session.Invoke("Stop-MeshiaSandbox $id", ("id", id)).Error.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_connect_the_sessions_connection_stays()
    {
        using var session = new ModuleSession();
        session.Connect(new("http://localhost:9/api/v1"));

        session.Output($"$sandbox = {Start}; $sandbox | Stop-MeshiaSandbox");

        Assert.Equal("http://localhost:9/api/v1", session.Output("(Get-MeshiaConnection).BaseUri.AbsoluteUri").Single().BaseObject);
    }

    [Fact]
    public void A_port_and_a_key_are_those_that_were_asked_for()
    {
        var port = Ports.Free();
        using var session = new ModuleSession();

        var result = session.Output(
            $"$sandbox = {Start} -Port $port -ApiKey $key; $sandbox.BaseUri.Port; [System.Net.NetworkCredential]::new('', $sandbox.GetApiKey()).Password; Connect-Meshia $key $sandbox.BaseUri; Test-MeshiaConnection -Quiet; $sandbox | Stop-MeshiaSandbox",
            ("port", port),
            ("key", "msh_mine"));

        Assert.Equal([port, "msh_mine", true], result.Select(item => item.BaseObject));
    }

    [Fact]
    public void A_port_in_use_is_one_clear_error_and_leaves_no_process()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        using var session = new ModuleSession();

        var error = session.Invoke($"{Start} -Port $port", ("port", ((IPEndPoint)taken.LocalEndpoint).Port)).Error;

        Assert.Equal("SandboxNotStarted,Meshia.PowerShell.StartMeshiaSandbox", error.FullyQualifiedErrorId);
        Assert.Contains("address already in use", error.ToString(), StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("   at ", error.ToString(), StringComparison.Ordinal);
        Assert.NotEqual(ErrorCategory.NotInstalled, error.CategoryInfo.Category);
    }

    [Fact]
    public void State_outlives_the_sandbox_in_its_data_path_below_the_current_location()
    {
        using var session = new ModuleSession();
        session.Output("$null = $ExecutionContext.SessionState.Path.SetLocation($folder)", ("folder", _folder.FullName));

        session.Output($"$sandbox = {Start} -Connect -DataPath './my data'; $created = New-MeshiaSession kept rtx4090; $sandbox | Stop-MeshiaSandbox");
        var kept = session.Output($"$sandbox = {Start} -Connect -DataPath './my data'; Get-MeshiaSession; $sandbox | Stop-MeshiaSandbox");

        Assert.Equal(session.Output("$created.Id").Single().BaseObject, Assert.Single(kept).Properties["Id"].Value);
        Assert.Equal(Path.Combine(_folder.FullName, "my data"), session.Output("$sandbox.DataPath").Single().BaseObject);
        Assert.NotEmpty(Directory.GetFiles(Path.Combine(_folder.FullName, "my data")));
    }

    [Fact]
    public void The_same_seed_gives_the_same_ids()
    {
        using var session = new ModuleSession();
        const string Ids = "$sandbox = Start-MeshiaSandbox -ProvisioningSeconds 0 -ExperimentSeconds 0 -Connect -Seed {0}; (New-MeshiaSession x rtx4090 -Wait | Get-MeshiaExperiment).Id; $sandbox | Stop-MeshiaSandbox";

        string[] IdsOf(int seed) => [.. session.Output(Ids.Replace("{0}", seed.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)).Select(id => (string)id.BaseObject)];
        var first = IdsOf(42);

        Assert.NotEmpty(first);
        Assert.Equal(first, IdsOf(42));
        Assert.NotEqual(first, IdsOf(43));
    }

    [Fact]
    public async Task WhatIf_starts_and_stops_nothing()
    {
        using var session = new ModuleSession();
        Assert.Empty(session.Output($"{Start} -WhatIf"));
        var id = (int)session.Output($"($sandbox = {Start} -Connect).ProcessId").Single().BaseObject;

        session.Output("$sandbox | Stop-MeshiaSandbox -WhatIf");

        Assert.True(session.Output("Test-MeshiaConnection -Quiet").Single().BaseObject is true);
        session.Output("$sandbox | Stop-MeshiaSandbox");
        await AssertEndsAsync(id);
    }

    [Fact]
    public async Task It_ends_when_its_owner_is_killed()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS(), "SIGKILL is of Unix; on Windows ends are tested by the sandbox's own tests.");
        using var shell = new ShellProcess();
        using var owner = shell.Start(shell.Write($"({Start}).ProcessId | Out-Host; while ($true) {{ Start-Sleep -Milliseconds 100 }}"));
        var id = int.Parse((await owner.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken))!, CultureInfo.InvariantCulture);
        Assert.False(HasEnded(id));

        owner.Kill();
        await owner.WaitForExitAsync(TestContext.Current.CancellationToken);

        await AssertEndsAsync(id);
    }

    [Fact]
    public async Task It_ends_with_a_script_that_forgets_it()
    {
        using var shell = new ShellProcess();

        var (exitCode, output, error) = await shell.RunAsync($"({Start}).ProcessId");

        Assert.Equal((0, ""), (exitCode, error));
        await AssertEndsAsync(int.Parse(output, CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task Where_dotnet_is_missing_the_error_says_how_to_get_it()
    {
        using var shell = new ShellProcess();

        var (exitCode, output, error) = await shell.RunAsync(
            $$"""
            $env:PATH = $env:DOTNET_ROOT = $env:DOTNET_HOST_PATH = ''
            try { {{Start}} } catch { $_.FullyQualifiedErrorId; $_.CategoryInfo.Category.ToString(); $_.Exception.Message }
            """,
            start =>
            {
                // Not as a child of dotnet, beside which the system looks for dotnet too.
                (start.FileName, start.Environment["DOTNET_ROOT"]) = (Path.ChangeExtension(start.ArgumentList[1], OperatingSystem.IsWindows() ? "exe" : null), Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
                start.ArgumentList.RemoveAt(0);
                start.ArgumentList.RemoveAt(0);
            });

        Assert.Equal((0, ""), (exitCode, error));
        Assert.StartsWith("SandboxNotStarted,Meshia.PowerShell.StartMeshiaSandbox\nNotInstalled\ndotnet was not found.", output, StringComparison.Ordinal);
        Assert.Contains("https://dotnet.microsoft.com/download/dotnet/10.0", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dotnet_in_the_current_folder_is_not_run()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("The planted program is a shell script.");
            return;
        }

        var planted = Path.Combine(_folder.FullName, "dotnet");
        await File.WriteAllTextAsync(planted, $"#!/bin/sh\ntouch '{_folder.FullName}/ran'\nexit 1\n", TestContext.Current.CancellationToken);
        File.SetUnixFileMode(planted, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        using var shell = new ShellProcess();

        var (exitCode, _, error) = await shell.RunAsync(
            $"Set-Location -LiteralPath '{_folder.FullName}'; [Environment]::CurrentDirectory = '{_folder.FullName}'; $env:PATH = '.:' + $env:PATH; ({Start}).ProcessId");

        Assert.Equal((0, "", false), (exitCode, error, File.Exists(Path.Combine(_folder.FullName, "ran"))));
    }

    [Fact]
    public async Task A_detached_sandbox_outlives_its_owner_and_only_a_key_that_was_made_for_it_is_written()
    {
        using var shell = new ShellProcess();
        var folder = Path.Combine(shell.Folder, "state", "sandboxes");

        var (exitCode, output, error) = await shell.RunAsync("(Start-MeshiaSandbox -Detach).ProcessId; (Start-MeshiaSandbox -Detach -ApiKey msh_given_by_a_user_0001).ProcessId");

        Assert.Equal((0, ""), (exitCode, error));
        var ids = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(id => int.Parse(id, CultureInfo.InvariantCulture)).ToList();
        try
        {
            Each.Of(ids, id => Assert.False(HasEnded(id)));
            Assert.Contains("msh_sandbox_", File.ReadAllText(Path.Combine(folder, $"{ids[0]}.json")), StringComparison.Ordinal);
            Assert.DoesNotContain("msh_given", File.ReadAllText(Path.Combine(folder, $"{ids[1]}.json")), StringComparison.Ordinal);
            if (!OperatingSystem.IsWindows())
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(folder, $"{ids[0]}.json")));

            (_, output, error) = await shell.RunAsync("""
                param($made, $given)
                $sandboxes = Get-MeshiaSandbox
                try { Connect-Meshia -Sandbox } catch { $_.FullyQualifiedErrorId }
                Connect-Meshia -Sandbox -BaseUri ($sandboxes | Where-Object ProcessId -EQ $made).BaseUri
                Test-MeshiaConnection -Quiet
                $uri = ($sandboxes | Where-Object ProcessId -EQ $given).BaseUri
                try { Connect-Meshia -Sandbox -BaseUri $uri } catch { $_.FullyQualifiedErrorId }
                Connect-Meshia -Sandbox -BaseUri $uri -ApiKey msh_given_by_a_user_0001
                Test-MeshiaConnection -Quiet
                $sandboxes | Stop-MeshiaSandbox
                @(Get-MeshiaSandbox).Count
                """, null, [.. ids.Select(id => id.ToString(CultureInfo.InvariantCulture))]);

            Assert.Equal(("NoSandbox,Meshia.PowerShell.ConnectMeshia\nTrue\nNoApiKey,Meshia.PowerShell.ConnectMeshia\nTrue\n0\n", ""), (output, error));
            foreach (var id in ids)
                await AssertEndsAsync(id);
            Assert.Empty(Directory.GetFiles(folder));
        }
        finally
        {
            foreach (var id in ids.Where(id => !HasEnded(id)))
                Process.GetProcessById(id).Kill();
        }
    }

    [Fact]
    public async Task The_quick_start_tells_its_whole_story()
    {
        using var shell = new ShellProcess();
        using var process = shell.Start(Path.Combine(ModuleSession.ModulePath, "..", "..", "examples", "quickstart.ps1"), null, "-Destination", "./files");

        var (exitCode, output, error) = await ShellProcess.EndAsync(process);

        Assert.True(exitCode == 0, output + error);
        Assert.Equal("", error);
        Assert.Equal(
            [
                "== Start a sandbox and connect to it",
                "== Create a session and wait until its pod runs",
                "== Read its experiments, until two have completed",
                "== Compare the two",
                "== Download what they made, and verify it",
                "== Register a webhook with a secret made for it; the service pings the address",
                "== Stop the session, which is what ends its cost, and receive the signed event",
                "== Done",
            ],
            output.Split('\n').Where(line => line.StartsWith("==", StringComparison.Ordinal)));
        Assert.Contains("every SHA-256 as announced", output, StringComparison.Ordinal);
        Assert.Matches(@"ping +True *\n.*session\.stopped +True +sess_\w+", output);
        Assert.NotEmpty(Directory.GetFiles(Path.Combine(shell.Folder, "files"), "*", SearchOption.AllDirectories));
    }

    private static async Task AssertEndsAsync(int processId)
    {
        var watch = Stopwatch.StartNew();
        while (!HasEnded(processId))
        {
            Assert.True(watch.Elapsed < _patience, $"Process {processId} goes on.");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    private static bool HasEnded(int processId)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            // One whose owner was killed may wait for somebody to collect it.
            return process.HasExited || (OperatingSystem.IsLinux() && File.ReadAllText($"/proc/{processId}/stat").Contains(") Z ", StringComparison.Ordinal));
        }
        catch (Exception failure) when (failure is ArgumentException or IOException or Win32Exception or InvalidOperationException)
        {
            return true;
        }
    }
}
