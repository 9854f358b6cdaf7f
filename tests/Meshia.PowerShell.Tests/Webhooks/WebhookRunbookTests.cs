using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Meshia.PowerShell.Tests;

/// <summary>The runbooks of docs/webhooks.md, run as their platforms run them.</summary>
public sealed class WebhookRunbookTests : IAsyncLifetime
{
    private const string Secret = "s3cret-of-runbook";

    private readonly DateTimeOffset _now = DateTimeOffset.UtcNow;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("meshia-runbook-");
    private LocalSandbox _sandbox = null!;
    private ModuleSession _session = null!;
    private string _experiment = "";

    public async ValueTask InitializeAsync()
    {
        _sandbox = await LocalSandbox.StartAsync();
        await _sandbox.CreateFinishedSessionAsync();
        _session = _sandbox.Connect();
        _experiment = (string)_session.Output("Get-MeshiaExperiment -Status completed")[0].Properties["Id"].Value;
    }

    public async ValueTask DisposeAsync()
    {
        _session.Dispose();
        await _sandbox.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public void Azure_Automation_keeps_the_files_of_an_experiment()
    {
        var data = JsonSerializer.Serialize(new { WebhookName = "w", RequestBody = Body("experiment.completed"), RequestHeader = new Dictionary<string, string> { ["X-Meshia-Signature"] = Sign(Body("experiment.completed")) } });
        _session.Output(
            "function Get-AutomationVariable ($Name) { @{ MeshiaWebhookSecret = $secret; MeshiaApiKey = $key }[$Name] }; $PSDefaultParameterValues = @{ 'Connect-Meshia:BaseUri' = $uri }",
            ("secret", Secret), ("key", _sandbox.Key), ("uri", _sandbox.BaseUri));

        var saved = _session.Output("& $script -WebhookData $data -Destination $folder", ("script", Example("webhook-runbook.ps1")), ("data", data), ("folder", _folder.FullName));

        Assert.NotEmpty(saved);
        Each.Of(saved, file => Assert.True(File.Exists((string)file.Properties["Path"].Value)));
    }

    [Fact]
    public void Azure_Automation_does_nothing_for_a_delivery_that_is_not_signed()
    {
        _session.Output("function Get-AutomationVariable ($Name) { if ($Name -eq 'MeshiaWebhookSecret') { $secret } else { throw 'The key is not to be touched.' } }", ("secret", Secret));

        var result = _session.Invoke("& $script -WebhookData @{ RequestBody = $body; RequestHeader = @{} } -Destination $folder", ("script", Example("webhook-runbook.ps1")), ("body", Body("experiment.completed")), ("folder", _folder.FullName));

        Assert.StartsWith("invalid_signature,", result.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Empty(_folder.EnumerateFileSystemInfos());
    }

    [Theory]
    [InlineData("experiment.completed", true, false, 200, 1)]
    [InlineData("session.stopped", true, false, 200, 0)]
    [InlineData("experiment.completed", false, false, 401, 0)]
    [InlineData("experiment.completed", true, true, 502, 1)]
    public void An_Azure_Function_starts_a_pipeline(string eventType, bool isSigned, bool devOpsFails, int status, int runs)
    {
        _session.Output(
            """
            $global:answers = @(); $global:runs = @()
            function Push-OutputBinding ($Name, $Value) { $global:answers += $Value.StatusCode }
            function Invoke-RestMethod ($Uri, $Method, $Body, $ContentType, $Headers) { $global:runs += $Body; if ($fails) { throw 'no' } }
            function ConvertTo-Json { process { $_.templateParameters.experiment } }
            """,
            ("fails", devOpsFails));

        _session.Invoke(
            "$env:MESHIA_WEBHOOK_SECRET = $secret; & $script -Request ([pscustomobject]@{ RawBody = $body; Body = @{}; Headers = @{ 'x-meshia-signature' = $signature } })",
            ("script", Example("webhook-function/run.ps1")), ("secret", Secret), ("body", Body(eventType)), ("signature", isSigned ? Sign(Body(eventType)) : "sha256=00"));

        Assert.Equal(status, Assert.Single(_session.Output("$global:answers")).BaseObject);
        Assert.Equal(Enumerable.Repeat(_experiment, runs), _session.Output("$global:runs").Select(run => run.BaseObject));
    }

    [Fact]
    public async Task A_service_keeps_the_files_of_each_experiment_that_completes()
    {
        var uri = $"http://127.0.0.1:{Ports.Free()}/meshia";
        var running = Task.Run(
            () => _session.Invoke("$env:MESHIA_WEBHOOK_SECRET = $secret; & $script -Uri $uri -Destination $folder -Count 1", ("script", Example("webhook-service.ps1")), ("secret", Secret), ("uri", uri), ("folder", _folder.FullName)),
            TestContext.Current.CancellationToken);
        using var http = new HttpClient();
        HttpStatusCode status;
        do
        {
            using var content = new StringContent(Body("experiment.completed"));
            content.Headers.Add("X-Meshia-Signature", Sign(Body("experiment.completed")));
            try
            {
                using var answer = await http.PostAsync(uri, content, TestContext.Current.CancellationToken);
                status = answer.StatusCode;
            }
            catch (HttpRequestException)
            {
                status = 0;
                await Task.Delay(50, TestContext.Current.CancellationToken);
            }
        }
        while (status == 0);

        Assert.Equal(HttpStatusCode.OK, status);
        Each.Of((await running).Output, file => Assert.True(File.Exists((string)file.Properties["Path"].Value)));
        Assert.NotEmpty((await running).Output);
    }

    private static string Example(string name) => Path.Combine(Repository.Root, "examples", name);

    private static string Sign(string body) => $"sha256={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), Encoding.UTF8.GetBytes(body)))}";

    private string Body(string eventType) => JsonSerializer.Serialize(new Dictionary<string, object> { ["event"] = eventType, ["timestamp"] = _now, ["session_id"] = "sess_a", ["data"] = new { experiment_id = _experiment } });
}
