using System.Management.Automation;

namespace Meshia.PowerShell.Tests;

[Trait("Culture", "Dependent")]
public sealed class WaitMeshiaSessionTests
{
    [Fact]
    public async Task Sessions_of_the_pipeline_come_out_as_they_run()
    {
        var lists = 0;
        await using var service = await ScriptedService.StartAsync(request => Reply.Ok(request.Endpoint == "GET /sessions"
            ? SessionJson.List([SessionJson.Of("sess_1", status: "provisioning"), SessionJson.Of("sess_2", status: ++lists > 1 ? "running" : "provisioning")])
            : SessionJson.Of("sess_1", status: "running")));
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);

        var result = session.Invoke("'sess_1', 'sess_2' | Wait-MeshiaSession -Verbose");

        Assert.Empty(result.Errors);
        Assert.Equal(["sess_2", "sess_1"], result.Output.Select(item => item.Properties["Id"].Value));
        Assert.Equal(["GET /sessions", "GET /sessions", "GET /sessions/sess_1"], service.Requests.Select(request => request.Endpoint));
        Assert.Contains("sess_2 is running.", result.Verbose);
        Assert.Contains(result.Progress, record => record is { Activity: "Waiting for sessions", StatusDescription: "1 of 2 ended; 1 provisioning", PercentComplete: 50 });
        Assert.Equal(ProgressRecordType.Completed, result.Progress[^1].RecordType);
    }

    [Theory]
    [InlineData("stopped", "SessionEnded", ErrorCategory.InvalidResult)]
    [InlineData("gone", "SessionGone", ErrorCategory.ObjectNotFound)]
    [InlineData("provisioning", "WaitTimedOut", ErrorCategory.OperationTimeout)]
    public async Task One_that_does_not_get_there_is_an_error_and_the_other_comes_out(string status, string id, ErrorCategory category)
    {
        await using var service = await ScriptedService.StartAsync(request => request.Endpoint switch
        {
            "GET /sessions" => Reply.Ok(SessionJson.List(status == "gone" ? [SessionJson.Of("sess_2")] : [SessionJson.Of("sess_1", status: status), SessionJson.Of("sess_2")])),
            _ => status == "gone" ? Reply.Error(404, "session_not_found") : Reply.Ok(SessionJson.Of("sess_1", status: status)),
        });
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);

        var result = session.Invoke("Wait-MeshiaSession sess_1, sess_2 -TimeoutSeconds 2");

        Assert.Contains("sess_2", result.Output.Select(item => item.Properties["Id"].Value));
        Assert.Equal(($"{id},Meshia.PowerShell.WaitMeshiaSession", category, "sess_1"), (result.Error.FullyQualifiedErrorId, result.Error.CategoryInfo.Category, result.Error.TargetObject));
        Assert.Contains("The wait for session sess_1 has ended: ", result.Error.ToString(), StringComparison.Ordinal);
        Assert.NotEmpty(result.Error.ErrorDetails.RecommendedAction);
    }

    [Fact]
    public async Task Any_is_enough_and_the_others_are_named()
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok(SessionJson.List([SessionJson.Of("sess_1", status: "provisioning"), SessionJson.Of("sess_2")])));
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);

        var result = session.Invoke("Wait-MeshiaSession sess_1, sess_2 -Any -Verbose");

        Assert.Equal("sess_2", Assert.Single(result.Output).Properties["Id"].Value);
        Assert.Contains("The wait for sess_1 has ended.", result.Verbose);
        Assert.Empty(result.Errors);
    }

    [Fact]
    public async Task A_timeout_of_zero_looks_once()
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok(SessionJson.List([SessionJson.Of("sess_1"), SessionJson.Of("sess_2", status: "provisioning")])));
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);

        var result = session.Invoke("Wait-MeshiaSession sess_1, sess_2 -TimeoutSeconds 0");

        Assert.Equal("sess_1", Assert.Single(result.Output).Properties["Id"].Value);
        Assert.Equal(("WaitTimedOut,Meshia.PowerShell.WaitMeshiaSession", "sess_2"), (result.Error.FullyQualifiedErrorId, result.Error.TargetObject));
        Assert.Single(service.Requests);
    }

    [Fact]
    public async Task A_state_that_is_not_known_is_warned_of_and_waited_for()
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok(SessionJson.Of("sess_1", status: "hibernating")));
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);

        var result = session.Invoke("Wait-MeshiaSession sess_1 -Status Running, hibernating");

        Assert.Single(result.Output);
        Assert.StartsWith("'hibernating' is not a known state of sessions (provisioning, running, stopping, stopped, failed).", Assert.Single(result.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_from_the_pipeline_is_nothing_to_wait_for()
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok("[]"));
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);

        Assert.Empty(session.Output("Get-MeshiaSession | Wait-MeshiaSession"));
        Assert.Single(service.Requests);
    }

    [Theory]
    [InlineData("-TimeoutSeconds -1")]
    [InlineData("-TimeoutSeconds 604801")]
    [InlineData("-Any -All")]
    public async Task A_bad_limit_or_both_of_any_and_all_are_refused(string arguments)
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok("[]"));
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);

        Assert.NotEmpty(session.Invoke($"Wait-MeshiaSession sess_1 {arguments}").Errors);
        Assert.Empty(service.Requests);
    }

    [Fact]
    public async Task The_id_of_a_new_session_is_told_before_it_is_waited_for()
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok(SessionJson.Of("sess_1", status: "provisioning")), Reply.Ok(SessionJson.Of("sess_1")));
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);

        var result = session.Invoke("New-MeshiaSession x rtx4090 -Wait");

        Assert.Equal("Session sess_1 was created, and costs money from now on.", Assert.Single(result.Information).MessageData);
    }
}
