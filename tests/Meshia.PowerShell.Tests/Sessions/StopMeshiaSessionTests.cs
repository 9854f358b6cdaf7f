using System.Management.Automation;

namespace Meshia.PowerShell.Tests;

public sealed class StopMeshiaSessionTests
{
    [Fact]
    public async Task Stops_what_the_pipeline_brings()
    {
        await using var sandbox = await LocalSandbox.StartAsync();
        await sandbox.CreateFinishedSessionAsync("one");
        await sandbox.CreateFinishedSessionAsync("two");
        using var session = sandbox.Connect();

        Assert.Empty(session.Output("Get-MeshiaSession -Status running | Stop-MeshiaSession"));

        Assert.Empty(session.Output("Get-MeshiaSession -Status running"));
        sandbox.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(2, session.Output("Get-MeshiaSession -Status stopped").Count);
    }

    [Fact]
    public async Task PassThru_gives_each_session_as_it_is_being_stopped()
    {
        await using var sandbox = await LocalSandbox.StartAsync();
        var id = await sandbox.CreateFinishedSessionAsync();
        using var session = sandbox.Connect();

        var stopped = Assert.Single(session.Output("$id | Stop-MeshiaSession -PassThru", ("id", id)));

        Assert.Equal((id, "stopping"), (stopped.Properties["Id"].Value, stopped.Properties["Status"].Value));
    }

    [Fact]
    public async Task Stopping_what_is_stopped_is_no_error()
    {
        await using var sandbox = await LocalSandbox.StartAsync();
        var id = await sandbox.CreateFinishedSessionAsync();
        using var session = sandbox.Connect();

        Assert.Empty(session.Output("Stop-MeshiaSession $id; Stop-MeshiaSession $id", ("id", id)));
    }

    [Fact]
    public async Task One_that_does_not_exist_does_not_keep_the_others_running()
    {
        await using var sandbox = await LocalSandbox.StartAsync();
        var first = await sandbox.CreateFinishedSessionAsync("one");
        var last = await sandbox.CreateFinishedSessionAsync("two");
        using var session = sandbox.Connect();

        var result = session.Invoke("$ids | Stop-MeshiaSession -PassThru", ("ids", new[] { first, "sess_none", last }));

        Assert.Equal([first, last], result.Output.Select(item => item.Properties["Id"].Value));
        Assert.Equal(("session_not_found,Meshia.PowerShell.StopMeshiaSession", "sess_none", ErrorCategory.ObjectNotFound), (result.Error.FullyQualifiedErrorId, result.Error.TargetObject, result.Error.CategoryInfo.Category));
    }

    [Fact]
    public async Task WhatIf_stops_nothing()
    {
        await using var sandbox = await LocalSandbox.StartAsync();
        await sandbox.CreateFinishedSessionAsync();
        using var session = sandbox.Connect();

        var shown = session.Shown("Get-MeshiaSession | Stop-MeshiaSession -WhatIf");

        Assert.Contains("Stop session", shown, StringComparison.Ordinal);
        Assert.Single(session.Output("Get-MeshiaSession -Status running"));
    }

    [Fact]
    public async Task An_empty_answer_is_as_good_as_the_session()
    {
        await using var service = await ScriptedService.StartAsync(request => request.Method == "POST" ? new Reply(204) : Reply.Ok(SessionJson.Of("sess_1", status: "stopping")));
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);

        var stopped = Assert.Single(session.Output("Stop-MeshiaSession sess_1 -PassThru"));

        Assert.Equal("stopping", stopped.Properties["Status"].Value);
    }
}
