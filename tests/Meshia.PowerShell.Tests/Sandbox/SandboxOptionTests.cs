using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Meshia.PowerShell.Tests;

/// <summary>The parameters of Start-MeshiaSandbox and the options of the executable.</summary>
public sealed class SandboxOptionTests : IDisposable
{
    private const string Start = "Start-MeshiaSandbox -ProvisioningSeconds 0 -ExperimentSeconds 0";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("meshia-sandbox-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Each_option_of_the_executable_is_a_parameter()
    {
        var faults = Path.Combine(_folder.FullName, "faults.json");
        File.WriteAllText(faults, """[{"on":"GET /webhooks","effect":"status","status":403}]""");
        var port = Ports.Free();
        using var session = new ModuleSession();
        session.Output(
            $"$sandbox = {Start} -Connect -StoragePort $port -RateLimit 7 -IdleMinutes 10 -WebhookBackoffSeconds 0 -StandStill -StartTime 2030-01-02T03:04:05Z -FaultPath $faults -Strict",
            ("port", port), ("faults", faults));
        try
        {
            Assert.Equal("2030-01-02T03:04:05Z", session.Output("(New-MeshiaSession first rtx4090).CreatedAt.UtcDateTime.ToString('s') + 'Z'").Single().BaseObject);
            Assert.Contains("limit", session.Invoke("Invoke-MeshiaRequest '/sessions?limit=1'").Error.Exception.Message, StringComparison.Ordinal);
            Assert.Contains("403", session.Invoke("Get-MeshiaWebhook").Error.Exception.Message, StringComparison.Ordinal);
            Assert.True(session.Output("[System.Net.Sockets.TcpClient]::new('127.0.0.1', $port).Connected", ("port", port)).Single().BaseObject is true);
        }
        finally
        {
            session.Output("Stop-MeshiaSandbox");
        }
    }

    /// <summary>The cmdlet cannot ask the executable before it runs, so each has its own list of what is valid.</summary>
    [Fact]
    public async Task The_parameters_and_their_ranges_are_the_options_of_the_executable()
    {
        var help = new ProcessStartInfo("dotnet", [typeof(Meshia.Sandbox.SandboxApplication).Assembly.Location, "--help"]) { RedirectStandardOutput = true };
        using var executable = Process.Start(help)!;
        var text = Regex.Replace(await executable.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), @"\n {4,}", " ");
        var options = Regex.Matches(text, @"^ +(--[a-z-]+)(?:.*?From (\S+) to (\S+)\.(?: |$))?", RegexOptions.Multiline)
            .Where(option => option.Groups[1].Value is not ("--key" or "--exit-with-stdin" or "--version"))
            .ToDictionary(option => option.Groups[1].Value, option => $"{option.Groups[2].Value} {option.Groups[3].Value}".Trim());
        using var session = new ModuleSession();

        var parameters = session.Output("""
            $own = [System.Management.Automation.Cmdlet]::CommonParameters + [System.Management.Automation.Cmdlet]::OptionalCommonParameters + 'Connect', 'ApiKey'
            $optionOf = @{ DataPath = '--data'; FaultPath = '--faults'; ListenAddress = '--host'; StandStill = '--clock' }
            foreach ($parameter in (Get-Command Start-MeshiaSandbox).Parameters.Values.Where{ $_.Name -notin $own }) {
                $range = $parameter.Attributes.Where{ $_ -is [ValidateRange] }[0]
                $option = $optionOf[$parameter.Name] ?? '-' + ($parameter.Name -creplace '([A-Z])', '-$1').ToLowerInvariant()
                "$option $($range.MinRange) $($range.MaxRange)".Trim()
            }
            """).Select(parameter => (string)parameter.BaseObject);

        Assert.Contains("--idle-minutes 0.001 1000000", options.Select(option => $"{option.Key} {option.Value}"));
        Assert.Equal(options.Select(option => $"{option.Key} {option.Value}".Trim()).Order(StringComparer.Ordinal), parameters.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void What_the_executable_refuses_is_said_of_the_parameter()
    {
        using var session = new ModuleSession();
        Assert.Contains("-StartTime must be a time like", session.Invoke("Start-MeshiaSandbox -StartTime 1990-01-01").Error.ToString(), StringComparison.Ordinal);
        Assert.Contains("-FaultPath must be a file that can be read.", session.Invoke("Start-MeshiaSandbox -FaultPath $folder", ("folder", _folder.FullName)).Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_sandbox_that_has_ended_is_not_chosen()
    {
        using var session = new ModuleSession();
        var failure = session.Invoke("$other = Start-MeshiaSandbox; $ended = Start-MeshiaSandbox; Stop-MeshiaSandbox $ended.ProcessId; $ended | Select-MeshiaSandbox").Error;
        session.Output("Stop-MeshiaSandbox");
        Assert.Equal("SandboxEnded,Meshia.PowerShell.SelectMeshiaSandbox", failure.FullyQualifiedErrorId);
    }
}
