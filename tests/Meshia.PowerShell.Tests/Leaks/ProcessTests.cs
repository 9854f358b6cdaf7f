using System.Text;

namespace Meshia.PowerShell.Tests;

/// <summary>What a process leaves where others can look: command lines, environments, files.</summary>
public sealed class ProcessTests
{
    /// <summary>What tells a process where to keep its files.</summary>
    private static readonly string[] _homes = ["HOME", "USERPROFILE", "TMPDIR", "TEMP", "TMP", "APPDATA", "LOCALAPPDATA", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"];

    [Fact]
    public async Task No_secret_is_in_a_sandboxs_command_line_or_in_a_file_and_no_account_key_in_its_environment()
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
            if ([System.IO.Directory]::Exists("/proc/$($sandbox.ProcessId)")) {
                [System.IO.File]::Copy("/proc/$($sandbox.ProcessId)/cmdline", 'cmdline')
                [System.IO.File]::Copy("/proc/$($sandbox.ProcessId)/environ", 'environ')
            }
            $sandbox
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
            foreach (var file in Directory.GetFiles(shell.Folder, "*", SearchOption.AllDirectories))
            {
                // Its own key is handed to the sandbox there, where only this user can read it.
                if (canary != key || Path.GetFileName(file) != "environ")
                    Assert.True(canary.FindIn(await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken)) is null, $"A secret is in {file}.");
            }
        }

        if (OperatingSystem.IsLinux())
            Assert.Contains("--exit-with-stdin", await File.ReadAllTextAsync(Path.Combine(shell.Folder, "cmdline"), Encoding.UTF8, TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }
}
