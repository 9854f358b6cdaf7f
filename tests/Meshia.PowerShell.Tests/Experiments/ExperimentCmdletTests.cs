using System.Management.Automation;

namespace Meshia.PowerShell.Tests;

[Trait("Culture", "Dependent")]
public sealed class ExperimentCmdletTests
{
    [Fact]
    public async Task Config_and_metrics_read_as_properties_live_and_after_a_job()
    {
        await using var service = await ScriptedAccount.StartAsync();
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);
        const string Read = "$experiment.Config.optimizer.lr; $experiment.Config['optimizer'].betas[1]; $experiment.Metrics.eval.loss; $experiment.Duration.TotalSeconds; $experiment.Artifacts[0].Name";

        session.Output("$experiment = Get-MeshiaExperiment exp_1");
        var live = session.Output(Read);
        session.Output("$experiment = [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($experiment))");

        Assert.Equal([0.01, 0.95, 0.4, 61.5, "art_1.txt"], live.Select(value => value.BaseObject));
        Assert.Equal(live.Select(value => value.BaseObject), session.Output(Read).Select(value => value.BaseObject));
    }

    [Fact]
    public async Task NaN_infinities_and_unknown_fields_are_kept()
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok("""{"id":"exp_1","metrics":{"loss":NaN,"peak":Infinity},"tags":["a","b"]}"""));
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);

        var values = session.Output("$experiment = Get-MeshiaExperiment exp_1; $experiment.Metrics.loss; $experiment.Metrics.peak; $experiment.AdditionalProperties.tags[1]");

        Assert.Equal([double.NaN, double.PositiveInfinity, "b"], values.Select(value => value.BaseObject));
    }

    [Fact]
    public async Task Filters_the_experiments_of_all_sessions_and_of_one()
    {
        await using var sandbox = await LocalSandbox.StartAsync();
        await sandbox.CreateFinishedSessionAsync("one");
        var second = await sandbox.CreateFinishedSessionAsync("two");
        using var session = sandbox.Connect();

        var all = session.Output("Get-MeshiaExperiment");
        var completed = session.Output("Get-MeshiaExperiment -Status COMPLETED");
        var ofSecond = session.Output("Get-MeshiaExperiment -SessionId $id", ("id", second));

        Assert.NotEmpty(completed);
        Assert.True(completed.Count < all.Count);
        Each.Of(completed, experiment => Assert.Equal("completed", experiment.Properties["Status"].Value));
        Assert.Equal(all.Count, 2 * ofSecond.Count);
        Each.Of(ofSecond, experiment => Assert.Equal(second, experiment.Properties["SessionId"].Value));
        Assert.Equal(ofSecond[0].Properties["Id"].Value, Assert.Single(session.Output("Get-MeshiaExperiment -Name $name -SessionId $id", ("name", ofSecond[0].Properties["Name"].Value), ("id", second))).Properties["Id"].Value);
    }

    [Fact]
    public async Task What_the_pipeline_brings_is_compared_in_one_request()
    {
        await using var sandbox = await LocalSandbox.StartAsync();
        await sandbox.CreateFinishedSessionAsync();
        using var session = sandbox.Connect();

        var comparison = Assert.Single(session.Output("Get-MeshiaSession | Get-MeshiaExperiment -Status completed | Compare-MeshiaExperiment"));

        session.Runspace.SessionStateProxy.SetVariable("comparison", comparison);
        Assert.Contains("optimizer.lr", session.Output("$comparison.Config.Key").Select(key => key.BaseObject));
        Assert.Contains("loss", session.Output("$comparison.Metrics.Key").Select(metric => metric.BaseObject));
        Assert.True(session.Output("$comparison.Experiments.Count").Single().BaseObject is > 1);
    }

    [Theory]
    [InlineData("Compare-MeshiaExperiment exp_1")]
    [InlineData("Compare-MeshiaExperiment exp_1, exp_1")]
    [InlineData("'exp_1' | Compare-MeshiaExperiment")]
    public async Task One_experiment_cannot_be_compared(string script)
    {
        await using var service = await ScriptedAccount.StartAsync();
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);

        var error = session.Invoke(script).Error;

        Assert.Equal(("InvalidArgument,Meshia.PowerShell.CompareMeshiaExperiment", ErrorCategory.InvalidArgument), (error.FullyQualifiedErrorId, error.CategoryInfo.Category));
        Assert.Empty(service.Requests);
    }

    [Fact]
    public async Task Without_input_there_is_no_comparison()
    {
        await using var service = await ScriptedAccount.StartAsync();
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);

        Assert.Empty(session.Output("Get-MeshiaExperiment -SessionId sess_1 -Name none | Compare-MeshiaExperiment"));
    }
}
