using System.Globalization;
using System.Net;
using Meshia.Sandbox.Tests.Webhooks;

namespace Meshia.Sandbox.Tests.Time;

public sealed class ClockTests : IDisposable
{
    private static readonly SandboxOptions _still = TestSandbox.Options with
    {
        StandStill = true,
        StartTime = new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.Zero),
    };

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("meshia-test-clock-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_clock_that_stands_still_moves_only_when_stepped()
    {
        await using var sandbox = await TestSandbox.StartAsync(_still);
        var id = await sandbox.CreateSessionAsync();
        sandbox.Time.Advance(TimeSpan.FromHours(5));
        Assert.Equal("provisioning", await StatusAsync(sandbox, id));
        var clock = await sandbox.GetAsync("/sandbox/clock");
        Assert.Equal("""{"now":"2030-01-02T03:04:05.000Z","stands_still":true}""", clock.GetRawText());

        await sandbox.StepAsync(new { seconds = 2 });
        Assert.Equal("running", await StatusAsync(sandbox, id));
        await sandbox.StepAsync(new { to = "2030-01-02T03:34:15Z" });
        Assert.Equal("stopping", await StatusAsync(sandbox, id));
        using var response = await sandbox.SendAsync(HttpMethod.Get, "sessions");
        Assert.Equal("Wed, 02 Jan 2030 03:34:15 GMT", response.Headers.GetValues("Date").Single());
    }

    [Fact]
    public async Task A_clock_that_runs_jumps_and_runs_on()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        await sandbox.StepAsync(new { seconds = 72 * 3600 });
        Assert.Equal("2026-01-05T03:04:05.000Z", (await sandbox.GetAsync("/sandbox/clock")).GetProperty("now").GetString());
        sandbox.Time.Advance(TimeSpan.FromSeconds(10));
        var clock = await sandbox.GetAsync("/sandbox/clock");
        Assert.Equal("""{"now":"2026-01-05T03:04:15.000Z","stands_still":false}""", clock.GetRawText());

        await sandbox.ReadOkAsync(HttpMethod.Put, "/sandbox/clock", """{"stands_still":true}""");
        sandbox.Time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal("2026-01-05T03:04:15.000Z", (await sandbox.GetAsync("/sandbox/clock")).GetProperty("now").GetString());
    }

    [Fact]
    public async Task Until_idle_ends_when_nothing_is_due()
    {
        await using var sandbox = await TestSandbox.StartAsync(_still);
        var id = await sandbox.CreateSessionAsync();
        var step = await sandbox.StepAsync(new { until_idle = true });
        Assert.Equal("stopped", await StatusAsync(sandbox, id));
        // Two seconds of provisioning, four experiments, half an hour idle, and one second of stopping.
        Assert.Equal("2030-01-02T03:34:16.000Z", step.GetProperty("now").GetString());
        Assert.Equal(7, step.GetProperty("events").GetInt32());
    }

    [Fact]
    public async Task Retries_within_one_step_bear_their_own_times()
    {
        await using var sandbox = await TestSandbox.StartAsync(_still);
        await using var receiver = await Receiver.StartAsync();
        await sandbox.PostAsync("webhooks", new { url = receiver.Url, events = new[] { "session.started" } });
        await receiver.NextAsync();
        receiver.Respond = context =>
        {
            context.Response.StatusCode = 500;
            return Task.CompletedTask;
        };
        await sandbox.CreateSessionAsync();
        await sandbox.StepAsync(new { seconds = 3600 });
        var log = (await sandbox.DeliveriesAsync(5))[1..];
        Assert.Equal(
            ["2030-01-02T03:04:07.000Z", "2030-01-02T03:04:08.000Z", "2030-01-02T03:04:10.000Z", "2030-01-02T03:04:14.000Z"],
            log.Select(attempt => attempt.GetProperty("created_at").GetString()));
    }

    [Fact]
    public async Task A_receiver_that_stalls_fails_after_real_time()
    {
        await using var sandbox = await TestSandbox.StartAsync(_still);
        await using var receiver = await Receiver.StartAsync();
        receiver.Respond = context => Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        await sandbox.PostAsync("webhooks", new { url = receiver.Url, events = new[] { "session.started" } });
        await receiver.NextAsync();
        sandbox.Time.Advance(TimeSpan.FromSeconds(10));
        var attempt = Assert.Single(await sandbox.DeliveriesAsync(1));
        Assert.Contains("within 10 s", attempt.GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Equal("2030-01-02T03:04:05.000Z", (await sandbox.GetAsync("/sandbox/clock")).GetProperty("now").GetString());
    }

    [Fact]
    public async Task Three_hundred_requests_that_obey_retry_after_end_while_the_clock_stands_still()
    {
        await using var sandbox = await TestSandbox.StartAsync(_still with { RateLimit = 60 });
        var refused = 0;
        for (var answered = 0; answered < 300;)
        {
            using var response = await sandbox.SendAsync(HttpMethod.Get, "sessions");
            if (response.IsSuccessStatusCode)
            {
                answered++;
                continue;
            }

            Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
            refused++;
            sandbox.Time.Advance(TimeSpan.FromSeconds(int.Parse(response.Headers.GetValues("Retry-After").Single(), CultureInfo.InvariantCulture)));
        }

        Assert.Equal(4, refused);
        Assert.Equal("2030-01-02T03:04:05.000Z", (await sandbox.GetAsync("/sandbox/clock")).GetProperty("now").GetString());
    }

    [Theory]
    [InlineData("2020-05-06T07:08:09Z")]
    [InlineData(null)]
    [InlineData("2035-05-06T07:08:09Z")]
    public async Task A_creation_whose_answer_was_cut_is_found_by_the_date_of_the_answers(string? start)
    {
        var time = start is null ? (DateTimeOffset?)null : DateTimeOffset.Parse(start, CultureInfo.InvariantCulture);
        await using var sandbox = await TestSandbox.StartAsync(TestSandbox.Options with { StartTime = time });
        DateTimeOffset before;
        using (var response = await sandbox.SendAsync(HttpMethod.Get, "sessions"))
            before = response.Headers.Date!.Value;
        await Faults.FaultTests.AddAsync(sandbox, new { on = "POST /sessions", effect = "cut_after" });
        await Assert.ThrowsAsync<HttpRequestException>(() => sandbox.CreateSessionAsync());
        var session = Assert.Single((await sandbox.GetAsync("sessions")).GetProperty("sessions").EnumerateArray());
        Assert.InRange(session.GetProperty("created_at").GetDateTimeOffset(), before, before + TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task At_its_latest_time_the_clock_goes_no_further_and_all_else_works()
    {
        await using var sandbox = await TestSandbox.StartAsync(_still);
        await sandbox.StepAsync(new { to = "9000-01-01T00:00:00Z" });
        await sandbox.CreateSessionAsync();
        await sandbox.AssertErrorAsync(HttpMethod.Post, "/sandbox/clock/step", """{"seconds":1}""", HttpStatusCode.BadRequest, "invalid_request", "no further");
        using var reset = await sandbox.SendAsync(HttpMethod.Post, "/sandbox/reset");
        Assert.Equal(HttpStatusCode.NoContent, reset.StatusCode);
        using var response = await sandbox.SendAsync(HttpMethod.Get, "sessions");
        // The minute of the rate limit is that of the clock again.
        Assert.Equal($"{_still.StartTime!.Value.ToUnixTimeSeconds() + 60}", response.Headers.GetValues("X-RateLimit-Reset").Single());
    }

    [Fact]
    public async Task The_clock_goes_on_after_a_restart_as_it_was_left()
    {
        var options = _still with { Data = Path.Combine(_folder.FullName, "state") };
        await using (var sandbox = await TestSandbox.StartAsync(options))
            await sandbox.StepAsync(new { seconds = 3600 });
        await using var again = await TestSandbox.StartAsync(options with { StandStill = false });
        Assert.Equal("""{"now":"2030-01-02T04:04:05.000Z","stands_still":true}""", (await again.GetAsync("/sandbox/clock")).GetRawText());
    }

    [Theory]
    [InlineData("""{}""", "Give one of")]
    [InlineData("""{"seconds":1,"until_idle":true}""", "Give one of")]
    [InlineData("""{"seconds":-1}""", "'seconds'")]
    [InlineData("""{"to":"tomorrow"}""", "'to'")]
    [InlineData("""{"to":"9999-12-31T23:59:59Z"}""", "no further than 9000-01-01T00:00:00.000Z")]
    [InlineData("""{"to":"2029-01-01T00:00:00Z"}""", "'to' must not be before 2030-01-02T03:04:05.000Z")]
    public async Task A_step_that_means_nothing_is_refused(string body, string message)
    {
        await using var sandbox = await TestSandbox.StartAsync(_still);
        await sandbox.AssertErrorAsync(HttpMethod.Post, "/sandbox/clock/step", body, HttpStatusCode.BadRequest, "invalid_request", message);
    }

    private static async Task<string?> StatusAsync(TestSandbox sandbox, string id) =>
        (await sandbox.GetAsync($"sessions/{id}")).GetProperty("status").GetString();
}
