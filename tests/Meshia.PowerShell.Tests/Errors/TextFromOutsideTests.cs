using System.Text.Json;

namespace Meshia.PowerShell.Tests;

/// <summary>What the service says reaches people through one gate: nothing in it controls the terminal or becomes a command.</summary>
public sealed class TextFromOutsideTests
{
    private const string Command = "s1; Write-Host PWNED #";

    /// <summary>A new window title, a bell, a cleared screen in one letter, writing from right to left, nothing that is seen.</summary>
    private const string Hostile = "s\e]0;x\a\u009B2J\u202E\u200B1";

    [Theory]
    [InlineData(Command, "'s1; Write-Host PWNED #'")]
    [InlineData("sess_1", "sess_1")]
    [InlineData("it's", "'it''s'")]
    public async Task An_id_in_a_command_to_copy_is_one_argument(string id, string argument)
    {
        var json = JsonSerializer.Serialize(new { id, status = "provisioning" });
        await using var service = await ScriptedService.StartAsync(Reply.Ok(json));
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);

        var said = Assert.Single(session.Invoke("New-MeshiaSession x rtx4090 -Wait -TimeoutSeconds 1").Errors).ToString();

        Assert.Contains($"stop it with Stop-MeshiaSession {argument}, or wait with Wait-MeshiaSession {argument}.", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_webhook_in_a_command_to_copy_is_one_argument()
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok($$"""[{"id":"{{Command}}","url":"https://example.com/hook","events":["session.started"],"active":true}]"""));
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);

        var error = Assert.Single(session.Invoke("Register-MeshiaWebhook https://example.com/hook session.started").Errors);

        Assert.Contains("Unregister-MeshiaWebhook 's1; Write-Host PWNED #'.", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Get-MeshiaSession | Stop-MeshiaSession -WhatIf")]
    [InlineData("Get-MeshiaSession | Wait-MeshiaSession -TimeoutSeconds 0")]
    [InlineData("New-MeshiaSession x rtx4090 -Wait -TimeoutSeconds 1 -InformationAction Continue")]
    [InlineData("Get-MeshiaArtifact x | Save-MeshiaArtifact -Destination $folder -WhatIf")]
    [InlineData("Get-MeshiaWebhook | Unregister-MeshiaWebhook -WhatIf")]
    [InlineData("Wait-MeshiaExperiment x -TimeoutSeconds 0")]
    public async Task Nothing_in_it_controls_the_terminal(string script)
    {
        var item = new { id = Hostile, name = Hostile, status = Hostile, url = Hostile, error = Hostile, message = Hostile };
        await using var service = await ScriptedService.StartAsync(request => request.Method == "GET" && !request.Path.StartsWith("/sessions/", StringComparison.Ordinal) && !request.Path.EndsWith("/x", StringComparison.Ordinal) ? Reply.Ok(JsonSerializer.Serialize(new[] { item })) : Reply.Ok(JsonSerializer.Serialize(item)));
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);
        var folder = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());

        var said = session.Shown($"& {{ {script} }} *>&1 | ForEach-Object {{ if ($_ -isnot [Meshia.Session] -and $_ -isnot [Meshia.Experiment]) {{ \"$_\" }} }}", ("folder", folder));
        var result = session.Invoke(script, ("folder", folder));
        var texts = result.Errors.Select(error => error.ToString()).Concat(result.Warnings).Concat(result.Progress.SelectMany(record => new[] { record.Activity, record.StatusDescription }));

        Assert.Contains("\uFFFD]0;x", said + string.Join("", texts), StringComparison.Ordinal);
        Assert.DoesNotMatch("[\\a\u009B\u202E\u200B]|\e\\]", said);
        Assert.DoesNotMatch("[\e\\a\u009B\u202E\u200B]", string.Join(' ', texts));
    }

    [Theory]
    [InlineData("Get-MeshiaSession")]
    [InlineData("Get-MeshiaSession sess_1")]
    [InlineData("New-MeshiaSession x rtx4090")]
    [InlineData("Save-MeshiaArtifact art_1 -Path $file")]
    [InlineData("Invoke-MeshiaRequest /sessions")]
    public async Task What_the_framework_repeats_of_an_answer_is_safe_in_every_property_of_the_error(string script)
    {
        var key = ModuleSession.NewKey();
        await using var service = new RawService(async connection =>
        {
            await connection.ReadRequestAsync();
            // Not a status line: the exception of .NET repeats it.
            await connection.SendAsync($"{Hostile} Bearer {key}\r\n\r\n");
        });
        using var session = new ModuleSession();
        session.Output("Connect-Meshia -ApiKey $key -BaseUri $uri -MaximumRetryCount 0", ("key", key), ("uri", service.BaseUri));

        var shown = string.Concat(session.Output(
            $"{script} -ErrorAction SilentlyContinue; $Error | Format-List * -Force | Out-String -Width 2000; $Error | ForEach-Object {{ Get-Error -InputObject $_ | Out-String -Width 2000; $_.Exception.ToString() }}",
            ("file", Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()))));

        Assert.Contains("\uFFFD]0;x", shown, StringComparison.Ordinal);
        Assert.DoesNotMatch("[\\a\u009B\u202E\u200B]|\e\\]", shown);
        Assert.DoesNotContain(key, shown, StringComparison.Ordinal);
    }
}
