using System.Management.Automation;

namespace Meshia.PowerShell.Tests;

[Trait("Culture", "Dependent")]
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
    public async Task A_wait_for_failed_experiments_is_not_an_error()
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

        Each.Of(service.Requests, request => Assert.Equal("GET /sessions/sess_1/experiments", request.Endpoint));
        Assert.Equal(3, service.Requests.Count);
    }

    [Theory]
    [InlineData("completed", "-Status running", "ExperimentEnded")]
    [InlineData("failed", "-Status completed", "ExperimentFailed")]
    [InlineData("gone", "", "ExperimentGone")]
    [InlineData("queued", "-TimeoutSeconds 1", "WaitTimedOut")]
    [InlineData("Failed", "", "ExperimentFailed")]
    [InlineData("cancelled", "", "ExperimentEnded")]
    [InlineData("running", "-Status queued", "ExperimentEnded")]
    public async Task Every_other_end_is_an_error(string status, string arguments, string id)
    {
        await using var service = await ScriptedService.StartAsync(_ => status == "gone" ? Reply.Error(404, "experiment_not_found") : Reply.Ok(Experiment("exp_1", status)));
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);

        var error = session.Invoke($"Wait-MeshiaExperiment exp_1 {arguments}").Error;

        Assert.Equal(($"{id},Meshia.PowerShell.WaitMeshiaExperiment", "exp_1"), (error.FullyQualifiedErrorId, error.TargetObject));
    }

    [Theory]
    [InlineData(400, "bad_request", ErrorCategory.InvalidArgument)]
    [InlineData(403, "forbidden", ErrorCategory.PermissionDenied)]
    [InlineData(500, "WaitTimedOut", ErrorCategory.OperationTimeout)]
    public async Task A_failure_of_one_is_its_error_and_the_others_come_out(int status, string id, ErrorCategory category)
    {
        await using var service = await ScriptedService.StartAsync(request => request.Endpoint switch
        {
            "GET /experiments/exp_bad" => Reply.Error(status, id),
            var endpoint => Reply.Ok(Experiment(endpoint.Split('/')[^1], "completed")),
        });
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);

        var result = session.Invoke("Wait-MeshiaExperiment exp_1, exp_bad, exp_2 -TimeoutSeconds 2");

        Assert.Equal(["exp_1", "exp_2"], result.Output.Select(item => item.Properties["Id"].Value));
        Assert.Equal(($"{id},Meshia.PowerShell.WaitMeshiaExperiment", category, "exp_bad"), (result.Error.FullyQualifiedErrorId, result.Error.CategoryInfo.Category, result.Error.TargetObject));
        Assert.Contains("As the test says.", result.Error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Get-MeshiaSession | Wait-MeshiaExperiment")]
    [InlineData("[System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize((Get-MeshiaSession))) | Wait-MeshiaExperiment")]
    [InlineData("$session = Get-MeshiaSession; Wait-MeshiaExperiment $session")]
    public async Task A_session_instead_of_an_experiment_is_an_error_that_says_what_to_do_and_sends_nothing(string script)
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok(SessionJson.List([SessionJson.Of("sess_1")])));
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);

        var error = session.Invoke(script).Error;

        Assert.Equal(("ParameterArgumentTransformationError,Meshia.PowerShell.WaitMeshiaExperiment", ErrorCategory.InvalidData), (error.FullyQualifiedErrorId, error.CategoryInfo.Category));
        Assert.Contains("sess_1", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("Get-MeshiaExperiment -SessionId", error.ToString(), StringComparison.Ordinal);
        Assert.Equal(["GET /sessions"], service.Requests.Select(request => request.Endpoint));
    }

    private static string Experiment(string id, string status) => $$$"""{"id":"{{{id}}}","session_id":"sess_1","status":"{{{status}}}","config":{"seed":1},"error":null}""";
}
