using System.Diagnostics;

namespace Meshia.PowerShell.Tests;

/// <summary>
/// Runs tests/Pester/Connection.Tests.ps1 where PowerShell, Pester and SecretManagement are installed. Where they are not,
/// the tests of vaults ran against stand-ins only, and the reason of the skip says so.
/// </summary>
public sealed class RealVaultTests
{
    private const string StandIns = "Vaults were tested against stand-ins only: ";

    private static readonly string[] _modules = ["Microsoft.PowerShell.SecretManagement", "Microsoft.PowerShell.SecretStore", "Pester"];

    [Fact]
    public async Task The_real_SecretManagement_and_SecretStore_do_what_the_stand_ins_do()
    {
        Assert.SkipWhen(Find("pwsh") is null, $"{StandIns}there is no pwsh on the PATH.");
        var missing = (await RunAsync($"'{string.Join("','", _modules)}' | Where-Object {{ -not (Get-Module -ListAvailable $_ | Where-Object Version -ge $(if ($_ -eq 'Pester') {{ '5.5' }} else {{ '1.0' }})) }}")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.SkipWhen(missing.Length > 0, $"{StandIns}pwsh has no {string.Join(", ", missing)}.");
        TestContext.Current.SendDiagnosticMessage("Vaults are tested against the real SecretManagement and SecretStore.");

        var (exitCode, output) = await RunAsync($"""
            Import-Module Pester -MinimumVersion 5.5
            $configuration = New-PesterConfiguration
            $configuration.Run.Path = '{Path.Combine(Repository.Root, "tests", "Pester", "Connection.Tests.ps1")}'
            $configuration.Run.Exit = $true
            Invoke-Pester -Configuration $configuration
            """);

        Assert.True(exitCode == 0, output);
        TestContext.Current.TestOutputHelper?.WriteLine(output);
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(string script)
    {
        var start = new ProcessStartInfo(Find("pwsh")!, ["-NoProfile", "-NonInteractive", "-Command", script]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.Environment["NO_COLOR"] = "1";
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(10));
        try
        {
            var output = await process.StandardOutput.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return (process.ExitCode, output.ReplaceLineEndings("\n"));
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    private static string? Find(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, OperatingSystem.IsWindows() ? $"{program}.exe" : program))
        .FirstOrDefault(File.Exists);
}
