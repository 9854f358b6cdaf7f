using System.Net;
using System.Text.Json;
using Meshia.Sandbox.Tests.Artifacts;

namespace Meshia.Sandbox.Tests.Experiments;

public class AddedExperimentTests
{
    [Fact]
    public async Task It_has_the_config_metrics_history_artifacts_and_end_that_were_given()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        var session = await sandbox.CreateSessionAsync();
        var added = await sandbox.PostAsync("/sandbox/experiments", """
            {"session_id":"SESSION","name":"mine","status":"completed","config":{"lr":0.5},"metrics":{"loss":0.25},"history":{"acc":[0.1,0.9]},
             "duration_seconds":12.5,"artifacts":[{"name":"a.txt","text":"hällo"},{"name":"b.bin","size_bytes":1000,"content_type":"application/x-b"}]}
            """.Replace("SESSION", session, StringComparison.Ordinal));
        Assert.Equal(added.GetRawText(), (await sandbox.GetAsync($"experiments/{added.GetProperty("id").GetString()}")).GetRawText());
        Assert.Equal(("mine", "completed", 12.5), (added.GetProperty("name").GetString(), added.GetProperty("status").GetString(), added.GetProperty("duration_seconds").GetDouble()));
        Assert.Equal("""{"lr":0.5}""", added.GetProperty("config").GetRawText());
        Assert.Equal("""{"loss":0.25,"acc_history":[0.1,0.9],"acc":0.9}""", added.GetProperty("metrics").GetRawText());
        var artifacts = added.GetProperty("artifacts");
        Assert.Equal([6L, 1000L], artifacts.EnumerateArray().Select(artifact => artifact.GetProperty("size_bytes").GetInt64()));
        using var client = new HttpClient();
        Assert.Equal("hällo", await client.GetStringAsync(await StorageTests.SignedUrlAsync(sandbox, artifacts[0]), TestSandbox.Cancel));
    }

    [Fact]
    public async Task A_failed_one_says_why()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        var (session, _) = await sandbox.CreateFinishedSessionAsync();
        var added = await sandbox.PostAsync("/sandbox/experiments", new { session_id = session, status = "failed", error = "out of memory" });
        Assert.Equal(("failed", "out of memory"), (added.GetProperty("status").GetString(), added.GetProperty("error").GetString()));
    }

    [Fact]
    public async Task One_that_runs_keeps_the_session_busy_and_ends_in_its_time()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        var (session, _) = await sandbox.CreateFinishedSessionAsync();
        var id = (await sandbox.PostAsync(
            "/sandbox/experiments", new { session_id = session, status = "running", duration_seconds = 7200, metrics = new { loss = 1 } })).GetProperty("id").GetString();
        await sandbox.StepAsync(new { seconds = 7199 });
        Assert.Equal("running", (await sandbox.GetAsync($"experiments/{id}")).GetProperty("status").GetString());
        Assert.Equal("running", (await sandbox.GetAsync($"sessions/{session}")).GetProperty("status").GetString());
        await sandbox.StepAsync(new { seconds = 1 });
        var ended = await sandbox.GetAsync($"experiments/{id}");
        Assert.Equal(("completed", 7200.0), (ended.GetProperty("status").GetString(), ended.GetProperty("duration_seconds").GetDouble()));
        await sandbox.StepAsync(new { seconds = 1801 });
        Assert.Equal("stopped", (await sandbox.GetAsync($"sessions/{session}")).GetProperty("status").GetString());
    }

    [Fact]
    [Trait("Contract", "error-others")]
    public async Task A_stopped_session_takes_none_that_is_to_run()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        var (session, _) = await sandbox.CreateFinishedSessionAsync();
        await sandbox.StepAsync(new { until_idle = true });
        await sandbox.AssertErrorAsync(
            HttpMethod.Post, "/sandbox/experiments", JsonSerializer.Serialize(new { session_id = session, status = "queued" }),
            HttpStatusCode.Conflict, "session_not_active", "stopped");
        await sandbox.PostAsync("/sandbox/experiments", new { session_id = session });
    }

    [Theory]
    [InlineData("""{"session_id":"sess_none"}""", HttpStatusCode.NotFound, "sess_none")]
    [InlineData("""{"status":"completed"}""", HttpStatusCode.BadRequest, "'session_id'")]
    [InlineData("""{"session_id":"x","status":"done"}""", HttpStatusCode.BadRequest, "'status' must be one of queued")]
    [InlineData("""{"session_id":"x","config":[]}""", HttpStatusCode.BadRequest, "'config' must be a JSON object")]
    [InlineData("""{"session_id":"x","history":{"a":1}}""", HttpStatusCode.BadRequest, "'history'")]
    [InlineData("""{"session_id":"x","artifacts":[{"name":"a"}]}""", HttpStatusCode.BadRequest, "either 'text' or 'size_bytes'")]
    [InlineData("""{"session_id":"x","conifg":{}}""", HttpStatusCode.BadRequest, "'conifg' is not known")]
    public async Task What_makes_no_sense_is_refused(string body, HttpStatusCode status, string message)
    {
        await using var sandbox = await TestSandbox.StartAsync();
        await sandbox.AssertErrorAsync(HttpMethod.Post, "/sandbox/experiments", body, status, status == HttpStatusCode.NotFound ? "session_not_found" : "invalid_request", message);
    }

    [Fact]
    public async Task Activity_keeps_a_session_from_its_idle_stop()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        var (session, _) = await sandbox.CreateFinishedSessionAsync();
        for (var i = 0; i < 3; i++)
        {
            await sandbox.StepAsync(new { seconds = 1700 });
            await sandbox.PostAsync($"/sandbox/sessions/{session}/activity", "", HttpStatusCode.OK);
        }

        Assert.Equal("running", (await sandbox.GetAsync($"sessions/{session}")).GetProperty("status").GetString());
        await sandbox.StepAsync(new { until_idle = true });
        await sandbox.AssertErrorAsync(
            HttpMethod.Post, $"/sandbox/sessions/{session}/activity", "", HttpStatusCode.Conflict, "session_not_active", "stopped");
    }
}
