namespace Meshia.PowerShell.Tests;

[Trait("Culture", "Dependent")]
public sealed class GetMeshiaSessionTests
{
    [Fact]
    public async Task Lists_the_sessions_newest_first()
    {
        await using var sandbox = await LocalSandbox.StartAsync();
        var first = await sandbox.CreateFinishedSessionAsync("first");
        var second = await sandbox.CreateFinishedSessionAsync("second");
        using var session = sandbox.Connect();

        var listed = session.Output("Get-MeshiaSession");

        Assert.Equal([second, first], listed.Select(item => item.Properties["Id"].Value));
    }

    [Fact]
    public async Task A_list_that_is_short_warns_and_is_an_error_for_what_comes_next()
    {
        await using var service = await ScriptedService.StartAsync(request => Reply.Ok(request.Method == "POST" ? """{"id":"s1","status":"stopped"}""" : """{"sessions":[{"id":"s1","status":"running"}],"total":50}"""));
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);

        var alone = session.Invoke("Get-MeshiaSession -Status running");
        var piped = session.Invoke("Get-MeshiaSession -Status running | Stop-MeshiaSession");

        Assert.Empty(alone.Errors);
        Assert.Single(alone.Output);
        Assert.Contains("total 50", Assert.Single(alone.Warnings), StringComparison.Ordinal);
        Assert.Equal("ListIncomplete,Meshia.PowerShell.GetMeshiaSession", piped.Error.FullyQualifiedErrorId);
        Assert.Contains("total 50", piped.Error.ToString(), StringComparison.Ordinal);
        Assert.Contains(service.Requests, request => request.Method == "POST");
    }

    [Theory]
    [InlineData("$s | Stop-MeshiaSession")]
    [InlineData("$s.Id | Stop-MeshiaSession")]
    [InlineData("Stop-MeshiaSession -Id $s.Id")]
    [InlineData("Stop-MeshiaSession $s[0]")]
    [InlineData("foreach ($one in $s) { Stop-MeshiaSession $one }")]
    [InlineData("$s | Where-Object Status -eq running | Stop-MeshiaSession")]
    public async Task A_list_that_is_short_and_kept_in_a_variable_is_an_error_for_what_stops_it(string stop)
    {
        await using var service = await ShortAsync();
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);

        var kept = session.Invoke("$s = @(Get-MeshiaSession -Status running)");
        var result = session.Invoke(stop);

        Assert.Empty(kept.Errors);
        Assert.Contains("total 50", Assert.Single(kept.Warnings), StringComparison.Ordinal);
        // One for each command.
        Each.Of(result.Errors, error => Assert.Equal("ListIncomplete,Meshia.PowerShell.StopMeshiaSession", error.FullyQualifiedErrorId));
        Each.Of(result.Errors, error => Assert.Contains("total 50", error.ToString(), StringComparison.Ordinal));
        // Those that are known are stopped all the same: each costs money.
        Assert.Contains(service.Requests, request => request.Endpoint == "POST /sessions/s1/stop");
    }

    [Fact]
    public async Task Stopping_by_an_id_that_came_from_no_list_or_from_a_whole_one_is_no_error()
    {
        await using var service = await ScriptedService.StartAsync(request => Reply.Ok(request.Method == "POST" ? """{"id":"s1","status":"stopped"}""" : """{"sessions":[{"id":"s1","status":"running"}],"total":1}"""));
        await using var other = await ShortAsync();
        using var session = new ModuleSession();
        session.Connect(other.BaseUri);
        session.Invoke("$null = Get-MeshiaSession");
        session.Connect(service.BaseUri);

        session.Output("$s = Get-MeshiaSession; $s | Stop-MeshiaSession; Stop-MeshiaSession s1");

        Assert.Equal(2, service.Requests.Count(request => request.Method == "POST"));
    }

    [Theory]
    [InlineData("if (-not (Get-MeshiaSession -Name none)) { 'create' }", "sessions")]
    [InlineData("Get-MeshiaWebhook -Uri *none*", "webhooks")]
    [InlineData("Get-MeshiaWebhook wh_9", "webhooks")]
    [InlineData("Get-MeshiaExperiment -SessionId s1 -Name none", "experiments")]
    [InlineData("Get-MeshiaArtifact exp_1 -Name none", "artifacts")]
    [InlineData("Get-MeshiaWebhook | Out-Null", "webhooks")]
    [InlineData("Get-MeshiaArtifact exp_1 | Out-Null", "artifacts")]
    [InlineData("Get-MeshiaExperiment -SessionId s1 | Out-Null", "experiments")]
    [InlineData("Get-MeshiaExperiment | Out-Null", "sessions")]
    public async Task Not_found_in_a_short_list_is_an_error_and_no_answer(string command, string list)
    {
        await using var service = await ScriptedService.StartAsync(request => Reply.Ok($$"""{"{{request.Path.Split('/')[^1]}}":[{"id":"x1","name":"n","url":"https://a.example/"}],"total":50}"""));
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);

        var errors = session.Invoke(command).Errors;

        Each.Of(errors, error => Assert.StartsWith("ListIncomplete,", error.FullyQualifiedErrorId, StringComparison.Ordinal));
        Assert.Contains(errors, error => error.ToString().Contains($"list of {list}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Webhooks_of_a_short_list_that_a_variable_has_kept_are_an_error_when_they_are_removed()
    {
        await using var service = await ScriptedService.StartAsync(request => request.Method == "DELETE" ? new Reply(204) : Reply.Ok("""{"webhooks":[{"id":"wh_1","url":"https://a.example/"}],"total":50}"""));
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);

        var result = session.Invoke("$w = Get-MeshiaWebhook; $w | Unregister-MeshiaWebhook -Confirm:$false");

        Assert.Equal("ListIncomplete,Meshia.PowerShell.UnregisterMeshiaWebhook", result.Error.FullyQualifiedErrorId);
        Assert.Contains(service.Requests, request => request.Method == "DELETE");
    }

    [Fact]
    public async Task One_odd_session_is_one_error_and_all_others_come()
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok("""[{"id":"s1"},null,{"id":"s3"}]"""));
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);

        var result = session.Invoke("(Get-MeshiaSession).Id");

        Assert.Equal(["s1", "s3"], result.Output.Select(id => id.BaseObject));
        Assert.Contains("item 2", result.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Filters_by_name_and_state_whatever_the_case()
    {
        await using var sandbox = await LocalSandbox.StartAsync();
        var stopped = await sandbox.CreateFinishedSessionAsync("train-1");
        var running = await sandbox.CreateFinishedSessionAsync("Train-2");
        await sandbox.CreateFinishedSessionAsync("eval");
        using var session = sandbox.Connect();
        session.Output("Stop-MeshiaSession $id", ("id", stopped));
        sandbox.Time.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal([running, stopped], session.Output("(Get-MeshiaSession -Name train-*).Id").Select(id => id.BaseObject));
        Assert.Equal([stopped], session.Output("(Get-MeshiaSession -Status STOPPED).Id").Select(id => id.BaseObject));
        Assert.Equal([running], session.Output("(Get-MeshiaSession -Name train-*, other -Status running, failed).Id").Select(id => id.BaseObject));
        Assert.Empty(session.Output("Get-MeshiaSession -Name none"));
    }

    /// <summary>A service that says that there are more sessions, and not where.</summary>
    private static Task<ScriptedService> ShortAsync() => ScriptedService.StartAsync(request =>
        Reply.Ok(request.Method == "POST" ? """{"id":"s1","status":"stopped"}""" : """{"sessions":[{"id":"s1","status":"running"},{"id":"s2","status":"running"}],"total":50}"""));
}
