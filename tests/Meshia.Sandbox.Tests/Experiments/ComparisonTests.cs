using System.Net;
using System.Text.Json;

namespace Meshia.Sandbox.Tests.Experiments;

[Trait("Culture", "Dependent")]
public class ComparisonTests
{
    [Fact]
    [Trait("Contract", "experiment-compare")]
    public async Task It_shows_the_experiments_in_the_order_asked_with_what_differs()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        var (_, ids) = await sandbox.CreateFinishedSessionAsync();
        var comparison = await CompareAsync(sandbox, ids[3], ids[0]);

        Assert.Equal(["experiments", "config_diffs", "metric_summaries"], comparison.EnumerateObject().Select(member => member.Name));
        Assert.Equal([ids[3], ids[0]], comparison.GetProperty("experiments").EnumerateArray().Select(e => e.GetProperty("id").GetString()));

        var diffs = comparison.GetProperty("config_diffs").EnumerateArray().ToDictionary(
            diff => diff.GetProperty("key").GetString()!, diff => diff.GetProperty("values").GetRawText());
        Assert.Equal(["data.batch_size", "optimizer.lr", "seed"], diffs.Keys.Order());
        Assert.Equal($$"""{"{{ids[3]}}":0.0001,"{{ids[0]}}":0.0003}""", diffs["optimizer.lr"]);
    }

    [Fact]
    [Trait("Contract", "experiment-compare")]
    public async Task It_sums_up_each_metric_and_names_the_best()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        var (_, ids) = await sandbox.CreateFinishedSessionAsync();
        var comparison = await CompareAsync(sandbox, ids[0], ids[3]);
        var summaries = comparison.GetProperty("metric_summaries").EnumerateArray().ToDictionary(s => s.GetProperty("metric").GetString()!);
        Assert.Equal(["accuracy", "eval.loss", "eval.perplexity", "grad_norm", "loss", "steps", "tokens_per_second"], summaries.Keys.Order());

        var (loss, accuracy) = (summaries["loss"], summaries["accuracy"]);
        var (losses, accuracies) = (Values(loss), Values(accuracy));
        Assert.Equal(["metric", "values", "min", "max", "mean", "best"], loss.EnumerateObject().Select(member => member.Name));
        Assert.Equal([ids[0], ids[3]], losses.Keys);
        Assert.Equal(losses.Values.Min(), loss.GetProperty("min").GetDouble());
        Assert.Equal(losses.Values.Max(), loss.GetProperty("max").GetDouble());
        Assert.Equal(losses.Values.Average(), loss.GetProperty("mean").GetDouble());
        Assert.Equal(losses.MinBy(value => value.Value).Key, loss.GetProperty("best").GetString());
        Assert.Equal(accuracies.MaxBy(value => value.Value).Key, accuracy.GetProperty("best").GetString());
        Assert.Equal(JsonValueKind.Null, summaries["steps"].GetProperty("best").ValueKind);
    }

    [Fact]
    public async Task What_is_not_a_number_is_shown_but_not_summed_up()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        var (_, ids) = await sandbox.CreateFinishedSessionAsync();
        var comparison = await CompareAsync(sandbox, ids[0], ids[1]);
        var summary = comparison.GetProperty("metric_summaries").EnumerateArray().Single(s => s.GetProperty("metric").GetString() == "grad_norm");
        Assert.Equal("NaN", summary.GetProperty("values").GetProperty(ids[1]).GetString());
        Assert.Equal(summary.GetProperty("values").GetProperty(ids[0]).GetDouble(), summary.GetProperty("mean").GetDouble());
    }

    [Fact]
    public async Task Experiments_that_have_not_run_have_no_metrics_to_compare()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        var session = await sandbox.CreateSessionAsync();
        sandbox.Time.Advance(TimeSpan.FromSeconds(2));
        var ids = (await sandbox.GetAsync($"sessions/{session}/experiments")).GetProperty("experiments").EnumerateArray()
            .Select(e => e.GetProperty("id").GetString()!).ToArray();
        Assert.Equal(0, (await CompareAsync(sandbox, ids[0], ids[1])).GetProperty("metric_summaries").GetArrayLength());
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"experiment_ids":"exp_a"}""")]
    [InlineData("""{"experiment_ids":[]}""")]
    [InlineData("""{"experiment_ids":[1,2]}""")]
    [InlineData("""{"experiment_ids":["exp_a"]}""")]
    [InlineData("""{"experiment_ids":["exp_a","exp_a"]}""")]
    public async Task It_needs_two_different_ids(string body)
    {
        await using var sandbox = await TestSandbox.StartAsync();
        await sandbox.AssertErrorAsync(HttpMethod.Post, "experiments/compare", body, HttpStatusCode.BadRequest, "invalid_request", "'experiment_ids'");
    }

    [Fact]
    public async Task An_unknown_experiment_is_named()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        var (_, ids) = await sandbox.CreateFinishedSessionAsync();
        await sandbox.AssertErrorAsync(
            HttpMethod.Post, "experiments/compare", JsonSerializer.Serialize(new { experiment_ids = new[] { ids[0], "exp_gone" } }),
            HttpStatusCode.NotFound, "experiment_not_found", "No experiment with id exp_gone exists.");
    }

    private static Task<JsonElement> CompareAsync(TestSandbox sandbox, params string[] ids) =>
        sandbox.PostAsync("experiments/compare", new { experiment_ids = ids }, HttpStatusCode.OK);

    private static Dictionary<string, double> Values(JsonElement summary) =>
        summary.GetProperty("values").EnumerateObject().ToDictionary(value => value.Name, value => value.Value.GetDouble());
}
