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
}
