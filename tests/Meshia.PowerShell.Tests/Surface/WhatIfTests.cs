namespace Meshia.PowerShell.Tests;

/// <summary>-WhatIf changes nothing: no request leaves, no file is written, no process starts.</summary>
public sealed class WhatIfTests
{
    /// <summary>A call of each cmdlet that would send something that changes something, and what that is.</summary>
    private static readonly Dictionary<string, (string Call, string Request)> _sending = new()
    {
        ["Add-MeshiaSandboxExperiment"] = ("Add-MeshiaSandboxExperiment sess_1", "POST /sandbox/experiments"),
        ["Add-MeshiaSandboxFault"] = ("Add-MeshiaSandboxFault * Status", "POST /sandbox/faults"),
        ["Clear-MeshiaSandboxRequest"] = ("Clear-MeshiaSandboxRequest", "DELETE /sandbox/requests"),
        ["Export-MeshiaSandboxState"] = ("Export-MeshiaSandboxState $folder/state.json", "GET /sandbox/state"),
        ["Import-MeshiaSandboxState"] = ("Import-MeshiaSandboxState $license", "PUT /sandbox/state"),
        ["Invoke-MeshiaRequest"] = ("Invoke-MeshiaRequest /things -Method Post -Body @{ a = 1 }", "POST /things"),
        ["New-MeshiaSession"] = ("New-MeshiaSession one rtx4090", "POST /sessions"),
        ["Register-MeshiaWebhook"] = ("Register-MeshiaWebhook https://example.com/hook -AllEvents", "POST /webhooks"),
        ["Remove-MeshiaSandboxFault"] = ("Remove-MeshiaSandboxFault flt_1", "DELETE /sandbox/faults/flt_1"),
        ["Reset-MeshiaSandbox"] = ("Reset-MeshiaSandbox", "POST /sandbox/reset"),
        ["Save-MeshiaArtifact"] = ("Save-MeshiaArtifact art_1 -Destination $folder", "GET /artifacts/art_1/download"),
        ["Send-MeshiaSandboxEvent"] = ("Send-MeshiaSandboxEvent session.activity -SessionId sess_1", "POST /sandbox/sessions/sess_1/activity"),
        ["Send-MeshiaWebhook"] = ("Send-MeshiaWebhook $receiver", "POST /hook"),
        ["Step-MeshiaSandbox"] = ("Step-MeshiaSandbox -Hours 1", "POST /sandbox/clock/step"),
        ["Stop-MeshiaSession"] = ("Stop-MeshiaSession sess_1", "POST /sessions/sess_1/stop"),
        ["Sync-MeshiaExperiment"] = ("Sync-MeshiaExperiment $folder/history sess_1", "GET /sessions/sess_1/experiments"),
        ["Unregister-MeshiaWebhook"] = ("Unregister-MeshiaWebhook wh_1", "DELETE /webhooks/wh_1"),
        ["Use-MeshiaSession"] = ("Use-MeshiaSession -Gpu rtx4090 -TimeoutSeconds 1 { }", "POST /sessions"),
    };

    /// <summary>Cmdlets that change this machine or this session; each has a test of its own below.</summary>
    private static readonly string[] _local = ["Connect-Meshia", "Disconnect-Meshia", "Export-MeshiaComparison", "Export-MeshiaHistory", "Publish-MeshiaComparison", "Start-MeshiaSandbox", "Stop-MeshiaSandbox"];

    public static TheoryData<string> Sending => [.. _sending.Keys];

    [Fact]
    public void Every_cmdlet_that_asks_is_tried_here() =>
        Assert.Equal(ModuleSurface.Asking.Select(cmdlet => cmdlet.Name).Order(StringComparer.Ordinal), _sending.Keys.Concat(_local).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Sending))]
    public async Task Nothing_is_sent(string name)
    {
        await using var service = await ScriptedService.StartAsync(Answer);
        var folder = Directory.CreateTempSubdirectory("meshia-whatif-");
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);
        Control(session, service);
        var (call, request) = _sending[name];

        var said = session.Shown($"{call} -WhatIf", ("folder", folder.FullName), ("receiver", new Uri(service.Origin, "/hook")));

        Assert.StartsWith("What if: ", said);
        Assert.Empty(service.Requests);
        Assert.Empty(folder.EnumerateFileSystemInfos());
        // The same call without it does send, so that the silence above means something.
        session.Invoke($"{call} -Confirm:$false");
        Assert.Contains(request, service.Requests.Select(seen => seen.Endpoint));
        folder.Delete(recursive: true);
    }

    [Theory]
    [MemberData(nameof(Sending))]
    public async Task A_session_that_asks_what_if_sends_nothing_either(string name)
    {
        await using var service = await ScriptedService.StartAsync(Answer);
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);
        Control(session, service);

        session.Invoke($"$WhatIfPreference = $true; {_sending[name].Call}", ("folder", Path.GetTempPath()), ("receiver", new Uri(service.Origin, "/hook")));

        Assert.Empty(service.Requests);
    }

    [Fact]
    public async Task A_generic_read_is_not_asked_about()
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok("""{"a":1}"""));
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);

        Assert.Single(session.Output("Invoke-MeshiaRequest /things -WhatIf"));

        Assert.Equal(["GET /things"], service.Requests.Select(request => request.Endpoint));
    }

    [Theory]
    [InlineData("Compare-MeshiaExperiment exp_1, exp_2 | Export-MeshiaComparison -Path \"$folder/report.html\"")]
    [InlineData("Get-MeshiaExperiment exp_1, exp_2 | Export-MeshiaHistory -Path \"$folder/report.html\"")]
    [InlineData("Compare-MeshiaExperiment exp_1, exp_2 | Publish-MeshiaComparison -SummaryPath \"$folder/report.html\" -Kind Summary")]
    public async Task Exporting_writes_no_file(string call)
    {
        await using var service = await ScriptedAccount.StartAsync();
        var folder = Directory.CreateTempSubdirectory("meshia-whatif-");
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);

        var said = session.Shown($"{call} -WhatIf", ("folder", folder.FullName));

        Assert.StartsWith("What if: ", said);
        Assert.Empty(folder.EnumerateFileSystemInfos());
        session.Output(call);
        Assert.Single(folder.EnumerateFiles("report.html"));
        folder.Delete(recursive: true);
    }

    [Fact]
    public void Connecting_leaves_the_connection_as_it_is()
    {
        using var session = new ModuleSession();
        session.Connect(new("http://127.0.0.1:1/api/v1"));

        var said = session.Shown("Connect-Meshia -ApiKey $key -BaseUri https://example.com -WhatIf", ("key", ModuleSession.NewKey()));

        Assert.StartsWith("What if: ", said);
        Assert.Equal("http://127.0.0.1:1/api/v1", session.Output("(Get-MeshiaConnection).BaseUri.AbsoluteUri")[0].ToString());
    }

    [Fact]
    public void Disconnecting_leaves_the_connection_as_it_is()
    {
        using var session = new ModuleSession();
        session.Connect(new("http://127.0.0.1:1/api/v1"));

        var said = session.Shown("Disconnect-Meshia -WhatIf");

        Assert.StartsWith("What if: ", said);
        Assert.Equal("http://127.0.0.1:1/api/v1", session.Output("(Get-MeshiaConnection).BaseUri.AbsoluteUri")[0].ToString());
    }

    [Fact]
    public async Task Saving_and_forgetting_a_profile_touch_neither_vault_nor_file()
    {
        using var shell = new ShellProcess();
        const string Vault = """
            function Get-SecretVault { [pscustomobject]@{ Name = 'v'; IsDefault = $true } }
            function Set-Secret { param($Name, $SecureStringSecret, $Vault) 'vault set' | Out-Host }
            function Get-SecretInfo { param($Name, $Vault) [pscustomobject]@{ Name = $Name } }
            function Remove-Secret { param($Name, $Vault) 'vault removed' | Out-Host }
            $file = "$env:MESHIA_CONFIG_PATH/profiles.json"

            """;

        var (exitCode, output, error) = await shell.RunAsync(Vault + """
            Connect-Meshia -ApiKey msh_1234567890 -Save -WhatIf
            "saved: $([IO.File]::Exists($file))"
            Connect-Meshia -ApiKey msh_1234567890 -Save
            "saved: $([IO.File]::Exists($file))"
            Disconnect-Meshia -Forget -WhatIf
            "profiles: $(@(Get-MeshiaConnection -ListAvailable).Count)"
            Disconnect-Meshia -Forget
            "profiles: $(@(Get-MeshiaConnection -ListAvailable).Count)"
            """);

        Assert.Equal((0, ""), (exitCode, error));
        Assert.Equal(
            ["What if", "saved: False", "vault set", "saved: True", "What if", "profiles: 1", "vault removed", "profiles: 0"],
            output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.StartsWith("What if", StringComparison.Ordinal) ? "What if" : line));
    }

    [Fact]
    public void Starting_a_sandbox_starts_no_process()
    {
        using var session = new ModuleSession();

        var said = session.Shown("Start-MeshiaSandbox -Connect -WhatIf | Out-Host; Stop-MeshiaSandbox -WhatIf");

        Assert.StartsWith("What if: ", said);
        // Nothing to stop: the second one said nothing.
        Assert.Single(said.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    /// <summary>What controls a sandbox sends to this service too.</summary>
    private static void Control(ModuleSession session, ScriptedService service) => session.Output(
        "Select-MeshiaSandbox -BaseUri $origin -ApiKey $key",
        ("origin", service.Origin), ("key", ModuleSession.NewKey()), ("license", Path.Combine(ModuleSession.ModulePath, "LICENSE")));

    /// <summary>Register-MeshiaWebhook looks first whether the webhook exists.</summary>
    private static Reply Answer(SeenRequest request) => request.Method == "GET" ? Reply.Ok("""{"webhooks":[]}""") : Reply.Error(404, "not_found");
}
