using System.Net;
using System.Text.Json;

namespace Meshia.Sandbox.Tests.Sessions;

[Trait("Culture", "Dependent")]
public class SessionTests
{
    [Fact]
    [Trait("Contract", "session-create")]
    [Trait("Contract", "session-object")]
    public async Task A_new_session_is_provisioning_and_has_the_documented_shape()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        using var response = await sandbox.SendAsync(HttpMethod.Post, "sessions", """{"name":"llama-finetune","gpu":"rtx4090","repo":"github:user/repo"}""");
        var location = response.Headers.Location?.OriginalString;
        var session = await TestSandbox.ReadAsync(response, HttpStatusCode.Created);

        var id = session.GetProperty("id").GetString();
        Assert.Matches("^sess_[0-9a-f]{16}$", id);
        Assert.Equal($"/api/v1/sessions/{id}", location);
        Assert.Equal(
            $$"""{"id":"{{id}}","name":"llama-finetune","gpu":"rtx4090","repo":"github:user/repo","status":"provisioning","created_at":"2026-01-02T03:04:05.000Z","started_at":null,"stopped_at":null,"stop_reason":null,"stops_at":null,"error":null}""",
            session.GetRawText());
        Assert.Equal(session.GetRawText(), (await sandbox.GetAsync($"sessions/{id}")).GetRawText());
    }

    [Fact]
    [Trait("Contract", "session-get")]
    public async Task It_runs_once_provisioned()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        var id = await sandbox.CreateSessionAsync();
        sandbox.Time.Advance(TimeSpan.FromSeconds(1.999));
        Assert.Equal("provisioning", await StatusAsync(sandbox, id));
        sandbox.Time.Advance(TimeSpan.FromSeconds(0.001));
        var session = await sandbox.GetAsync($"sessions/{id}");
        Assert.Equal("running", session.GetProperty("status").GetString());
        Assert.Equal("2026-01-02T03:04:07.000Z", session.GetProperty("started_at").GetString());
    }

    [Fact]
    [Trait("Contract", "session-stop")]
    public async Task It_stops_when_told_and_stopping_again_is_no_error()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        var id = await sandbox.CreateSessionAsync();
        sandbox.Time.Advance(TimeSpan.FromSeconds(3));
        for (var i = 0; i < 2; i++)
        {
            var stopping = await sandbox.PostAsync($"sessions/{id}/stop", "", HttpStatusCode.OK);
            Assert.Equal("stopping", stopping.GetProperty("status").GetString());
        }

        sandbox.Time.Advance(TimeSpan.FromSeconds(1));
        for (var i = 0; i < 2; i++)
        {
            var stopped = await sandbox.PostAsync($"sessions/{id}/stop", "", HttpStatusCode.OK);
            Assert.Equal("stopped", stopped.GetProperty("status").GetString());
            Assert.Equal("2026-01-02T03:04:09.000Z", stopped.GetProperty("stopped_at").GetString());
        }
    }

    [Fact]
    public async Task One_that_never_ran_can_be_stopped()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        var id = await sandbox.CreateSessionAsync();
        await sandbox.PostAsync($"sessions/{id}/stop", "", HttpStatusCode.OK);
        sandbox.Time.Advance(TimeSpan.FromMinutes(1));
        var session = await sandbox.GetAsync($"sessions/{id}");
        Assert.Equal("stopped", session.GetProperty("status").GetString());
        Assert.Equal(JsonValueKind.Null, session.GetProperty("started_at").ValueKind);
        Assert.Empty((await sandbox.GetAsync($"sessions/{id}/experiments")).GetProperty("experiments").EnumerateArray());
    }

    [Fact]
    [Trait("Contract", "idle-stop")]
    public async Task It_idles_out_thirty_minutes_after_its_last_experiment_however_often_it_is_polled()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        var id = await sandbox.CreateSessionAsync();
        sandbox.Time.Advance(TimeSpan.FromSeconds(10));
        for (var minute = 0; minute < 29; minute++)
        {
            sandbox.Time.Advance(TimeSpan.FromMinutes(1));
            Assert.Equal("running", await StatusAsync(sandbox, id));
        }

        sandbox.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("stopping", await StatusAsync(sandbox, id));
        sandbox.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("stopped", await StatusAsync(sandbox, id));
    }

    [Theory]
    [Trait("Contract", "plan-trial")]
    [Trait("Contract", "plan-pro")]
    [InlineData(SandboxPlan.Trial, 12)]
    [InlineData(SandboxPlan.Pro, 72)]
    public async Task The_plan_ends_it_at_last(SandboxPlan plan, int hours)
    {
        await using var sandbox = await TestSandbox.StartAsync(TestSandbox.Options with { Plan = plan, ExperimentDuration = TimeSpan.FromHours(100) });
        var id = await sandbox.CreateSessionAsync();
        sandbox.Time.Advance(TimeSpan.FromHours(hours) - TimeSpan.FromMilliseconds(1));
        Assert.Equal("running", await StatusAsync(sandbox, id));
        sandbox.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal("stopping", await StatusAsync(sandbox, id));
        var experiments = (await sandbox.GetAsync($"sessions/{id}/experiments")).GetProperty("experiments");
        Each.Of(experiments.EnumerateArray(), experiment => Assert.Equal("failed", experiment.GetProperty("status").GetString()));
    }

    [Fact]
    public async Task A_trial_can_start_another_once_the_first_has_stopped()
    {
        await using var sandbox = await TestSandbox.StartAsync(TestSandbox.Options with { Plan = SandboxPlan.Trial });
        var id = await sandbox.CreateSessionAsync();
        await sandbox.PostAsync($"sessions/{id}/stop", "", HttpStatusCode.OK);
        sandbox.Time.Advance(TimeSpan.FromSeconds(1));
        await sandbox.CreateSessionAsync();
    }

    [Fact]
    [Trait("Contract", "plan-pro")]
    public async Task The_pro_plan_has_six_gpus_and_no_limit_of_sessions()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        foreach (var gpu in new[] { "rtx4090", "a100", "h100", "h200", "a5000", "l40s" })
            await sandbox.CreateSessionAsync(gpu);
        Assert.Equal(6, (await sandbox.GetAsync("sessions")).GetProperty("sessions").GetArrayLength());
    }

    [Theory]
    [Trait("Contract", "session-refused")]
    [InlineData("""{"gpu":"rtx4090"}""", "'name'")]
    [InlineData("""{"name":" ","gpu":"rtx4090"}""", "'name'")]
    [InlineData("""{"name":5,"gpu":"rtx4090"}""", "'name' must be a string")]
    [InlineData("""{"name":"\ud800","gpu":"rtx4090"}""", "'name' is not valid Unicode")]
    [InlineData("""{"name":"x"}""", "'gpu'")]
    [InlineData("""{"name":"x","gpu":"gtx1080"}""", "'gpu' must be one of rtx4090, ")]
    [InlineData("""{"name":"x","gpu":"rtx4090","repo":"user/repo"}""", "'repo'")]
    [InlineData("""{"name":"x","gpu":"rtx4090","repo":"github:user/repo/more"}""", "'repo'")]
    public async Task What_is_wrong_is_said_with_the_name_of_the_field(string body, string message)
    {
        await using var sandbox = await TestSandbox.StartAsync();
        await sandbox.AssertErrorAsync(HttpMethod.Post, "sessions", body, HttpStatusCode.BadRequest, "invalid_request", message);
    }

    [Fact]
    public async Task It_needs_no_repo_and_takes_a_unicode_name()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        var session = await sandbox.PostAsync("sessions", """{"name":"Größe-数-🚀","gpu":"rtx4090","repo":null}""");
        Assert.Equal("Größe-数-🚀", session.GetProperty("name").GetString());
        Assert.Equal(JsonValueKind.Null, session.GetProperty("repo").ValueKind);
    }

    private static async Task<string?> StatusAsync(TestSandbox sandbox, string id) =>
        (await sandbox.GetAsync($"sessions/{id}")).GetProperty("status").GetString();
}
