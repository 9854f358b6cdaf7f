using System.Text;

namespace Meshia.PowerShell.Tests;

/// <summary>What a process leaves where others can look: command lines, environments, files.</summary>
public sealed class ProcessTests
{
    /// <summary>What tells a process where to keep its files.</summary>
    private static readonly string[] _homes = ["HOME", "USERPROFILE", "TMPDIR", "TEMP", "TMP", "APPDATA", "LOCALAPPDATA", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"];

    [Fact]
    public async Task No_secret_is_in_the_command_line_of_a_child_or_in_a_file_and_no_account_key_in_its_environment()
    {
        var (account, key, secret) = (new Canary($"msh_canary_{Guid.NewGuid():N}"), new Canary($"msh_canary_{Guid.NewGuid():N}"), new Canary($"hush-{Guid.NewGuid():N}"));
        using var shell = new ShellProcess();
        // Not where the script looks for them, but where everything is kept that a process keeps.
        var home = Directory.CreateDirectory(Path.Combine(shell.Folder, "home")).FullName;

        var (exitCode, output, error) = await shell.RunAsync(
            """
            param($Key, $Secret)
            # Stands in for SecretManagement: a vault that fails, and tells everything about it.
            function global:Get-SecretVault { [pscustomobject]@{ Name = 'v'; IsDefault = $true } }
            function global:Set-Secret { param($Name, $SecureStringSecret, $Vault, [switch] $Confirm, [switch] $WhatIf) if ($Name -eq 'Meshia-bad') { throw "no $([System.Net.NetworkCredential]::new('', $SecureStringSecret).Password)" } }
            $VerbosePreference = $DebugPreference = 'Continue'
            $sandbox = Start-MeshiaSandbox -ApiKey $Key -Connect -ProvisioningSeconds 0 -ExperimentSeconds 0
            $sandbox
            # The sandbox, and the second process that watches over the session.
            Use-MeshiaSession -Name watched -Gpu rtx4090 {
                foreach ($process in [System.IO.Directory]::Exists('/proc') ? [System.IO.Directory]::GetDirectories('/proc') : @()) {
                    $id = [System.IO.Path]::GetFileName($process)
                    if ($id -notmatch '^\d+$' -or $id -eq $PID) { continue }
                    try { $environment = [System.IO.File]::ReadAllText("$process/environ") } catch { continue }
                    # What this process has started has its environment.
                    if ($environment.Contains($env:MESHIA_CONFIG_PATH)) {
                        [System.IO.File]::WriteAllText("child-$id-cmdline", [System.IO.File]::ReadAllText("$process/cmdline"))
                        [System.IO.File]::WriteAllText("child-$id-environ", $environment)
                    }
                }
            }
            Register-MeshiaWebhook http://localhost:9/ plan.completed -Secret $Secret
            New-MeshiaSession x rtx4090 -Wait | Get-MeshiaExperiment | Get-MeshiaArtifact | Save-MeshiaArtifact -Destination ./out
            Connect-Meshia -ApiKey $Key -BaseUri $sandbox.BaseUri -Save -Profile good
            try { Connect-Meshia -ApiKey $Key -BaseUri $sandbox.BaseUri -Save -Profile bad } catch { $_; $_.Exception.ToString() }
            Disconnect-Meshia
            Stop-MeshiaSandbox
            """,
            start =>
            {
                start.Environment["MESHIA_API_KEY"] = account.Value;
                start.Environment.Remove("MESHIA_NO_GUARD");
                // Without it each process puts a socket and a pipe for debuggers into its folder, and reading a pipe does not end.
                start.Environment["DOTNET_EnableDiagnostics"] = "0";
                foreach (var variable in _homes)
                    start.Environment[variable] = home;
                start.Environment["MESHIA_CONFIG_PATH"] = Path.Combine(shell.Folder, "config");
            },
            key.Value,
            secret.Value);

        Assert.Equal((0, ""), (exitCode, error));
        Assert.True(output.Contains("failed at Set-Secret", StringComparison.Ordinal), output);
        Assert.NotEmpty(Directory.GetFiles(Path.Combine(shell.Folder, "out"), "*", SearchOption.AllDirectories));
        Assert.Contains("good", await File.ReadAllTextAsync(Path.Combine(shell.Folder, "config", "profiles.json"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        foreach (var canary in new[] { account, key, secret })
        {
            Assert.True(canary.FindIn(output) is null, output);
            // PowerShell itself has a socket there, while the guard still ends.
            foreach (var file in Directory.GetFiles(shell.Folder, "*", SearchOption.AllDirectories).Where(file => !Path.GetFileName(file).StartsWith("CoreFxPipe_", StringComparison.Ordinal)))
            {
                // Its own key is handed to the sandbox there, where only this user can read it.
                if (canary != key || !file.EndsWith("-environ", StringComparison.Ordinal) || !(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken)).Contains("MESHIA_SANDBOX_KEY", StringComparison.Ordinal))
                    Assert.True(canary.FindIn(await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken)) is null, $"A secret is in {file}.");
            }
        }

        if (!OperatingSystem.IsLinux())
            return;
        var commands = Directory.GetFiles(shell.Folder, "child-*-cmdline").Select(file => File.ReadAllText(file, Encoding.UTF8)).ToList();
        Assert.Contains(commands, command => command.Contains("--exit-with-stdin", StringComparison.Ordinal));
        Assert.Contains(commands, command => command.Contains("-EncodedCommand", StringComparison.Ordinal));
    }
}
