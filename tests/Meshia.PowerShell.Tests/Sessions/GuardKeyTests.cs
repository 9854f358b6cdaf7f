using System.Text.Json;

namespace Meshia.PowerShell.Tests;

/// <summary>The guard of a process whose key is rotated, and which is killed afterwards.</summary>
public sealed class GuardKeyTests : IDisposable
{
    private readonly ShellProcess _shell = new();

    public void Dispose() => _shell.Dispose();

    [Fact]
    public async Task The_guard_stops_a_session_with_the_key_that_the_vault_has_now()
    {
        var (old, rotated) = (ModuleSession.NewKey(), ModuleSession.NewKey());
        await using var service = await ScriptedService.StartAsync(request => request switch
        {
            { Method: "POST", Path: "/api/v1/sessions" } => Reply.Ok(SessionJson.Of("s1")),
            _ when request.Headers["Authorization"] == $"Bearer {old}" => Reply.Error(401, "unauthorized"),
            _ => Reply.Ok(SessionJson.Of("s1")),
        });
        File.WriteAllText(Path.Combine(_shell.Folder, "profiles.json"), JsonSerializer.Serialize(new { version = 1, profiles = new { work = new { base_uri = service.BaseUri, vault = "Store", secret_name = "Meshia-work" } } }));
        var script = _shell.Write("""
            param($standIn, $old, $rotated)
            . $standIn
            Register-SecretVault -Name Store -ModuleName InMemory
            Set-Secret Meshia-work $old Store
            $null = New-MeshiaSession s1 rtx4090 -Profile work -StopOnExit
            Set-Secret Meshia-work $rotated Store
            "found: $((Get-MeshiaSession s1 -Profile work).Id)"
            [Diagnostics.Process]::GetCurrentProcess().Kill()
            """);
        using var process = _shell.Start(script, start => start.Environment.Remove("MESHIA_NO_GUARD"), Account.StandIn, old, rotated);

        var (_, output, error) = await ShellProcess.EndAsync(process);

        Assert.Contains("found: s1", output + error, StringComparison.Ordinal);
        for (var tries = 0; tries < 600 && !IsStopSent(service); tries++)
            await Task.Delay(50, TestContext.Current.CancellationToken);
        var stop = Assert.Single(service.Requests, request => request.Path.EndsWith("/stop", StringComparison.Ordinal));
        Assert.Equal($"Bearer {rotated}", stop.Headers["Authorization"]);
    }

    private static bool IsStopSent(ScriptedService service) => service.Requests.Any(request => request.Path.EndsWith("/stop", StringComparison.Ordinal));
}
