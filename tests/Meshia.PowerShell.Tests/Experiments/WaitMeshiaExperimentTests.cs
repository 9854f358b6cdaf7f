using System.Management.Automation;

namespace Meshia.PowerShell.Tests;

public sealed class WaitMeshiaExperimentTests
{
    [Fact]
    public async Task All_of_a_session_come_out_and_the_failed_one_is_an_error_with_the_services_reason()
    {
        await using var sandbox = await LocalSandbox.StartAsync();
        var id = await sandbox.CreateFinishedSessionAsync();
        using var session = sandbox.Connect();

        var result = session.Invoke("Get-MeshiaExperiment -SessionId $id | Wait-MeshiaExperiment", ("id", id));

        Assert.Equal(4, result.Output.Count);
        var failed = Assert.Single(result.Output, item => Equals(item.Properties["Status"].Value, "failed"));
        Assert.Equal(("ExperimentFailed,Meshia.PowerShell.WaitMeshiaExperiment", ErrorCategory.InvalidResult, failed.Properties["Id"].Value), (result.Error.FullyQualifiedErrorId, result.Error.CategoryInfo.Category, result.Error.TargetObject));
        Assert.EndsWith("RuntimeError: the loss diverged at step 200", result.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_asks_for_failed_ones_gets_them_without_an_error()
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok(Experiment("exp_1", "failed")));
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);

        Assert.Equal("exp_1", Assert.Single(session.Output("Wait-MeshiaExperiment exp_1 -Status failed")).Properties["Id"].Value);
    }

    [Fact]
    public async Task Objects_bring_their_session_so_one_list_serves_them_live_and_after_a_job()
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok($"[{Experiment("exp_1", "completed")},{Experiment("exp_2", "completed")}]"));
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);
        session.Output("$experiments = Get-MeshiaExperiment -SessionId sess_1");

        Assert.Equal(2, session.Output("$experiments | Wait-MeshiaExperiment").Count);
        Assert.Equal(2, session.Output("[System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($experiments)) | Wait-MeshiaExperiment").Count);

        Assert.All(service.Requests, request => Assert.Equal("GET /sessions/sess_1/experiments", request.Endpoint));
        Assert.Equal(3, service.Requests.Count);
    }

    [Theory]
    [InlineData("completed", "-Status running", "ExperimentEnded")]
    [InlineData("failed", "-Status completed", "ExperimentFailed")]
    [InlineData("gone", "", "ExperimentGone")]
    [InlineData("queued", "-TimeoutSeconds 1", "WaitTimedOut")]
    public async Task Every_other_end_is_an_error(string status, string arguments, string id)
    {
        await using var service = await ScriptedService.StartAsync(_ => status == "gone" ? Reply.Error(404, "experiment_not_found") : Reply.Ok(Experiment("exp_1", status)));
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);

        var error = session.Invoke($"Wait-MeshiaExperiment exp_1 {arguments}").Error;

        Assert.Equal(($"{id},Meshia.PowerShell.WaitMeshiaExperiment", "exp_1"), (error.FullyQualifiedErrorId, error.TargetObject));
    }

    private static string Experiment(string id, string status) => $$$"""{"id":"{{{id}}}","session_id":"sess_1","status":"{{{status}}}","config":{"seed":1},"error":null}""";
}
