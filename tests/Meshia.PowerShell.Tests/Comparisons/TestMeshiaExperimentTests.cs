using System.Management.Automation;

namespace Meshia.PowerShell.Tests;

[Trait("Culture", "Dependent")]
public sealed class TestMeshiaExperimentTests : IAsyncLifetime
{
    private readonly ModuleSession _session = new();
    private ScriptedService _service = null!;

    public async ValueTask InitializeAsync()
    {
        _service = await ScriptedService.StartAsync(request => request.Endpoint == "POST /experiments/compare"
            ? Reply.Ok("{}")
            : request.Endpoint.Split('_')[1] switch
            {
                "base" => Experiment("base", "completed", """{"loss":1.0,"acc":0.5,"steps":100,"zero":0,"val":{"loss":2.0,"error":4},"broken":NaN}"""),
                "same" => Experiment("same", "completed", """{"loss":1.02,"acc":0.49,"steps":101,"zero":0.1,"val":{"loss":2.0,"error":4.4},"broken":1}"""),
                "good" => Experiment("good", "completed", """{"loss":0.5,"acc":0.9,"steps":99,"zero":-1,"val":{"loss":1.0,"error":1},"broken":1,"history":[3,2,0.4]}"""),
                "nan" => Experiment("nan", "completed", """{"loss":NaN,"acc":"high"}"""),
                "failed" => Experiment("failed", "failed", """{"loss":0.1}"""),
                "running" => Experiment("running", "running", """{"loss":0.1}"""),
                "cancelled" => Experiment("cancelled", "cancelled", """{"loss":0.1}"""),
                "brackets" => Experiment("brackets", "Succeeded", """{"loss[0]":0.1,"loss[1]":9}"""),
                _ => Reply.Error(404, "experiment_not_found"),
            });
        _session.Connect(_service.BaseUri);
    }

    public async ValueTask DisposeAsync()
    {
        _session.Dispose();
        await _service.DisposeAsync();
    }

    [Theory]
    [InlineData("exp_same -Baseline exp_base -Metric loss -MaxRegression 2%", true)]
    [InlineData("exp_same -Baseline exp_base -Metric loss -MaxRegression 0.02", true)]
    [InlineData("exp_same -Baseline exp_base -Metric loss -MaxRegression 1.99%", false)]
    [InlineData("exp_same -Baseline exp_base -Metric loss", false)]
    [InlineData("exp_same -Baseline exp_base -Metric acc -MaxRegression 2%", true)]
    [InlineData("exp_same -Baseline exp_base -Metric acc -MaxRegression 0.009", false)]
    [InlineData("exp_good -Baseline exp_base -Metric loss, acc", true)]
    [InlineData("exp_same -Baseline exp_base -Metric val.* -MaxRegression 2%", false)]
    [InlineData("exp_same -Baseline exp_base -Metric val.* -MaxRegression 10%", true)]
    [InlineData("exp_same -Baseline exp_base -Rule @{ loss = '2%'; acc = 0.01; 'val.error' = '< 5', '> 4' }", true)]
    [InlineData("exp_same -Baseline exp_base -Rule @{ loss = '2%'; acc = 0.01; 'val.error' = '< 5', '>= 4.5' }", false)]
    [InlineData("exp_good -Rule @{ loss = '<= 0.5'; history = '< 0.5' }", true)]
    [InlineData("exp_good -Rule @{ loss = '< 0.5' }", false)]
    [InlineData("exp_good, exp_base -Rule @{ loss = '<= 0.5' }", false)]
    // What is better is not known, or the user says it.
    [InlineData("exp_good -Baseline exp_base -Metric steps", false)]
    [InlineData("exp_good -Baseline exp_base -Metric steps -Goal @{ 'st*' = 'Minimize' }", true)]
    [InlineData("exp_same -Baseline exp_base -Metric zero -Goal @{ zero = 'Minimize' } -MaxRegression 5%", false)]
    [InlineData("exp_same -Baseline exp_base -Metric zero -Goal @{ zero = 'Minimize' } -MaxRegression 0.1", true)]
    // What cannot be tested does not pass.
    [InlineData("exp_same -Baseline exp_base -Metric broken -Goal @{ broken = 'Minimize' }", false)]
    [InlineData("exp_nan -Baseline exp_base -Metric loss -MaxRegression 1000%", false)]
    [InlineData("exp_nan -Rule @{ acc = '< 1' }", false)]
    [InlineData("exp_nan -Baseline exp_base -Metric val.error -MaxRegression 1000%", false)]
    [InlineData("exp_good -Baseline exp_base -Metric none", false)]
    [InlineData("exp_good -Baseline exp_base -Metric loss, none", false)]
    [InlineData("exp_failed -Rule @{ loss = '< 1' }", false)]
    [InlineData("exp_running -Rule @{ loss = '< 1' }", false)]
    [InlineData("exp_good -Baseline exp_failed -Metric loss -MaxRegression 1000%", false)]
    [InlineData("exp_cancelled -Rule @{ loss = '< 1' }", false)]
    [InlineData("exp_cancelled -Baseline exp_base -Metric loss", false)]
    // A name is itself, also where it reads as a pattern.
    [InlineData("exp_brackets -Rule @{ 'loss[0]' = '< 1' }", true)]
    [InlineData("exp_brackets -Rule @{ 'loss`[1`]' = '< 1' }", false)]
    public void The_gate_opens_only_where_every_rule_is_kept(string arguments, bool passes)
    {
        Assert.Equal([passes], _session.Output($"Test-MeshiaExperiment {arguments} -Quiet").Select(value => value.BaseObject));

        var results = _session.Output($"Test-MeshiaExperiment {arguments}").Select(result => (Passed: (bool)Value(result, "Passed")!, Reason: Value(result, "Reason"))).ToList();
        Assert.NotEmpty(results);
        Assert.Equal(passes, results.TrueForAll(result => result.Passed));
        Each.Of(results, result => Assert.Equal(result.Passed, result.Reason is null));
    }

    [Theory]
    [InlineData("exp_same -Baseline exp_base -Metric loss", "loss", "not worse", "it went from 1 to 1.02, and less is better")]
    [InlineData("exp_same -Baseline exp_base -Metric acc -MaxRegression 1%", "acc", "at most 1% worse", "it went from 0.5 to 0.49, and more is better")]
    [InlineData("exp_same -Rule @{ loss = '<=1' }", "loss", "<= 1", "it is 1.02")]
    [InlineData("exp_nan -Rule @{ loss = '<= 1' }", "loss", "<= 1", "it is NaN")]
    [InlineData("exp_nan -Rule @{ acc = '<= 1' }", "acc", "<= 1", "it is not a number")]
    [InlineData("exp_nan -Baseline exp_base -Metric val.error", "val.error", "not worse", "the experiment does not have it")]
    [InlineData("exp_good -Baseline exp_base -Metric steps", "steps", "not worse", "its goal is not known (less or more)")]
    [InlineData("exp_same -Baseline exp_base -Metric broken", "broken", "not worse", "the baseline has no number for it")]
    [InlineData("exp_nan -Rule @{ 'x*' = '> 1' }", "x*", "> 1", "there is no such metric. Available: acc, loss")]
    [InlineData("exp_failed -Rule @{ loss = '> 1' }", "loss", "> 1", "exp_failed failed: it diverged")]
    [InlineData("exp_running -Rule @{ loss = '> 1' }", "loss", "> 1", "exp_running is running")]
    [InlineData("exp_cancelled -Rule @{ loss = '> 1' }", "loss", "> 1", "exp_cancelled is cancelled")]
    public void A_broken_rule_says_why(string arguments, string metric, string rule, string reason)
    {
        var result = Assert.Single(_session.Output($"Test-MeshiaExperiment {arguments}"));

        Assert.Equal([metric, rule, reason, false], [Value(result, "Metric"), Value(result, "Rule"), Value(result, "Reason"), Value(result, "Passed")]);
        Assert.Contains($"VERBOSE: {metric} of ", _session.Shown($"Test-MeshiaExperiment {arguments} -Quiet -Verbose 4>&1"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_experiment_is_an_error_and_closes_the_gate()
    {
        var result = _session.Invoke("'exp_good', 'exp_gone', 'exp_base' | Test-MeshiaExperiment -Rule @{ loss = '< 10' } -Quiet");
        var results = _session.Invoke("'exp_good', 'exp_gone', 'exp_base' | Test-MeshiaExperiment -Rule @{ loss = '< 10' }");

        Assert.Equal([false], result.Output.Select(value => value.BaseObject));
        Assert.Equal(("experiment_not_found,Meshia.PowerShell.TestMeshiaExperiment", "exp_gone"), (result.Error.FullyQualifiedErrorId, result.Error.TargetObject));
        Assert.Equal(["exp_good", "exp_base"], results.Output.Select(value => Value(value, "ExperimentId")));
    }

    [Fact]
    public void A_gate_without_results_does_not_pass() => Assert.Equal([false], _session.Output("@() | Test-MeshiaExperiment -Rule @{ loss = '< 10' } -Quiet").Select(value => value.BaseObject));

    [Theory]
    [InlineData("exp_good", "InvalidRule", "There is no rule.")]
    [InlineData("exp_good -Metric loss", "InvalidRule", "compares with a baseline. Add -Baseline.")]
    [InlineData("exp_good -Rule @{ loss = '2%' }", "InvalidRule", "compares with a baseline. Add -Baseline.")]
    [InlineData("exp_good -Rule @{ loss = '=> 2' }", "InvalidRule", "'=> 2' is not a rule for loss. Valid values: 0.01 or 2%")]
    [InlineData("exp_good -Rule @{ loss = $null }", "InvalidRule", "'' is not a rule for loss.")]
    [InlineData("exp_good -Rule @{ 'loss[' = '< 1' }", "InvalidRule", "'loss[' is not a wildcard pattern")]
    [InlineData("exp_good -Baseline exp_base -MaxRegression 0.01 -Rule @{ acc = '> 0.1' }", "InvalidRule", "-MaxRegression needs -Metric. Example: -Metric loss, 'val/*' -MaxRegression 2%")]
    [InlineData("exp_good -Baseline exp_base -Metric 'loss['", "ParameterArgumentValidationError", "'loss[' is not a wildcard pattern: a bracket is not closed. Examples: val/*, loss[0-9]")]
    [InlineData("exp_good -Rule @{ loss = '< NaN' }", "InvalidRule", "'< NaN' is not a rule for loss.")]
    [InlineData("exp_good -Baseline exp_base -Metric loss -MaxRegression lots", "ParameterArgumentTransformationError", "'lots' is not a margin. Valid values: 0.01 (an amount), 2% (a percentage)")]
    public void A_bad_rule_ends_it_before_any_request(string arguments, string id, string message)
    {
        var result = _session.Invoke($"Test-MeshiaExperiment {arguments} -Quiet");

        Assert.Equal(($"{id},Meshia.PowerShell.TestMeshiaExperiment", message), (result.Error.FullyQualifiedErrorId, Find(result.Error.ToString(), message)));
        Assert.Empty(result.Output);
        Assert.Empty(_service.Requests);
    }

    [Fact]
    public void An_experiment_is_not_its_own_baseline()
    {
        var error = _session.Invoke("Test-MeshiaExperiment exp_good -Baseline exp_good -Metric loss").Error;

        Assert.Equal(("InvalidArgument,Meshia.PowerShell.TestMeshiaExperiment", ErrorCategory.InvalidArgument), (error.FullyQualifiedErrorId, error.CategoryInfo.Category));
        Assert.Empty(_service.Requests);
    }

    private static object? Value(PSObject result, string name) => result.Properties[name].Value;

    private static string Find(string text, string part) => text.Contains(part, StringComparison.Ordinal) ? part : text;

    private static Reply Experiment(string id, string status, string metrics) =>
        Reply.Ok($$"""{"id":"exp_{{id}}","status":"{{status}}","config":{"seed":1},"metrics":{{metrics}},"error":"it diverged"}""");
}
