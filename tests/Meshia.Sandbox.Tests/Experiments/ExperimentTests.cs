using System.Net;
using System.Text.Json;

namespace Meshia.Sandbox.Tests.Experiments;

[Trait("Culture", "Dependent")]
public class ExperimentTests
{
    [Fact]
    [Trait("Contract", "list-experiments")]
    public async Task They_run_one_after_another()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        var id = await sandbox.CreateSessionAsync();
        sandbox.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(["running", "queued", "queued", "queued"], await StatusesAsync(sandbox, id));
        sandbox.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(["completed", "running", "queued", "queued"], await StatusesAsync(sandbox, id));
        sandbox.Time.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(["completed", "completed", "failed", "running"], await StatusesAsync(sandbox, id));
        sandbox.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(["completed", "completed", "failed", "completed"], await StatusesAsync(sandbox, id));
    }

    [Fact]
    [Trait("Contract", "experiment-get")]
    public async Task A_completed_one_has_config_metrics_artifacts_and_duration()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        var (session, ids) = await sandbox.CreateFinishedSessionAsync();
        var experiment = await sandbox.GetAsync($"experiments/{ids[0]}");

        Assert.Equal(
            ["id", "session_id", "name", "status", "config", "metrics", "artifacts", "duration_seconds", "created_at", "completed_at", "error"],
            experiment.EnumerateObject().Select(member => member.Name));
        Assert.Matches("^exp_[0-9a-f]{16}$", ids[0]);
        Assert.Equal(session, experiment.GetProperty("session_id").GetString());
        Assert.Equal(2, experiment.GetProperty("duration_seconds").GetDouble());
        Assert.Equal("2026-01-02T03:04:09.000Z", experiment.GetProperty("completed_at").GetString());
        Assert.Equal(JsonValueKind.Null, experiment.GetProperty("error").ValueKind);
        Assert.Equal(0.0003, experiment.GetProperty("config").GetProperty("optimizer").GetProperty("lr").GetDouble());
        Assert.Equal(2, experiment.GetProperty("config").GetProperty("optimizer").GetProperty("betas").GetArrayLength());

        var metrics = experiment.GetProperty("metrics");
        Assert.Equal(500, metrics.GetProperty("steps").GetInt32());
        Assert.True(metrics.GetProperty("eval").GetProperty("perplexity").GetDouble() > 1);
        Assert.Equal(metrics.GetProperty("loss").GetDouble(), metrics.GetProperty("loss_history")[4].GetDouble());
        Assert.Equal(
            ["checkpoints/last.safetensors", "metrics.json", "train.log"],
            experiment.GetProperty("artifacts").EnumerateArray().Select(artifact => artifact.GetProperty("name").GetString()));
    }

    [Fact]
    public async Task A_metric_that_is_not_a_number_is_valid_json()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        var (_, ids) = await sandbox.CreateFinishedSessionAsync();
        using var response = await sandbox.SendAsync(HttpMethod.Get, $"experiments/{ids[1]}");
        var text = await response.Content.ReadAsStringAsync(TestSandbox.Cancel);
        Assert.Contains("\"grad_norm\":\"NaN\",", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failed_one_says_why_and_leaves_no_artifacts()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        var (_, ids) = await sandbox.CreateFinishedSessionAsync();
        var experiment = await sandbox.GetAsync($"experiments/{ids[2]}");
        Assert.Equal("failed", experiment.GetProperty("status").GetString());
        Assert.Contains("diverged", experiment.GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Empty(experiment.GetProperty("artifacts").EnumerateArray());
    }

    [Fact]
    public async Task While_it_runs_the_duration_grows()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        var session = await sandbox.CreateSessionAsync();
        sandbox.Time.Advance(TimeSpan.FromSeconds(3.5));
        var experiments = (await sandbox.GetAsync($"sessions/{session}/experiments")).GetProperty("experiments");
        Assert.Equal(1.5, experiments[0].GetProperty("duration_seconds").GetDouble());
        Assert.Equal(JsonValueKind.Null, experiments[1].GetProperty("duration_seconds").ValueKind);
        Assert.Equal("{}", experiments[0].GetProperty("metrics").GetRawText());
    }

    [Fact]
    public async Task When_the_session_stops_none_is_left_to_be_waited_for()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        var session = await sandbox.CreateSessionAsync();
        sandbox.Time.Advance(TimeSpan.FromSeconds(5));
        await sandbox.PostAsync($"sessions/{session}/stop", "", HttpStatusCode.OK);
        Assert.Equal(["completed", "failed", "failed", "failed"], await StatusesAsync(sandbox, session));
        var running = (await sandbox.GetAsync($"sessions/{session}/experiments")).GetProperty("experiments")[1];
        Assert.Equal(1, running.GetProperty("duration_seconds").GetDouble());
        Assert.Contains("stopped", running.GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_seed_gives_the_same_ids_names_and_metrics()
    {
        var texts = new List<string>();
        foreach (var seed in new[] { 1, 1, 2 })
        {
            await using var sandbox = await TestSandbox.StartAsync(TestSandbox.Options with { Seed = seed });
            var (session, _) = await sandbox.CreateFinishedSessionAsync();
            texts.Add((await sandbox.GetAsync($"sessions/{session}/experiments")).GetRawText());
        }

        Assert.Equal(texts[0], texts[1]);
        Assert.NotEqual(texts[0], texts[2]);
    }

    private static async Task<IEnumerable<string?>> StatusesAsync(TestSandbox sandbox, string session) =>
        (await sandbox.GetAsync($"sessions/{session}/experiments")).GetProperty("experiments").EnumerateArray()
            .Select(experiment => experiment.GetProperty("status").GetString());
}
