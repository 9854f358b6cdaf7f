using System.Net;

namespace Meshia.Sandbox.Tests.Faults;

public class SessionFaultTests
{
    [Fact]
    public async Task FailToStart_ends_in_failed_with_a_reason()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        await FaultTests.AddAsync(sandbox, new { on = "session", effect = "FailToStart" });
        var id = await sandbox.CreateSessionAsync();
        await sandbox.StepAsync(new { seconds = 2 });
        var session = await sandbox.GetAsync($"sessions/{id}");
        Assert.Equal("failed", session.GetProperty("status").GetString());
        Assert.Equal("failure", session.GetProperty("stop_reason").GetString());
        Assert.Contains("CUDA", session.GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Empty((await sandbox.GetAsync($"sessions/{id}/experiments")).GetProperty("experiments").EnumerateArray());
    }

    [Fact]
    public async Task StayProvisioning_lasts_until_it_is_stopped_or_the_plan_ends_it()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        await FaultTests.AddAsync(sandbox, new { on = "session", effect = "stay_provisioning" });
        var (stopped, left) = (await sandbox.CreateSessionAsync(), await sandbox.CreateSessionAsync());
        await sandbox.StepAsync(new { seconds = 71 * 3600 });
        Assert.Equal("provisioning", await StatusAsync(sandbox, stopped));
        await sandbox.PostAsync($"sessions/{stopped}/stop", "", HttpStatusCode.OK);
        await sandbox.StepAsync(new { seconds = 1 });
        Assert.Equal("stopped", await StatusAsync(sandbox, stopped));
        await sandbox.StepAsync(new { seconds = 3600 });
        Assert.Equal("stopped", await StatusAsync(sandbox, left));
        Assert.Equal("plan", (await sandbox.GetAsync($"sessions/{left}")).GetProperty("stop_reason").GetString());
    }

    [Fact]
    public async Task NoCapacity_creates_nothing()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        var id = await FaultTests.AddAsync(sandbox, new { on = "session", effect = "NoCapacity", count = 1 });
        using (var response = await sandbox.SendAsync(HttpMethod.Post, "sessions", """{"name":"x","gpu":"h100"}"""))
            Assert.Equal($"{id} NoCapacity", response.Headers.GetValues("X-Meshia-Sandbox-Fault").Single());
        Assert.Empty((await sandbox.GetAsync("sessions")).GetProperty("sessions").EnumerateArray());
        await sandbox.CreateSessionAsync();
    }

    [Fact]
    public async Task Die_ends_a_running_session_and_its_experiments()
    {
        await using var sandbox = await TestSandbox.StartAsync(TestSandbox.Options with { ExperimentDuration = TimeSpan.FromMinutes(10) });
        await FaultTests.AddAsync(sandbox, new { on = "session", effect = "die", seconds = 90 });
        var id = await sandbox.CreateSessionAsync();
        await sandbox.StepAsync(new { seconds = 91.9 });
        Assert.Equal("running", await StatusAsync(sandbox, id));
        await sandbox.StepAsync(new { seconds = 0.1 });
        Assert.Equal("failed", await StatusAsync(sandbox, id));
        var experiments = (await sandbox.GetAsync($"sessions/{id}/experiments")).GetProperty("experiments").EnumerateArray().ToList();
        Assert.Equal(4, experiments.Count);
        Each.Of(experiments, experiment => Assert.Equal("failed", experiment.GetProperty("status").GetString()));
    }

    [Fact]
    public async Task HangStopping_takes_its_time()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        await FaultTests.AddAsync(sandbox, new { on = "session slow-*", effect = "hang_stopping", seconds = 300 });
        var slow = (await sandbox.PostAsync("sessions", new { name = "slow-1", gpu = "a100" })).GetProperty("id").GetString()!;
        var other = await sandbox.CreateSessionAsync();
        foreach (var id in new[] { slow, other })
            await sandbox.PostAsync($"sessions/{id}/stop", "", HttpStatusCode.OK);
        await sandbox.StepAsync(new { seconds = 299 });
        Assert.Equal(("stopping", "stopped"), (await StatusAsync(sandbox, slow), await StatusAsync(sandbox, other)));
        await sandbox.StepAsync(new { seconds = 1 });
        Assert.Equal("stopped", await StatusAsync(sandbox, slow));
    }

    private static async Task<string?> StatusAsync(TestSandbox sandbox, string id) =>
        (await sandbox.GetAsync($"sessions/{id}")).GetProperty("status").GetString();
}
