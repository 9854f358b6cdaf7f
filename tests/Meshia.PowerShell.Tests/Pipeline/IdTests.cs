namespace Meshia.PowerShell.Tests;

/// <summary>What an id parameter takes, and what it refuses before any request.</summary>
public sealed class IdTests
{
    /// <summary>Commands that take an id from the pipeline.</summary>
    public static TheoryData<string> Takers =>
    [
        "Get-MeshiaSession", "Stop-MeshiaSession", "Wait-MeshiaSession -TimeoutSeconds 0", "Get-MeshiaExperiment", "Wait-MeshiaExperiment -TimeoutSeconds 0",
        "Get-MeshiaArtifact", "Save-MeshiaArtifact", "Compare-MeshiaExperiment", "Test-MeshiaExperiment -Metric loss -Maximum 1", "Get-MeshiaWebhook", "Unregister-MeshiaWebhook -Confirm:$false",
    ];

    [Theory, MemberData(nameof(Takers))]
    public async Task An_object_without_an_id_is_an_error_before_any_request(string command)
    {
        await using var service = await ScriptedAccount.StartAsync();
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);

        foreach (var junk in new[] { "@{ Name = 'x' }", "[pscustomobject]@{ Name = 'x' }", "(Get-Item $HOME)", "(Get-Process -Id $PID)", "$true", "1.5", "9.3e18", "1e40" })
        {
            var result = session.Invoke($"{junk} | {command}");

            Assert.True(result.Errors.Count + (result.Terminating is null ? 0 : 1) > 0, junk);
            Assert.Empty(result.Output);
            Assert.Empty(service.Requests);
        }
    }

    [Theory]
    [InlineData("12345678901234567890", "12345678901234567890")]
    [InlineData("9223372036854775808", "9223372036854775808")]
    [InlineData("123456789012345678901234567890n", "123456789012345678901234567890")]
    [InlineData("7", "7")]
    [InlineData("7.0", "7")]
    [InlineData("(ConvertFrom-Json '{\"id\":9223372036854775808}').id", "9223372036854775808")]
    [InlineData("[pscustomobject]@{ Id = 9223372036854775808 }", "9223372036854775808")]
    [InlineData("[pscustomobject]@{ SessionId = 'sess_7' }", "sess_7")]
    public async Task A_number_keeps_its_digits(string input, string id)
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok(SessionJson.Of("x")));
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);

        session.Output($"{input} | Get-MeshiaSession");

        Assert.Equal([$"GET /sessions/{id}"], service.Requests.Select(request => request.Endpoint));
    }

    [Theory]
    [InlineData("Get-MeshiaSession a*", "Get-MeshiaSession -Name a*")]
    [InlineData("Stop-MeshiaSession run-?", "Get-MeshiaSession -Name run-?")]
    [InlineData("Wait-MeshiaSession 'x[1'", "Get-MeshiaSession -Name 'x[1'")]
    [InlineData("Get-MeshiaExperiment -SessionId a*", "Get-MeshiaSession -Name a*")]
    [InlineData("Get-MeshiaExperiment a*", "Get-MeshiaExperiment -Name a*")]
    [InlineData("Compare-MeshiaExperiment a, b -Baseline a*", "Get-MeshiaExperiment -Name a*")]
    [InlineData("Get-MeshiaArtifact e -Id a*", "-Name a*")]
    [InlineData("Get-MeshiaWebhook *", "Get-MeshiaWebhook -Uri *")]
    [InlineData("'a*' | Stop-MeshiaSession", "Get-MeshiaSession -Name a*")]
    [InlineData("Save-MeshiaArtifact ./out", "-Destination")]
    [InlineData("Save-MeshiaArtifact ..", "-Destination")]
    [InlineData("Save-MeshiaArtifact /tmp/out", "-Destination")]
    [InlineData("Save-MeshiaArtifact C:\\out", "-Destination")]
    [InlineData("Get-MeshiaArtifact exp_1 | Save-MeshiaArtifact ./out", "-Destination")]
    public async Task A_wildcard_or_a_path_in_place_of_an_id_is_refused_with_the_right_parameter(string command, string advice)
    {
        await using var service = await ScriptedAccount.StartAsync();
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);

        var result = session.Invoke($"try {{ {command} }} catch {{ throw }}");

        Assert.Contains(advice, result.Error.ToString(), StringComparison.Ordinal);
        Assert.Empty(service.Requests);
    }

    [Theory]
    [InlineData("Get-MeshiaWebhook", "Stop-MeshiaSession")]
    [InlineData("Get-MeshiaArtifact exp_1", "Stop-MeshiaSession")]
    [InlineData("Get-MeshiaArtifact exp_1", "Wait-MeshiaSession")]
    [InlineData("Get-MeshiaSession", "Unregister-MeshiaWebhook -Confirm:$false")]
    [InlineData("Get-MeshiaExperiment exp_1", "Unregister-MeshiaWebhook -Confirm:$false")]
    [InlineData("Get-MeshiaSession", "Compare-MeshiaExperiment")]
    [InlineData("Get-MeshiaSession", "Get-MeshiaArtifact")]
    [InlineData("Get-MeshiaWebhook", "Sync-MeshiaExperiment -Path Temp:/meshia-other")]
    [InlineData("Get-MeshiaConnection", "Get-MeshiaSession")]
    public async Task The_id_of_another_kind_of_object_is_refused_before_any_request(string source, string command)
    {
        await using var service = await ScriptedAccount.StartAsync();
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);
        session.Output($"$items = {source}; $copies = [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($items))");
        var before = service.Requests.Count;

        foreach (var items in new[] { "$items", "$copies" })
        {
            var result = session.Invoke($"{items} | {command}");
            Assert.NotEmpty(result.Errors);
            Each.Of(result.Errors, error => Assert.Contains("has no id of the type Meshia.", error.ToString(), StringComparison.Ordinal));
        }

        Assert.Equal(before, service.Requests.Count);
    }

    [Theory]
    [InlineData("Get-MeshiaSession", "sess_2 sess_1")]
    [InlineData("Get-MeshiaExperiment -SessionId sess_1", "exp_1 exp_2")]
    [InlineData("Get-MeshiaArtifact exp_1", "art_1 art_2")]
    [InlineData("Get-MeshiaWebhook", "wh_1 wh_2")]
    public async Task An_object_is_its_id(string command, string ids)
    {
        await using var service = await ScriptedAccount.StartAsync();
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);
        var expected = ids.Split(' ');
        session.Output($"$items = {command}; $copies = [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($items))");

        // Of a copy from another process only the text is kept: Select-Object -Unique compares no copies.
        Assert.Equal([.. expected, .. expected], session.Output("$items + $copies | ForEach-Object { \"$_\" }").Select(text => text.ToString()));
        foreach (var count in new[] { "$items + $items | Select-Object -Unique", "$items | Get-Unique", "$items + $items | Group-Object", "$items + $items | Sort-Object -Unique" })
            Assert.Equal("2", session.Output($"@({count}).Count").Single().ToString());

        Assert.Equal("True", session.Output($"$items[0] -eq ({command})[0] -and $items -contains ({command})[1] -and $items[0] -ne $items[1]").Single().ToString());
    }

    [Fact]
    public async Task A_body_is_JSON_or_an_error_and_never_the_name_of_a_type()
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok("{}"));
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);

        session.Output("class Run { [string]$Name = 'x'; [int]$Epochs = 3 }; Invoke-MeshiaRequest /x POST -Body ([Run]::new()); Invoke-MeshiaRequest /x POST -Body @{ n = [bigint]::Parse('123456789012345678901234567890'); id = [guid]::Empty }");
        foreach (var body in new[] { "(Get-Process -Id $PID)", "@{ p = Get-Item $HOME }", "([System.IO.MemoryStream]::new())", "([xml]'<a><b>1</b></a>')", "{ 1 }" })
            Assert.StartsWith("InvalidArgument,", session.Invoke($"Invoke-MeshiaRequest /x POST -Body {body}").Error.FullyQualifiedErrorId, StringComparison.Ordinal);

        Assert.Equal(2, service.Requests.Count);
        Assert.Equal("""{"Name":"x","Epochs":3}""", service.Requests[0].Body);
        Assert.Contains("\"n\":123456789012345678901234567890", service.Requests[1].Body, StringComparison.Ordinal);
    }
}
