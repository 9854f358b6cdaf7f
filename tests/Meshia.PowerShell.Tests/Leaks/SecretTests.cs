using System.Management.Automation;
using Microsoft.AspNetCore.Http;

namespace Meshia.PowerShell.Tests;

/// <summary>
/// Neither the key nor a webhook's secret comes out anywhere: every cmdlet, driven through success and every fault at its
/// loudest, against a service that repeats in its errors whatever it was sent.
/// </summary>
public sealed class SecretTests : IDisposable
{
    /// <summary>What drives each cmdlet; most have to fail where the service does.</summary>
    internal static readonly Dictionary<string, string[]> Drives = new()
    {
        ["Connect-Meshia"] =
        [
            "Connect-Meshia -ApiKey ' not a key' -BaseUri $uri",
            "Connect-Meshia -ApiKey \"$key \" -BaseUri $uri",
            "Connect-Meshia -ApiKey $key -BaseUri http://example.com",
            "Connect-Meshia -ApiKey $key -BaseUri \"http://$key@localhost\"",
            "Connect-Meshia -ApiKey $key -BaseUri \"http://${key}@example.com\"",
            "Connect-Meshia -ApiKey $key -BaseUri \"http://example.com/?key=$key\"",
            "Connect-Meshia -ApiKey $key -BaseUri $uri -PassThru",
            "Connect-Meshia -ApiKey (ConvertTo-Secure $key) -BaseUri $uri -MaximumRetryCount $retries -PassThru",
        ],
        ["Get-MeshiaConnection"] = ["Get-MeshiaConnection"],
        ["Get-MeshiaRateLimit"] = ["Get-MeshiaRateLimit"],
        ["Get-MeshiaUsage"] = ["Get-MeshiaUsage -Since 2025-01-01"],
        ["Test-MeshiaExperiment"] = ["Test-MeshiaExperiment exp_2 -Baseline exp_1 -Metric loss, gone -Rule @{ 'eval*' = '< 1' }", "Test-MeshiaExperiment exp_1 -Rule @{ loss = '< 1' } -Quiet"],
        ["Wait-MeshiaExperiment"] = ["Wait-MeshiaExperiment exp_1 -TimeoutSeconds 1"],
        ["Wait-MeshiaSession"] = ["Wait-MeshiaSession sess_1, sess_2 -TimeoutSeconds 1"],
        ["Test-MeshiaConnection"] = ["Test-MeshiaConnection", "Test-MeshiaConnection -Quiet"],
        ["Get-MeshiaSession"] = ["Get-MeshiaSession", "Get-MeshiaSession sess_1"],
        ["New-MeshiaSession"] = ["New-MeshiaSession x rtx4090 -Wait"],
        ["Stop-MeshiaSession"] = ["Stop-MeshiaSession sess_1 -PassThru", "Stop-MeshiaSession -Expired"],
        ["Sync-MeshiaExperiment"] = ["Sync-MeshiaExperiment \"$folder/history\" -IncludeArtifact *"],
        ["Use-MeshiaSession"] = ["Use-MeshiaSession -Gpu rtx4090 -TimeoutSeconds 1 { param($session) $session }"],
        ["Get-MeshiaExperiment"] = ["Get-MeshiaExperiment exp_1", "Get-MeshiaExperiment -SessionId sess_1"],
        ["Compare-MeshiaExperiment"] = ["Compare-MeshiaExperiment exp_1, exp_2"],
        ["Export-MeshiaComparison"] = ["Export-MeshiaComparison \"$folder/report.html\" -InputObject (Compare-MeshiaExperiment exp_1, exp_2 -ErrorAction Stop) -Force -PassThru"],
        ["Export-MeshiaHistory"] = ["Export-MeshiaHistory \"$folder/history.html\" -InputObject (Get-MeshiaExperiment exp_1 -ErrorAction Stop) -Force -PassThru"],
        ["Publish-MeshiaComparison"] = ["Publish-MeshiaComparison (Compare-MeshiaExperiment exp_1, exp_2 -ErrorAction Stop) -SummaryPath \"$folder/gate.md\" -Kind Summary"],
        ["Get-MeshiaArtifact"] = ["Get-MeshiaArtifact exp_1"],
        ["Save-MeshiaArtifact"] = ["Save-MeshiaArtifact art_1 -ExperimentId exp_1 -Destination $folder"],
        ["Get-MeshiaWebhook"] = ["Get-MeshiaWebhook"],
        ["Register-MeshiaWebhook"] =
        [
            "Register-MeshiaWebhook https://your-server.com/hook plan.completed -Secret $secret -Force",
            "Register-MeshiaWebhook https://your-server.com/hook plan.completed -Secret $secret -WhatIf",
        ],
        ["Unregister-MeshiaWebhook"] = ["Unregister-MeshiaWebhook wh_1 -Confirm:$false"],
        ["Invoke-MeshiaRequest"] = ["Invoke-MeshiaRequest /sessions?status=running", "Invoke-MeshiaRequest /sessions?really=1 POST -Body @{ name = 'x' }"],
        ["ConvertFrom-MeshiaWebhook"] =
        [
            "ConvertFrom-MeshiaWebhook -Body '{\"event\":\"ping\"}' -Headers @{ 'X-Meshia-Signature' = 'sha256=00' } -Secret $secret",
            "ConvertFrom-MeshiaWebhook -Body 'no event' -Secret (ConvertTo-Secure $secret)",
        ],
        ["Test-MeshiaWebhookSignature"] = ["Test-MeshiaWebhookSignature '{}' 'sha256=00' $secret"],
        ["Send-MeshiaWebhook"] = ["Send-MeshiaWebhook \"http://127.0.0.1:$port/hook\" -Secret $secret", "Send-MeshiaWebhook $uri experiment.completed -Secret $secret"],
        ["Receive-MeshiaWebhook"] =
        [
            "Receive-MeshiaWebhook http://127.0.0.1:0/ -Secret $secret -Count 1 -TimeoutSeconds 1",
            "Receive-MeshiaWebhook \"http://127.0.0.1:$port/\" -Secret $secret",
            "Receive-MeshiaWebhook https://localhost/ -Secret $secret",
            "Receive-MeshiaWebhook -Secret $secret -AllowUnverified",
        ],
        ["Select-MeshiaSandbox"] =
        [
            "Select-MeshiaSandbox -BaseUri \"http://$key@example.com\" -ApiKey $key",
            "Select-MeshiaSandbox -BaseUri $uri -ApiKey \"$key \"",
            "Select-MeshiaSandbox -BaseUri $uri -ApiKey $key",
        ],
        ["Get-MeshiaSandbox"] = ["Get-MeshiaSandbox", "Get-MeshiaSandbox 1"],
        ["Add-MeshiaSandboxExperiment"] = ["Add-MeshiaSandboxExperiment sess_1"],
        ["Add-MeshiaSandboxFault"] = ["Add-MeshiaSandboxFault * Status"],
        ["Clear-MeshiaSandboxRequest"] = ["Clear-MeshiaSandboxRequest"],
        ["Export-MeshiaSandboxState"] = ["Export-MeshiaSandboxState \"$folder/state.json\" -WhatIf"],
        ["Get-MeshiaSandboxDelivery"] = ["Get-MeshiaSandboxDelivery wh_1"],
        ["Get-MeshiaSandboxFault"] = ["Get-MeshiaSandboxFault", "Get-MeshiaSandboxFault flt_1"],
        ["Get-MeshiaSandboxRequest"] = ["Get-MeshiaSandboxRequest -Method POST"],
        ["Import-MeshiaSandboxState"] = ["Import-MeshiaSandboxState \"$folder/missing.json\""],
        ["Remove-MeshiaSandboxFault"] = ["Remove-MeshiaSandboxFault flt_1", "Remove-MeshiaSandboxFault -All"],
        ["Reset-MeshiaSandbox"] = ["Reset-MeshiaSandbox"],
        ["Send-MeshiaSandboxEvent"] = ["Send-MeshiaSandboxEvent plan.completed"],
        ["Step-MeshiaSandbox"] = ["Step-MeshiaSandbox 1"],
        ["Start-MeshiaSandbox"] = ["Start-MeshiaSandbox -ApiKey $key -Port $port", "Start-MeshiaSandbox -ApiKey \"$key \""],
        ["Stop-MeshiaSandbox"] = ["Stop-MeshiaSandbox 1"],
        ["Disconnect-Meshia"] = ["Disconnect-Meshia"],
    };

    /// <summary>What knows nothing of the service, and so of its faults.</summary>
    internal static readonly string[] Apart = ["Start-MeshiaSandbox", "Stop-MeshiaSandbox", "ConvertFrom-MeshiaWebhook", "Test-MeshiaWebhookSignature", "Receive-MeshiaWebhook"];

    private static readonly string[] _local = [.. Drives.Keys.Where(name => name.Contains("Sandbox", StringComparison.Ordinal)), "Connect-Meshia", "Disconnect-Meshia", "Get-MeshiaConnection", "Get-MeshiaRateLimit", "Test-MeshiaConnection", "Send-MeshiaWebhook", .. Apart];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("meshia-leaks-");
    private readonly Canary _key = new($"msh_canary_{Guid.NewGuid():N}");
    private readonly Canary _secret = new($"hush canary/{Guid.NewGuid():N}+=\"");

    public static TheoryData<string> Faults => ["none", "401", "403", "404", "409", "422", "429", "500", "html", "cut", "redirect", "refused", "headers", "location", "200"];

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Every_exported_cmdlet_is_driven()
    {
        using var session = new ModuleSession();

        var exported = session.Output("(Get-Command -Module Meshia, Meshia.Sandbox).Name").Select(name => (string)name.BaseObject);

        Assert.Equal(exported.Order(), Drives.Keys.Order());
        Each.Of(Drives, drive => Each.Of(drive.Value, script => Assert.StartsWith(drive.Key, script, StringComparison.Ordinal)));
    }

    [Theory, MemberData(nameof(Faults))]
    public async Task No_secret_comes_out_of_any_cmdlet(string fault)
    {
        await using var other = await ScriptedService.StartAsync(Reply.Ok("{}"));
        await using var service = await ScriptedService.StartAsync((request, context) => AnswerAsync(fault, request, context, other.Origin.Port));
        if (fault == "refused")
            await service.DisposeAsync();
        using var session = new ModuleSession();
        session.Output("""
            function ConvertTo-Secure($Text) { $secure = [securestring]::new(); foreach ($character in [char[]] $Text) { $secure.AppendChar($character) }; $secure }
            $VerbosePreference = $DebugPreference = $InformationPreference = 'Continue'
            """);
        (string, object?)[] variables =
        [
            ("key", _key.Value), ("secret", _secret.Value), ("folder", _folder.FullName), ("port", other.Origin.Port),
            // One retry is enough to hear what is said about it.
            ("retries", fault == "500" ? 1 : 0),
            ("uri", fault == "refused" ? new Uri("http://127.0.0.1:1/api/v1") : service.BaseUri),
        ];

        foreach (var (cmdlet, scripts) in Drives.Where(drive => fault == "none" || !Apart.Contains(drive.Key)))
        {
            foreach (var script in scripts)
            {
                var result = session.Invoke($"{script} -Verbose -Debug", variables);

                var failed = result.Errors.Count > 0 || result.Terminating is not null;
                var mayEndAnyhow = _local.Contains(cmdlet) || (fault, cmdlet) is ("html", "Invoke-MeshiaRequest");
                Assert.True(mayEndAnyhow || script.Contains("-WhatIf", StringComparison.Ordinal) || failed == (fault != "none"), $"{script}: {(failed ? "failed" : "did not fail")}");
                AssertHidden(script, result);
            }
        }

        // A list of all errors, as a person looks through them, in every view that the engine has.
        foreach (var view in new[] { "ConciseView", "NormalView", "CategoryView" })
            AssertHidden($"$Error in {view}", session.Shown($"$ErrorView = '{view}'; $Error"));
        AssertHidden("$Error", Canary.Describe(session.Output("$Error").Select(item => item.BaseObject).ToArray()));
        AssertHidden("the history", Canary.Describe(session.Output("Get-History").ToArray()));
        foreach (var request in service.Requests.Concat(other.Requests))
        {
            AssertHidden("what is sent", $"{request.Endpoint} {string.Join(' ', request.Headers.Where(header => header.Key != "Authorization" || request.Path.StartsWith("/files", StringComparison.Ordinal)))}");
            AssertHidden("what is sent", _key, request.Body);
            Assert.True(request.Endpoint == "POST /webhooks" || _secret.FindIn(request.Body) is null, $"The secret was sent to {request.Endpoint}.");
        }

        Assert.DoesNotContain(other.Requests, request => request.Headers.ContainsKey("Authorization"));
        foreach (var file in _folder.GetFiles("*", SearchOption.AllDirectories))
            Assert.Null(_key.FindIn(File.ReadAllBytes(file.FullName)) ?? _secret.FindIn(File.ReadAllBytes(file.FullName)));
    }

    [Fact]
    public async Task A_key_that_an_answer_repeats_in_its_values_is_in_no_property()
    {
        await using var service = await ScriptedService.StartAsync((request, context) =>
        {
            var heard = $"I heard {request.Headers.GetValueOrDefault("Authorization")}";
            var one = $$"""{"id":"x","session_id":"x","name":"{{heard}}","status":"{{heard}}","gpu":"{{heard}}","url":"https://example.com/","events":["{{heard}}"],"config":{"a":"{{heard}}" },"metrics":{"loss":1},"note":["{{heard}}"],"other":{"deep":"{{heard}}"} }""";
            return Reply.Ok(request.Path.EndsWith("/x", StringComparison.Ordinal) ? one : $$"""{"{{request.Path.Split('/')[^1]}}":[{{one}}],"text":"{{heard}}"}""").SendAsync(context.Response);
        });
        using var session = new ModuleSession();
        session.Output("$null = Connect-Meshia -ApiKey $key -BaseUri $uri", ("key", _key.Value), ("uri", service.BaseUri));

        foreach (var script in new[] { "Get-MeshiaSession", "Get-MeshiaSession x", "Get-MeshiaExperiment", "Get-MeshiaExperiment x", "Get-MeshiaWebhook", "Invoke-MeshiaRequest /sessions/x", "Invoke-MeshiaRequest /sessions" })
        {
            var result = session.Invoke($"($kept = @({script}))");

            Assert.NotEmpty(result.Output);
            AssertHidden(script, result);
            Assert.Contains("I heard Bearer msh_…", session.Shown("$kept | ConvertTo-Json -Depth 9"), StringComparison.Ordinal);
            foreach (var view in new[] { "Format-List *", "Format-Table", "ConvertTo-Json -Depth 9", "ConvertTo-Csv", "Format-Custom -Depth 4" })
                AssertHidden($"{script} | {view}", session.Shown($"$kept | {view}"));
        }
    }

    /// <summary>Proves that the looking itself works: a test that finds nothing must be one that could.</summary>
    [Fact]
    public void What_is_looked_for_would_be_found()
    {
        var nested = new InvalidOperationException("x", new HttpRequestException($"Bearer {_key.Value}"));
        using var request = new HttpRequestMessage { Headers = { { "X-Key", _key.Value } } };
        var encoded = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($"user:{_key.Value}:x"));

        Assert.NotNull(_key.FindIn(Canary.Describe(new ErrorRecord(nested, "id", ErrorCategory.NotSpecified, null))));
        Assert.NotNull(_key.FindIn(Canary.Describe(new ErrorRecord(new InvalidOperationException("x"), "id", ErrorCategory.NotSpecified, request))));
        Assert.NotNull(_key.FindIn(encoded));
        Assert.NotNull(_key.FindIn($"https://x/?key={Uri.EscapeDataString(_key.Value)}"));
        Assert.NotNull(_key.FindIn(System.Text.Encoding.Unicode.GetBytes($"x{_key.Value}")));
        Assert.Null(_key.FindIn(Canary.Describe(new ErrorRecord(new InvalidOperationException("x"), "id", ErrorCategory.NotSpecified, "sess_1"))));
    }

    private void AssertHidden(string where, ModuleSession.Result result)
    {
        foreach (var item in result.Output)
            AssertHidden($"{where}: output", Canary.Describe(item));
        foreach (var error in result.Errors)
            AssertHidden($"{where}: error", $"{error} {error.Exception} {error.ErrorDetails?.RecommendedAction} {error.ScriptStackTrace} {Canary.Describe(error)}");
        if (result.Terminating is { } failure)
            AssertHidden($"{where}: terminating error", $"{failure} {Canary.Describe(failure)} {Canary.Describe((failure as IContainsErrorRecord)?.ErrorRecord)}");
        foreach (var message in result.Warnings.Concat(result.Verbose).Concat(result.Debug).Concat(result.Information.Select(record => Canary.Describe(record))))
            AssertHidden($"{where}: message", message);
        foreach (var record in result.Progress)
            AssertHidden($"{where}: progress", Canary.Describe(record));
    }

    private void AssertHidden(string where, string text)
    {
        AssertHidden(where, _key, text);
        AssertHidden(where, _secret, text);
    }

    private static void AssertHidden(string where, Canary canary, string text)
    {
        if (canary.FindIn(text) is { } place)
            Assert.Fail($"{where}: {place}");
    }

    /// <summary>Errors repeat the key and the body that came with the request, as some services' debug pages do.</summary>
    private static async Task AnswerAsync(string fault, SeenRequest request, HttpContext context, int otherPort)
    {
        var heard = System.Text.Json.JsonSerializer.Serialize($"You sent {request.Headers.GetValueOrDefault("Authorization")} and {request.Body}").Trim('"');
        switch (fault)
        {
            case "none" when request.Endpoint == "POST /webhooks":
                await Reply.Ok($$"""{"id":"wh_1","url":"https://your-server.com/hook","events":[],"secret":{{System.Text.Json.JsonDocument.Parse(request.Body).RootElement.GetProperty("secret").GetRawText()}}}""").SendAsync(context.Response);
                break;
            case "none":
                await ScriptedAccount.AnswerAsync(request, context);
                break;
            case "html":
                // Invoke-MeshiaRequest gives such a page as it is.
                await new Reply(200, $"<html><title>{(request.Query.Length > 0 ? "" : heard)}</title></html>", "text/html").SendAsync(context.Response);
                break;
            case "cut":
                context.Response.ContentLength = 9999;
                await context.Response.WriteAsync("""{"sessions":[{"id":"sess_1","name":"x"},""");
                await context.Response.Body.FlushAsync();
                context.Abort();
                break;
            case "redirect":
                await new Reply(307).With("Location", $"http://localhost:{otherPort}/elsewhere").SendAsync(context.Response);
                break;
            case "headers":
                // A service, or somebody between, that repeats everything in its headers.
                await new Reply(500, "").With("X-Request-Id", Heard(request)).With("Retry-After", Heard(request)).With("Link", $"<{Heard(request)}>; rel=next").With("WWW-Authenticate", Heard(request)).With("Warning", Heard(request)).SendAsync(context.Response);
                break;
            case "location":
                await new Reply(302).With("Location", $"http://localhost:{otherPort}/elsewhere?heard={Uri.EscapeDataString(Heard(request))}").With("X-Request-Id", Heard(request)).SendAsync(context.Response);
                break;
            case "200":
                await Reply.Ok($$$"""{"success":false,"error":{"code":"{{{heard}}}","message":"{{{heard}}}"}}""").SendAsync(context.Response);
                break;
            default:
                await new Reply(int.Parse(fault, System.Globalization.CultureInfo.InvariantCulture), $$$"""{"error":{"code":"as_{{{fault}}}","message":"{{{heard}}}"}}""").With("Retry-After", "3600").With("X-Request-Id", "req_1").SendAsync(context.Response);
                break;
        }
    }

    /// <summary>What came with a request, as far as a header can hold it.</summary>
    private static string Heard(SeenRequest request) => new([.. $"{request.Headers.GetValueOrDefault("Authorization")} {request.Body}".Where(character => character is >= ' ' and <= '~')]);
}
