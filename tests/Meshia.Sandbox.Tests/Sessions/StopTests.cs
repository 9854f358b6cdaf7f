using System.Net;
using Meshia.Sandbox.Tests.Artifacts;

namespace Meshia.Sandbox.Tests.Sessions;

public class StopTests
{
    [Fact]
    [Trait("Contract", "stop-reason")]
    public async Task An_idle_stop_is_announced_five_minutes_before_and_says_why()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        await using var receiver = await Webhooks.Receiver.StartAsync();
        await sandbox.PostAsync("webhooks", new { url = receiver.Url, events = new[] { "session.stopped" } });
        await receiver.NextAsync();
        var (id, _) = await sandbox.CreateFinishedSessionAsync();
        await sandbox.StepAsync(new { seconds = (25 * 60) - 0.001 });
        Assert.Equal((null, null), await NoticeAsync(sandbox, id));
        await sandbox.StepAsync(new { seconds = 0.001 });
        Assert.Equal(("idle", "2026-01-02T03:34:15.000Z"), await NoticeAsync(sandbox, id));
        await sandbox.StepAsync(new { seconds = 301 });
        Assert.Equal(("idle", null), await NoticeAsync(sandbox, id));
        Assert.Equal("idle", (await receiver.NextAsync()).Json.GetProperty("data").GetProperty("reason").GetString());
    }

    [Fact]
    [Trait("Contract", "stop-reason")]
    public async Task A_stop_by_a_person_and_by_the_plan_say_so()
    {
        await using var sandbox = await TestSandbox.StartAsync(TestSandbox.Options with { ExperimentDuration = TimeSpan.FromHours(100) });
        var (stopped, left) = (await sandbox.CreateSessionAsync(), await sandbox.CreateSessionAsync());
        await sandbox.PostAsync($"sessions/{stopped}/stop", "", HttpStatusCode.OK);
        Assert.Equal("user", (await NoticeAsync(sandbox, stopped)).Reason);
        await sandbox.StepAsync(new { seconds = (72 * 3600) - 60 });
        Assert.Equal(("plan", "2026-01-05T03:04:05.000Z"), await NoticeAsync(sandbox, left));
    }

    [Fact]
    [Trait("Contract", "workspace")]
    public async Task Exported_artifacts_stay_and_what_was_not_exported_is_gone()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        var id = await sandbox.CreateSessionAsync();
        await sandbox.StepAsync(new { seconds = 5 });
        await sandbox.PostAsync($"sessions/{id}/stop", "", HttpStatusCode.OK);
        await sandbox.StepAsync(new { seconds = 1 });
        var experiments = (await sandbox.GetAsync($"sessions/{id}/experiments")).GetProperty("experiments");
        using var client = new HttpClient();
        var artifacts = experiments[0].GetProperty("artifacts");
        Assert.NotEqual(0, artifacts.GetArrayLength());
        foreach (var artifact in artifacts.EnumerateArray())
            Assert.NotEmpty(await client.GetByteArrayAsync(await StorageTests.SignedUrlAsync(sandbox, artifact), TestSandbox.Cancel));
        Assert.Empty(experiments[1].GetProperty("artifacts").EnumerateArray());
    }

    [Theory]
    [Trait("Contract", "experiment-history")]
    [InlineData(SandboxPlan.Trial, false)]
    [InlineData(SandboxPlan.Pro, true)]
    public async Task Experiments_are_kept_for_thirty_days_on_trial_and_without_end_on_pro(SandboxPlan plan, bool kept)
    {
        await using var sandbox = await TestSandbox.StartAsync(TestSandbox.Options with { Plan = plan });
        var (session, ids) = await sandbox.CreateFinishedSessionAsync();
        await sandbox.StepAsync(new { seconds = (30 * 24 * 3600) - 60 });
        Assert.Equal(4, await CountAsync());
        await sandbox.StepAsync(new { seconds = 60 });
        Assert.Equal(kept ? 4 : 0, await CountAsync());
        using var response = await sandbox.SendAsync(HttpMethod.Get, $"experiments/{ids[0]}");
        Assert.Equal(kept ? HttpStatusCode.OK : HttpStatusCode.NotFound, response.StatusCode);

        async Task<int> CountAsync() => (await sandbox.GetAsync($"sessions/{session}/experiments")).GetProperty("experiments").GetArrayLength();
    }

    private static async Task<(string? Reason, string? At)> NoticeAsync(TestSandbox sandbox, string id)
    {
        var session = await sandbox.GetAsync($"sessions/{id}");
        return (session.GetProperty("stop_reason").GetString(), session.GetProperty("stops_at").GetString());
    }
}
