using System.Management.Automation;
using System.Reflection;

namespace Meshia.PowerShell.Tests;

/// <summary>What a cmdlet declares to write is what it writes: no more, and nothing declared in vain.</summary>
public sealed class OutputTypeTests
{
    /// <summary>Calls of each cmdlet, by parameter set where it declares output by set.</summary>
    private static readonly Dictionary<string, (string Set, string Call)[]> _calls = new()
    {
        ["Add-MeshiaSandboxExperiment"] = [("", "Add-MeshiaSandboxExperiment $own.Id")],
        ["Add-MeshiaSandboxFault"] = [("", "Add-MeshiaSandboxFault session Die")],
        ["Clear-MeshiaSandboxRequest"] = [("", "Clear-MeshiaSandboxRequest")],
        ["Compare-MeshiaExperiment"] = [("", "Compare-MeshiaExperiment $experiments[0], $experiments[1]")],
        ["Connect-Meshia"] = [("", "Connect-Meshia -ApiKey $key -BaseUri $uri -PassThru"), ("", "Connect-Meshia -ApiKey $key -BaseUri $uri")],
        ["ConvertFrom-MeshiaWebhook"] = [("", "ConvertFrom-MeshiaWebhook -Body '{\"event\":\"session.started\",\"session_id\":\"s\"}' -AllowUnverified")],
        ["Disconnect-Meshia"] = [("", "Disconnect-Meshia")],
        ["Export-MeshiaComparison"] = [("", "Compare-MeshiaExperiment $experiments[0], $experiments[1] | Export-MeshiaComparison -Path \"$folder/report.md\" -PassThru")],
        ["Export-MeshiaHistory"] = [("", "$experiments | Export-MeshiaHistory \"$folder/history.html\" -PassThru")],
        ["Export-MeshiaSandboxState"] = [("", "Export-MeshiaSandboxState \"$folder/state.json\"")],
        ["Get-MeshiaArtifact"] = [("", "Get-MeshiaArtifact $experiments[0]")],
        ["Get-MeshiaConnection"] = [("Current", "Get-MeshiaConnection")],
        ["Get-MeshiaExperiment"] = [("", "Get-MeshiaExperiment"), ("", "Get-MeshiaExperiment $experiments[0].Id")],
        ["Get-MeshiaRateLimit"] = [("", "Get-MeshiaRateLimit")],
        ["Get-MeshiaSandbox"] = [("", "Get-MeshiaSandbox")],
        ["Get-MeshiaSandboxDelivery"] = [("", "$null = Register-MeshiaWebhook http://127.0.0.1:1/y session.started; $null = Step-MeshiaSandbox 9; Get-MeshiaSandboxDelivery")],
        ["Get-MeshiaSandboxFault"] = [("", "$null = Add-MeshiaSandboxFault session Die; Get-MeshiaSandboxFault")],
        ["Get-MeshiaSandboxRequest"] = [("", "Get-MeshiaSandboxRequest")],
        ["Get-MeshiaSession"] = [("", "Get-MeshiaSession"), ("", "Get-MeshiaSession $id")],
        ["Get-MeshiaUsage"] = [("", "Get-MeshiaUsage")],
        ["Get-MeshiaWebhook"] = [("", "Get-MeshiaWebhook"), ("", "Get-MeshiaWebhook $webhook.Id")],
        ["Import-MeshiaSandboxState"] = [("", "$file = Export-MeshiaSandboxState \"$folder/state.json\"; $file | Import-MeshiaSandboxState")],
        ["Invoke-MeshiaRequest"] = [("", "Invoke-MeshiaRequest /sessions"), ("", "Invoke-MeshiaRequest /webhooks -Method POST -Body @{ url = 'https://example.com/y'; events = @('session.started') }")],
        ["New-MeshiaSession"] = [("", "New-MeshiaSession new rtx4090")],
        ["Publish-MeshiaComparison"] = [("", "Test-MeshiaExperiment $experiments[0] -Rule @{ loss = '< 1' } | Publish-MeshiaComparison -SummaryPath \"$folder/gate.md\" -Kind Summary")],
        // Nothing comes: what it writes is tested where it receives.
        ["Receive-MeshiaWebhook"] = [],
        ["Register-MeshiaWebhook"] = [("", "Register-MeshiaWebhook http://127.0.0.1:1/z session.stopped"), ("", "Register-MeshiaWebhook http://127.0.0.1:1/z -AllEvents")],
        ["Remove-MeshiaSandboxFault"] = [("", "$null = Add-MeshiaSandboxFault session Die; Remove-MeshiaSandboxFault -All")],
        ["Reset-MeshiaSandbox"] = [("", "Reset-MeshiaSandbox")],
        ["Save-MeshiaArtifact"] = [("", "Get-MeshiaArtifact $experiments[0] | Save-MeshiaArtifact -Destination $folder")],
        ["Select-MeshiaSandbox"] = [("", "Get-MeshiaSandbox | Select-MeshiaSandbox")],
        ["Send-MeshiaSandboxEvent"] = [("", "Send-MeshiaSandboxEvent plan.completed")],
        ["Send-MeshiaWebhook"] = [("", "Send-MeshiaWebhook $receiver")],
        ["Start-MeshiaSandbox"] = [("", "Start-MeshiaSandbox")],
        ["Wait-MeshiaExperiment"] = [("", "$experiments[0] | Wait-MeshiaExperiment")],
        ["Wait-MeshiaSession"] = [("", "Wait-MeshiaSession $id")],
        ["Test-MeshiaExperiment"] = [("", "Test-MeshiaExperiment $experiments[0] -Rule @{ loss = '< 1' }"), ("", "Test-MeshiaExperiment $experiments[0] -Rule @{ loss = '< 1' } -Quiet")],
        ["Step-MeshiaSandbox"] = [("", "Step-MeshiaSandbox 1")],
        ["Stop-MeshiaSandbox"] = [("", "Stop-MeshiaSandbox")],
        ["Stop-MeshiaSession"] = [("", "Stop-MeshiaSession $id -PassThru"), ("", "Stop-MeshiaSession $id")],
        ["Sync-MeshiaExperiment"] = [("", "Sync-MeshiaExperiment \"$folder/history\"")],
        ["Test-MeshiaConnection"] = [("Report", "Test-MeshiaConnection"), ("Quiet", "Test-MeshiaConnection -Quiet")],
        ["Test-MeshiaWebhookSignature"] = [("", "Test-MeshiaWebhookSignature body sha256=00 secret")],
        ["Unregister-MeshiaWebhook"] = [("", "Unregister-MeshiaWebhook $webhook.Id -Confirm:$false")],
        ["Use-MeshiaSession"] = [("", "Use-MeshiaSession -Gpu rtx4090 { param($session) $session }")],
    };

    public static TheoryData<string> Names => ModuleSurface.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public async Task What_is_declared_is_what_is_written(string name)
    {
        await using var sandbox = await LocalSandbox.StartAsync();
        await using var receiver = await ScriptedService.StartAsync(new Reply(200));
        using var time = new Timer(_ => sandbox.Time.Advance(TimeSpan.FromSeconds(0.5)), null, 0, 50);
        var folder = Directory.CreateTempSubdirectory("meshia-output-");
        var id = await sandbox.CreateFinishedSessionAsync();
        using var session = sandbox.Connect();
        session.Output("$experiments = Get-MeshiaExperiment -SessionId $id; $webhook = Register-MeshiaWebhook http://127.0.0.1:1/x session.started", ("id", id), ("folder", folder.FullName), ("key", sandbox.Key), ("uri", sandbox.BaseUri), ("receiver", receiver.Origin));

        // What controls a sandbox needs one of its own kind: a process.
        if (name.Contains("Sandbox", StringComparison.Ordinal) && name != "Start-MeshiaSandbox")
            session.Output("$null = Start-MeshiaSandbox -Connect -StandStill; $own = New-MeshiaSession own rtx4090");

        foreach (var calls in _calls[name].GroupBy(call => call.Set))
        {
            var written = calls.SelectMany(call => session.Output(call.Call)).Select(item => item.BaseObject.GetType()).Distinct();
            var declared = Declared(name, calls.Key).ToList();
            Assert.Equal(declared, written.Select(type => type == typeof(PSCustomObject) ? typeof(PSObject) : declared.Find(candidate => candidate.IsAssignableFrom(type)) ?? type));
        }

        session.Output("Stop-MeshiaSandbox");
        folder.Delete(recursive: true);
    }

    /// <summary>The types declared for a set; void is none.</summary>
    private static IEnumerable<Type> Declared(string name, string set) => ModuleSurface.Cmdlet(name).ImplementingType.GetCustomAttributes<OutputTypeAttribute>()
        .Where(attribute => set.Length == 0 || attribute.ParameterSetName.Contains(set))
        .SelectMany(attribute => attribute.Type)
        .Select(type => type.Type)
        .Where(type => type != typeof(void));
}
