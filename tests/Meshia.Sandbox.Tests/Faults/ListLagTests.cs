namespace Meshia.Sandbox.Tests.Faults;

public class ListLagTests
{
    [Fact]
    public async Task A_list_lags_item_by_item_and_settles()
    {
        await using var sandbox = await TestSandbox.StartAsync(TestSandbox.Options with { Provisioning = TimeSpan.FromHours(1) });
        await FaultTests.AddAsync(sandbox, new { on = "GET /sessions", effect = "lag", seconds = 30 });
        var ids = new List<string>();
        for (var i = 0; i < 10; i++)
            ids.Add(await sandbox.CreateSessionAsync());
        Assert.Empty(await IdsAsync(sandbox));
        // By its id it is found at once.
        foreach (var id in ids)
            await sandbox.GetAsync($"sessions/{id}");

        var counts = new List<int>();
        for (var second = 1; second <= 30; second++)
        {
            await sandbox.StepAsync(new { seconds = 1 });
            counts.Add((await IdsAsync(sandbox)).Count);
        }

        Assert.Equal(counts.Order(), counts);
        Assert.Equal(10, counts[^1]);
        Assert.True(counts.Distinct().Count() >= 4, "The items have come at few different times.");
    }

    [Fact]
    public async Task States_lag_too_and_the_filter_fits_what_is_shown()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        await FaultTests.AddAsync(sandbox, new { on = "GET /sessions", effect = "lag", seconds = 30 });
        var id = await sandbox.CreateSessionAsync();
        await sandbox.StepAsync(new { seconds = 60 });
        await sandbox.PostAsync($"sessions/{id}/stop", "", System.Net.HttpStatusCode.OK);
        await sandbox.StepAsync(new { seconds = 1 });
        Assert.Equal("stopped", (await sandbox.GetAsync($"sessions/{id}")).GetProperty("status").GetString());
        var shown = (await sandbox.GetAsync("sessions")).GetProperty("sessions")[0];
        Assert.Equal("running", shown.GetProperty("status").GetString());
        Assert.Equal([id], await IdsAsync(sandbox, "?status=running"));
        Assert.Empty(await IdsAsync(sandbox, "?status=stopped"));
        await sandbox.StepAsync(new { seconds = 30 });
        Assert.Equal([id], await IdsAsync(sandbox, "?status=stopped"));
    }

    [Fact]
    public async Task An_item_flaps_until_it_has_settled()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        await FaultTests.AddAsync(sandbox, new { on = "GET /sessions", effect = "lag", seconds = 30, flap = 0.5 });
        var id = await sandbox.CreateSessionAsync();
        await sandbox.StepAsync(new { seconds = 29.9 });
        var looks = new List<bool>();
        for (var i = 0; i < 30; i++)
            looks.Add((await IdsAsync(sandbox)).Contains(id));
        Assert.Contains(true, looks);
        Assert.Contains(false, looks);
        Assert.Contains(looks.Zip(looks.Skip(1)), pair => pair is (true, false));

        await sandbox.StepAsync(new { seconds = 0.1 });
        for (var i = 0; i < 30; i++)
            Assert.Equal([id], await IdsAsync(sandbox));
    }

    [Theory]
    [InlineData("experiments")]
    [InlineData("webhooks")]
    public async Task Other_lists_lag_as_well(string list)
    {
        await using var sandbox = await TestSandbox.StartAsync(TestSandbox.Options with { ExperimentDuration = TimeSpan.FromHours(1) });
        var id = await sandbox.CreateSessionAsync();
        await sandbox.StepAsync(new { seconds = 2 });
        await sandbox.PostAsync("webhooks", new { url = "https://localhost:1/", events = new[] { "session.started" } });
        await FaultTests.AddAsync(sandbox, new { on = "GET *", effect = "lag", seconds = 30 });
        var path = list == "experiments" ? $"sessions/{id}/experiments" : "webhooks";
        Assert.Empty((await sandbox.GetAsync(path)).GetProperty(list).EnumerateArray());
        sandbox.Time.Advance(TimeSpan.FromSeconds(30));
        Assert.NotEmpty((await sandbox.GetAsync(path)).GetProperty(list).EnumerateArray());
    }

    [Fact]
    public async Task Answers_say_by_how_much_lists_lag()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        Assert.Equal("0", await LagAsync());
        await FaultTests.AddAsync(sandbox, new { on = "GET /sessions", effect = "lag", seconds = 12.5 });
        Assert.Equal("12.5", await LagAsync());

        async Task<string> LagAsync()
        {
            using var response = await sandbox.SendAsync(HttpMethod.Get, "sessions");
            return response.Headers.GetValues("X-Meshia-Sandbox-List-Lag").Single();
        }
    }

    private static async Task<List<string>> IdsAsync(TestSandbox sandbox, string query = "") =>
        [.. (await sandbox.GetAsync($"sessions{query}")).GetProperty("sessions").EnumerateArray().Select(session => session.GetProperty("id").GetString()!)];
}
