namespace Meshia.PowerShell.Tests;

/// <summary>What a profile lets its sessions be, from Connect-Meshia to New-MeshiaSession.</summary>
[Collection(SharedEnvironment.Name)]
public sealed class PolicyTests : IDisposable
{
    private const string Policy = "-MaxRunning 2 -AllowedGpu rtx4090, h100 -RequireMaxDuration -Price @{ RTX4090 = 0.69; h100 = 2 } -SettleSeconds 5";

    private readonly Account _account = new();

    public void Dispose() => _account.Dispose();

    [Fact]
    public async Task It_is_saved_with_the_profile_and_shown()
    {
        await using var service = await ScriptedAccount.StartAsync();
        Save(service, Policy);

        foreach (var shown in new[] { "Get-MeshiaConnection -Profile work", "Get-MeshiaConnection -ListAvailable" })
        {
            var text = Assert.Single(_account.Session.Output($"{shown} | ForEach-Object {{ \"$($_.MaxRunning) $($_.AllowedGpu) $($_.RequireMaxDuration) $($_.Price['rtx4090']) $($_.Price['H100']) $($_.SettleSeconds)\" }}"));
            Assert.Equal("2 rtx4090 h100 True 0.69 2 5", text.ToString());
        }
    }

    [Fact]
    public async Task What_is_not_given_stays_and_nothing_takes_it_away()
    {
        await using var service = await ScriptedAccount.StartAsync();
        Save(service, Policy);
        Save(service, "-MaxRunning 0 -AllowedGpu @() -RequireMaxDuration:$false");

        var connection = Assert.Single(_account.Session.Output("Get-MeshiaConnection -Profile work"));
        Assert.Null(connection.Properties["MaxRunning"].Value);
        Assert.Empty((IEnumerable<string>)connection.Properties["AllowedGpu"].Value);
        Assert.Equal(false, connection.Properties["RequireMaxDuration"].Value);
        Assert.Equal(5.0, connection.Properties["SettleSeconds"].Value);
        Assert.Equal("2", Assert.Single(_account.Session.Output("(Get-MeshiaConnection -Profile work).Price.Count")).ToString());
    }

    [Theory]
    [InlineData("New-MeshiaSession x a100 -MaxDuration 2h", "GpuNotAllowed")]
    [InlineData("New-MeshiaSession x rtx4090", "MaxDurationRequired")]
    [InlineData("New-MeshiaSession x rtx4090 -Once 1", "MaxDurationRequired")]
    [InlineData("Use-MeshiaSession -Gpu a100 -MaxDuration 2h { 'ran' }", "GpuNotAllowed")]
    public async Task What_it_does_not_allow_is_refused_before_any_request(string command, string errorId)
    {
        await using var service = await ScriptedAccount.StartAsync();
        Save(service, Policy);

        var result = _account.Session.Invoke($"{command} -Profile work");

        Assert.StartsWith(errorId, result.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Empty(result.Output);
        Assert.Empty(service.Requests);
    }

    [Theory]
    [InlineData("New-MeshiaSession x rtx4090 -MaxDuration 2h")]
    [InlineData("New-MeshiaSession x rtx4090 -MaxDuration 2h -Once 1")]
    public async Task One_session_too_many_is_not_created(string command)
    {
        await using var service = await ScriptedAccount.StartAsync();
        Save(service, Policy);

        var error = _account.Session.Invoke($"{command} -Profile work").Error;

        Assert.StartsWith("TooManyRunning", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("sess_2, sess_1", error.ToString(), StringComparison.Ordinal);
        Assert.NotEmpty(service.Requests);
        Assert.DoesNotContain("POST /sessions", service.Requests.Select(request => request.Endpoint));
    }

    [Fact]
    public async Task It_holds_for_a_connection_that_is_not_saved_too()
    {
        await using var service = await ScriptedAccount.StartAsync();

        var error = _account.Session.Invoke("Connect-Meshia $key $uri -AllowedGpu h100; New-MeshiaSession x rtx4090", ("key", ModuleSession.NewKey()), ("uri", service.BaseUri)).Error;

        Assert.StartsWith("GpuNotAllowed", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Empty(service.Requests);
    }

    [Fact]
    public async Task A_session_has_a_cost_where_its_gpu_has_a_price_and_else_none()
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok("""
            [{"id":"sess_1","gpu":"rtx4090","status":"stopped","created_at":"2026-01-02T03:00:00Z","stopped_at":"2026-01-02T05:00:00Z"},
             {"id":"sess_2","gpu":"a100","status":"stopped","created_at":"2026-01-02T03:00:00Z","stopped_at":"2026-01-02T05:00:00Z"},
             {"id":"sess_3","gpu":"h100","status":"failed","created_at":"2026-01-02T03:00:00Z"}]
            """));
        Save(service, Policy);

        Assert.Equal([1.38m, null, null], _account.Session.Output("Get-MeshiaSession -Profile work").Select(item => item.Properties["Cost"].Value));
        Assert.Matches(@"Cost\s+: \S*1\.38", _account.Session.Shown("Get-MeshiaSession -Profile work | Select-Object -First 1 | Format-List"));
        Each.Of(_account.Session.Output("Get-MeshiaUsage -Since 2026-01-01 -Profile work"), usage => Assert.Equal(usage.Properties["Value"].Value is "rtx4090" ? 1.38m : null, usage.Properties["Cost"].Value));
    }

    [Theory]
    [InlineData("-Price @{ rtx4090 = 'cheap' }", "rtx4090", "numbers")]
    [InlineData("-Price @{ rtx4090 = -1 }", "rtx4090", "0 or more")]
    [InlineData("-Price @{ 'no gpu' = 1 }", "no gpu", "-Price")]
    [InlineData("-Price @{ rtx4090 = $null }", "rtx4090", "numbers")]
    [InlineData("-AllowedGpu 'no gpu'", "no gpu", "-AllowedGpu")]
    [InlineData("-MaxRunning -1", "MaxRunning", "0")]
    [InlineData("-SettleSeconds 601", "SettleSeconds", "600")]
    public async Task A_setting_that_makes_no_sense_is_refused_and_nothing_is_saved(string parameters, string names, string says)
    {
        await using var service = await ScriptedAccount.StartAsync();

        var error = _account.Session.Invoke($"Connect-Meshia -ApiKey $key -BaseUri $uri -Save -Profile work {parameters}", ("key", ModuleSession.NewKey()), ("uri", service.BaseUri)).Error.ToString();

        Assert.Contains(names, error, StringComparison.Ordinal);
        Assert.Contains(says, error, StringComparison.Ordinal);
        Assert.False(File.Exists(_account.ProfileFile));
    }

    private void Save(ScriptedService service, string parameters) =>
        _account.Session.Output($"Connect-Meshia -ApiKey $key -BaseUri $uri -Save -Profile work {parameters}; Disconnect-Meshia", ("key", ModuleSession.NewKey()), ("uri", service.BaseUri));
}
