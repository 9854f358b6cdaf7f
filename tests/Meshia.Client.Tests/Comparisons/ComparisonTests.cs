using System.Text.Json;

namespace Meshia.Client.Tests;

[Trait("Culture", "Dependent")]
public class ComparisonTests
{
    private const string A = """{"id":"exp_a","config":{"optimizer":{"lr":0.01},"seed":1,"only_a":true},"metrics":{"loss":0.31,"acc":NaN,"note":"x"}}""";
    private const string B = """{"id":"exp_b","config":{"optimizer":{"lr":0.001},"seed":1.0},"metrics":{"loss":0.28}}""";
    private const string Configs = """[{"key":"optimizer.lr","values":{"exp_a":0.01,"exp_b":0.001}},{"key":"only_a","values":{"exp_a":true}}]""";
    private const string Metrics = """[{"metric":"loss","values":{"exp_a":0.31,"exp_b":0.28},"min":0.28,"max":0.31,"mean":0.295,"best":"exp_b"},{"metric":"acc","values":{"exp_a":NaN}}]""";

    public static TheoryData<string> Forms =>
    [
        $$$"""{"experiments":[{{{A}}},{{{B}}}],"config_diffs":{{{Configs}}},"metric_summaries":{{{Metrics}}}}""",
        $$$"""{"comparison":{"experiments":[{{{A}}},{{{B}}}],"config_diffs":{{{Configs}}},"metric_summaries":{{{Metrics}}}}}""",
        $$$"""{"data":{"experiments":[{{{A}}},{{{B}}}],"config_diff":{{{Configs}}},"metrics":{{{Metrics}}}}}""",
        $$$"""{"experiments":[{{{A}}},{{{B}}}],"config_diff":{"optimizer.lr":{"exp_a":0.01,"exp_b":0.001},"only_a":{"values":{"exp_a":true} } },"metrics":{"loss":{"values":{"exp_a":0.31,"exp_b":0.28},"best":"exp_b"},"acc":{"exp_a":NaN} } }""",
        // Parts are missing, to the last one.
        $$"""{"experiments":[{{A}},{{B}}],"config_diffs":{{Configs}}}""",
        $$"""{"experiments":[{{A}},{{B}}],"metric_summaries":{{Metrics}}}""",
        $$"""{"experiments":[{{A}},{{B}}]}""",
        $$"""{"experiments":[{{A}},{{B}},{{A}}]}""",
        """{"experiments":["exp_a","exp_b"]}""",
        """{"experiments":[{"id":"exp_a","name":"a"},{"id":"exp_b","name":"b"}]}""",
        $$"""{"config_diffs":{{Configs}},"metric_summaries":{{Metrics}}}""",
        "{}",
    ];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(Forms))]
    [Trait("Contract", "comparison-forms")]
    [Trait("Contract", "experiment-compare")]
    public async Task Every_form_of_a_comparison_is_read_and_completed(string body)
    {
        await using var service = await ServeAsync(body);
        using var client = service.Client();

        var comparison = await client.CompareExperimentsAsync(["exp_a", "exp_b", "exp_a"], cancellationToken: Cancel);

        Assert.Equal("POST /experiments/compare", service.Requests[0].Endpoint);
        Assert.Equal("""{"experiment_ids":["exp_a","exp_b"]}""", service.Requests[0].Body);
        Assert.Equal(["exp_a", "exp_b"], comparison.Experiments.Select(experiment => experiment.Id));
        Assert.Equal(["only_a", "optimizer.lr"], comparison.Config.Select(row => row.Key));
        Assert.Equal([0.01, 0.001], [comparison.Config[1].Values["exp_a"], comparison.Config[1].Values["exp_b"]]);
        Assert.Equal([true], comparison.Config[0].Values.Values);

        // A form that names the metrics as columns only knows those; the experiments themselves know the note too.
        Assert.Equal(["acc", "loss"], comparison.Metrics.Select(row => row.Key).Where(key => key != "note"));
        var loss = comparison.Metrics.Single(row => row.Key == "loss");
        Assert.Equal([0.31, 0.28], [loss.Values["exp_a"], loss.Values["exp_b"]]);
        Assert.Equal((0.28, 0.31), (loss.Min, loss.Max));
        Assert.Equal(0.295, loss.Mean!.Value, precision: 12);
        Assert.Equal(["exp_b"], loss.Best);
        Assert.Equal(body.Contains("best", StringComparison.Ordinal) ? MetricGoalSource.Service : MetricGoalSource.Guessed, loss.GoalSource);
        var accuracy = comparison.Metrics.Single(row => row.Key == "acc");
        Assert.Equal([double.NaN], accuracy.Values.Values);
        Assert.Null(accuracy.Mean);
    }

    [Theory]
    [InlineData("""[{"metric":"values","values":{"exp_a":1,"exp_b":2},"best":"exp_b"}]""")]
    [InlineData("""{"values":{"values":{"exp_a":1,"exp_b":2},"best":"exp_b"}}""")]
    [InlineData("""{"values":{"exp_a":1,"exp_b":2,"best":"exp_b"}}""")]
    public async Task A_metric_may_have_the_name_of_a_field(string metrics)
    {
        await using var service = await ServeAsync("""{"experiments":[{"id":"exp_a","metrics":{"values":1}},{"id":"exp_b","metrics":{"values":2}}],"config_diffs":[],"metric_summaries":""" + metrics + "}");
        using var client = service.Client();

        var row = (await client.CompareExperimentsAsync(["exp_a", "exp_b"], cancellationToken: Cancel)).Metrics.Single();

        Assert.Equal((MetricGoal.Maximize, MetricGoalSource.Service), (row.Goal, row.GoalSource));
        Assert.Equal(["exp_b"], row.Best);
    }

    [Theory]
    [InlineData("12345678901234567889", ">= 12345678901234567890", false)]
    [InlineData("12345678901234567890", ">= 12345678901234567890", true)]
    [InlineData("12345678901234567891", "> 12345678901234567890", true)]
    [InlineData("12345678901234567891", "<= 12345678901234567890", false)]
    [InlineData("9007199254740993", "< 9007199254740993", false)]
    [InlineData("0.31", "<= 0.31", true)]
    [InlineData("0.31", "< 0.31", false)]
    [InlineData("0.12345678901234567891", "> 0.12345678901234567890", true)]
    [InlineData("5", "<= 5.0", true)]
    [InlineData("\"0.31\"", "< 0.4", true)]
    [InlineData("1", "> 1e-3", true)]
    public async Task A_bound_is_kept_to_the_last_digit(string value, string rule, bool passes)
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok($$$"""{"id":"exp_1","status":"completed","metrics":{"n":{{{value}}}}}"""));
        using var client = service.Client();

        var test = Assert.Single(await client.TestExperimentAsync("exp_1", [MetricRule.Parse("n", name => name == "n", rule)], cancellationToken: Cancel));

        Assert.Equal(passes, test.Passed);
        Assert.Equal(passes ? null : $"it is {value}", test.Reason);
    }

    [Fact]
    public async Task A_metric_that_is_worse_in_its_last_digit_is_worse()
    {
        await using var service = await ScriptedService.StartAsync(request => Reply.Ok(request.Method == "POST"
            ? "{}"
            : $$$"""{"id":"{{{request.Path.Split('/')[^1]}}}","status":"completed","metrics":{"loss":1234567890123456789{{{(request.Path.EndsWith('1') ? 0 : 1)}}}}}"""));
        using var client = service.Client();

        var test = Assert.Single(await client.TestExperimentAsync("exp_2", [MetricRule.Parse("loss", name => name == "loss", "0")], new() { BaselineId = "exp_1", Goal = _ => MetricGoal.Minimize }, cancellationToken: Cancel));

        Assert.False(test.Passed);
    }

    [Fact]
    public async Task A_test_without_a_baseline_takes_an_experiment_by_another_id()
    {
        await using var service = await ServeAsync(A);
        using var client = service.Client();

        var test = Assert.Single(await client.TestExperimentAsync("exp_alias", [MetricRule.Parse("loss", key => key == "loss", "< 1")], cancellationToken: Cancel));

        Assert.Equal(("exp_a", 0.31, true), (test.ExperimentId, test.Value, test.Passed));
    }

    [Fact]
    public async Task A_file_that_names_an_experiment_twice_has_it_once()
    {
        await using var service = await ServeAsync($$"""{"experiments":[{{A}},{{B}}]}""");
        using var client = service.Client();
        var comparison = await client.CompareExperimentsAsync(["exp_a", "exp_b"], cancellationToken: Cancel);
        var properties = (Dictionary<string, object?>)MeshiaClient.ParseJson(comparison.ToJson())!;
        properties["Experiments"] = (object?[])[.. (object?[])properties["Experiments"]!, .. (object?[])properties["Experiments"]!];

        Assert.Equal(comparison.ToJson(), ExperimentComparison.FromProperties(properties).ToJson());
    }

    [Fact]
    public async Task An_answer_that_is_damaged_in_what_nobody_needs_is_an_invalid_one()
    {
        await using var service = await ServeAsync($$"""{"experiments":[{{A}},{{B}}],"config_diffs":[{"key":"x","values":[1,]}]}""");
        using var client = service.Client();

        var failure = await Assert.ThrowsAsync<MeshiaException>(() => client.CompareExperimentsAsync(["exp_a", "exp_b"], cancellationToken: Cancel));

        Assert.Equal("invalid_answer", failure.Code);
    }

    [Fact]
    public async Task Unknown_fields_of_a_comparison_are_kept()
    {
        await using var service = await ServeAsync($$"""{"experiments":[{{A}},{{B}}],"winner":"exp_b"}""");
        using var client = service.Client();

        Assert.Equal("exp_b", (await client.CompareExperimentsAsync(["exp_a", "exp_b"], cancellationToken: Cancel)).AdditionalProperties["winner"]);
    }

    [Theory]
    [InlineData]
    [InlineData("exp_a")]
    [InlineData("exp_a", "exp_a")]
    [InlineData("exp_a", "")]
    [InlineData("exp_a", "..")]
    public async Task Fewer_than_two_experiments_or_a_bad_id_are_refused(params string[] ids)
    {
        await using var service = await ServeAsync("{}");
        using var client = service.Client();

        await Assert.ThrowsAsync<ArgumentException>(() => client.CompareExperimentsAsync(ids, cancellationToken: Cancel));
        Assert.Empty(service.Requests);
    }

    [Fact]
    public async Task An_experiment_that_is_not_there_is_the_services_error()
    {
        await using var service = await ScriptedService.StartAsync(Reply.Error(404, "experiment_not_found"));
        using var client = service.Client();

        Assert.Equal("experiment_not_found", (await TestClient.FailsAsync(() => client.CompareExperimentsAsync(["exp_a", "exp_b"], cancellationToken: Cancel))).Code);
    }

    [Theory]
    [InlineData("exp_a", "exp_alias", "exp_b")]
    [InlineData("exp_alias", "exp_b", "exp_a")]
    [Trait("Contract", "comparison-forms")]
    public async Task An_experiment_that_has_two_ids_is_one(params string[] ids)
    {
        await using var service = await ServeAsync("{}");
        using var client = service.Client();

        var comparison = await client.CompareExperimentsAsync(ids, new() { BaselineId = "exp_alias" }, cancellationToken: Cancel);

        Assert.Equal("exp_a", comparison.BaselineId);
        Assert.Equal(["exp_a", "exp_b"], comparison.Experiments.Select(experiment => experiment.Id));
        Assert.Equal(["exp_b"], comparison.Metrics.Single(row => row.Key == "loss").Delta.Keys);
        var failure = await Assert.ThrowsAsync<ArgumentException>(() => client.CompareExperimentsAsync(["exp_a", "exp_alias"], cancellationToken: Cancel));
        Assert.Contains("exp_a, exp_alias are the same experiment, exp_a.", failure.Message, StringComparison.Ordinal);
        Assert.True((await client.TestExperimentAsync("exp_b", [MetricRule.Parse("loss", name => name == "loss", "0")], new() { BaselineId = "exp_alias" }, cancellationToken: Cancel)).Single().Passed);
    }

    private static Task<ScriptedService> ServeAsync(string comparison) => ScriptedService.StartAsync(request => Reply.Ok(request.Endpoint switch
    {
        "POST /experiments/compare" => comparison,
        "GET /experiments/exp_a" or "GET /experiments/exp_alias" => A,
        "GET /experiments/exp_b" => B,
        _ => throw new JsonException(request.Endpoint),
    }));
}
