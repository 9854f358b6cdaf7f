using System.Net;

namespace Meshia.Sandbox.Tests.State;

public class StateTests
{
    [Fact]
    public async Task A_reset_makes_it_what_it_was_at_its_start()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        var first = await sandbox.CreateSessionAsync();
        await Faults.FaultTests.AddAsync(sandbox, new { on = "GET /sessions", effect = "status" });
        await sandbox.PostAsync("webhooks", new { url = "https://localhost:1/", events = new[] { "session.started" } });
        var key = (await sandbox.PostAsync("/sandbox/keys", new { account = "other" })).GetProperty("key").GetString()!;
        await sandbox.StepAsync(new { seconds = 3600 });

        using (var response = await sandbox.SendAsync(HttpMethod.Post, "/sandbox/reset", ""))
            Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Empty((await sandbox.GetAsync("sessions")).GetProperty("sessions").EnumerateArray());
        Assert.Empty((await sandbox.GetAsync("webhooks")).GetProperty("webhooks").EnumerateArray());
        Assert.Empty((await sandbox.GetAsync("/sandbox/faults")).GetProperty("faults").EnumerateArray());
        Assert.Equal(2, (await sandbox.GetAsync("/sandbox/requests")).GetProperty("requests").GetArrayLength());
        Assert.Equal(sandbox.Time.GetUtcNow(), (await sandbox.GetAsync("/sandbox/clock")).GetProperty("now").GetDateTimeOffset());
        using (var request = new HttpRequestMessage(HttpMethod.Get, "sessions") { Headers = { Authorization = new("Bearer", key) } })
        using (var response = await sandbox.Http.SendAsync(request, TestSandbox.Cancel))
            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal(first, await sandbox.CreateSessionAsync());
    }

    [Fact]
    public async Task An_export_read_by_another_sandbox_goes_on_there()
    {
        await using var receiver = await Webhooks.Receiver.StartAsync();
        await using var sandbox = await TestSandbox.StartAsync();
        await sandbox.PostAsync("webhooks", new { url = receiver.Url, events = new[] { "session.stopped" } });
        await sandbox.DeliveriesAsync(1);
        var (session, ids) = await sandbox.CreateFinishedSessionAsync();
        var running = await sandbox.CreateSessionAsync();
        await Faults.FaultTests.AddAsync(sandbox, new { on = "GET /webhooks", effect = "status", skip = 3 });
        await sandbox.GetAsync("webhooks");
        var key = (await sandbox.PostAsync("/sandbox/keys", new { account = "other", plan = "trial" })).GetProperty("key").GetString()!;
        var export = await ExportAsync(sandbox);

        await using var other = await TestSandbox.StartAsync(TestSandbox.Options with { Seed = 99 });
        await other.CreateSessionAsync();
        await ImportAsync(other, export, HttpStatusCode.NoContent);
        Assert.Equal(export, await ExportAsync(other));
        foreach (var path in new[] { "sessions", $"sessions/{session}/experiments", $"experiments/{ids[0]}", "webhooks", "/sandbox/faults", "/sandbox/clock" })
            Assert.Equal((await sandbox.GetAsync(path)).GetRawText(), (await other.GetAsync(path)).GetRawText());
        using (var request = new HttpRequestMessage(HttpMethod.Get, "sessions") { Headers = { Authorization = new("Bearer", key) } })
        using (var response = await other.Http.SendAsync(request, TestSandbox.Cancel))
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        await other.StepAsync(new { until_idle = true });
        Assert.Equal("stopped", (await other.GetAsync($"sessions/{running}")).GetProperty("status").GetString());
        Assert.Equal(await sandbox.CreateSessionAsync(), await other.CreateSessionAsync());
    }

    [Theory]
    [InlineData("", "not valid JSON")]
    [InlineData("[]", "not a state")]
    [InlineData("{}", "not a state")]
    [InlineData("""{"version":2}""", "version 2")]
    [InlineData("""{"version":1,"seed":null,"clock":"2026-01-02T03:04:05.000Z","faults":[]}""", "'seed' must be a number")]
    [InlineData("""{"version":1,"seed":1.5,"clock":"2026-01-02T03:04:05.000Z","faults":[]}""", "'seed' must be a whole number")]
    [InlineData("""{"version":1,"seed":1,"clock":"2026-01-02T03:04:05.000Z","faults":[]}""", "'counters' must be an array")]
    [InlineData("""{"version":1,"seed":1,"clock":"soon","faults":[]}""", "'clock' must be a time from 2000")]
    [InlineData("""{"version":1,"seed":1,"faults":[]}""", "'clock' must be a text")]
    [InlineData("""{"version":1,"seed":1,"clock":"2026-01-02T03:04:05.000Z","faults":[],"counters":[5]}""", "A row of 'counters' has no")]
    [InlineData("""{"version":1,"seed":1,"clock":"2026-01-02T03:04:05.000Z","faults":[{"on":"*","effect":"boom"}]}""", "'effect'")]
    [InlineData("""{"version":1,"seed":1,"clock":"2026-01-02T03:04:05.000Z","faults":[],"counters":[],"accounts":[],"keys":[],"sessions":[{"seq":1}],"experiments":[],"artifacts":[],"webhooks":[],"messages":[],"deliveries":[]}""", "not a state")]
    public async Task What_is_not_a_state_is_refused_and_nothing_changes(string body, string message)
    {
        await using var sandbox = await TestSandbox.StartAsync();
        await sandbox.CreateSessionAsync();
        var before = await ExportAsync(sandbox);
        await sandbox.AssertErrorAsync(HttpMethod.Put, "/sandbox/state", body, HttpStatusCode.BadRequest, "invalid_request", message);
        Assert.Equal(before, await ExportAsync(sandbox));
    }

    [Fact]
    public async Task A_row_that_refers_to_nothing_is_refused()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        await sandbox.CreateFinishedSessionAsync();
        var before = await ExportAsync(sandbox);
        var broken = System.Text.Json.Nodes.JsonNode.Parse(before)!.AsObject();
        broken["sessions"]!.AsArray().Clear();
        await ImportAsync(sandbox, broken.ToJsonString(), HttpStatusCode.BadRequest);
        Assert.Equal(before, await ExportAsync(sandbox));
    }

    [Fact]
    public async Task Values_that_no_sandbox_has_written_are_refused_and_nothing_changes()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        await sandbox.CreateFinishedSessionAsync();
        await sandbox.PostAsync("/sandbox/keys", new { account = "other", plan = "trial" });
        var before = await ExportAsync(sandbox);
        foreach (var (table, column, value) in new (string, string, string)[]
        {
            ("sessions", "created_at", "1000000000000000000"),
            ("sessions", "next_at", "-1"),
            ("sessions", "ends_at", "1.5"),
            ("sessions", "stopped_at", "\"2026\""),
            ("sessions", "status", "\"asleep\""),
            ("sessions", "name", "\"a..b\""),
            ("accounts", "plan", "\"gold\""),
            ("accounts", "plan", "5"),
            ("keys", "created_at", "9223372036854775807"),
            ("experiments", "config", "\"{\""),
            ("experiments", "metrics", "\"[]\""),
            ("experiments", "started_at", "true"),
        })
        {
            var damaged = System.Text.Json.Nodes.JsonNode.Parse(before)!.AsObject();
            damaged[table]!.AsArray()[0]![column] = System.Text.Json.Nodes.JsonNode.Parse(value);
            await ImportAsync(sandbox, damaged.ToJsonString(), HttpStatusCode.BadRequest);
        }

        foreach (var clock in new[] { "9999-12-31T23:59:59.999Z", "0001-01-01T00:00:00.000Z" })
        {
            var damaged = System.Text.Json.Nodes.JsonNode.Parse(before)!.AsObject();
            damaged["clock"] = clock;
            await ImportAsync(sandbox, damaged.ToJsonString(), HttpStatusCode.BadRequest);
        }

        Assert.Equal(before, await ExportAsync(sandbox));
    }

    [Fact]
    public async Task An_import_may_be_larger_than_other_requests()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        await sandbox.PostAsync("/sandbox/sessions", new { count = 10_000 });
        var export = await ExportAsync(sandbox);
        Assert.True(export.Length > 2_000_000);
        await ImportAsync(sandbox, export, HttpStatusCode.NoContent);
        Assert.Equal(10_000, (await sandbox.GetAsync("sessions")).GetProperty("sessions").GetArrayLength());
    }

    private static Task<string> ExportAsync(TestSandbox sandbox) => sandbox.Http.GetStringAsync(new Uri("/sandbox/state", UriKind.Relative), TestSandbox.Cancel);

    private static async Task ImportAsync(TestSandbox sandbox, string state, HttpStatusCode expected)
    {
        using var response = await sandbox.SendAsync(HttpMethod.Put, "/sandbox/state", state);
        Assert.True(expected == response.StatusCode, await response.Content.ReadAsStringAsync(TestSandbox.Cancel));
    }
}
