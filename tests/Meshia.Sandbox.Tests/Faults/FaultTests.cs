using System.Net;
using System.Text.Json;

namespace Meshia.Sandbox.Tests.Faults;

/// <summary>What faults do to requests to the API.</summary>
public class FaultTests
{
    private const string Header = "X-Meshia-Sandbox-Fault";

    [Fact]
    public async Task CutAfter_does_the_work_and_sends_nothing()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        await AddAsync(sandbox, new { on = "POST /sessions", effect = "cut_after", count = 1 });
        await Assert.ThrowsAsync<HttpRequestException>(() => sandbox.CreateSessionAsync());
        Assert.Single((await sandbox.GetAsync("sessions")).GetProperty("sessions").EnumerateArray());
        await sandbox.CreateSessionAsync();
        Assert.Equal(2, (await sandbox.GetAsync("sessions")).GetProperty("sessions").GetArrayLength());
    }

    [Fact]
    public async Task CutBefore_does_nothing()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        await AddAsync(sandbox, new { on = "POST *", effect = "cut_before" });
        await Assert.ThrowsAsync<HttpRequestException>(() => sandbox.CreateSessionAsync());
        Assert.Empty((await sandbox.GetAsync("sessions")).GetProperty("sessions").EnumerateArray());
    }

    [Fact]
    public async Task StatusAfter_does_the_work_and_says_that_it_failed()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        var id = await AddAsync(sandbox, new { on = "POST /sessions", effect = "status_after", status = 504, body = "html" });
        using var response = await sandbox.SendAsync(HttpMethod.Post, "sessions", """{"name":"x","gpu":"a100"}""");
        Assert.Equal(HttpStatusCode.GatewayTimeout, response.StatusCode);
        Assert.Equal("text/html", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal($"{id} StatusAfter", response.Headers.GetValues(Header).Single());
        Assert.Null(response.Headers.Location);
        Assert.Single((await sandbox.GetAsync("sessions")).GetProperty("sessions").EnumerateArray());
    }

    [Fact]
    public async Task LandLate_lets_a_request_arrive_after_its_answer_was_lost()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        await AddAsync(sandbox, new { on = "POST /sessions", effect = "land_late", seconds = 20, count = 1 });
        await Assert.ThrowsAsync<HttpRequestException>(() => sandbox.CreateSessionAsync());
        await sandbox.StepAsync(new { seconds = 19.999 });
        Assert.Empty((await sandbox.GetAsync("sessions")).GetProperty("sessions").EnumerateArray());
        await sandbox.StepAsync(new { seconds = 0.001 });
        var session = Assert.Single((await sandbox.GetAsync("sessions")).GetProperty("sessions").EnumerateArray());
        Assert.Equal("2026-01-02T03:04:25.000Z", session.GetProperty("created_at").GetString());
    }

    [Theory]
    [InlineData("GET /sessions", 500, "json", "application/json")]
    [InlineData("get /sessions", 503, "text", "text/plain")]
    [InlineData("*", 502, "html", "text/html")]
    [InlineData("* /sess*", 403, "empty", null)]
    [InlineData("/sessions", 409, "json", "application/json")]
    public async Task Status_answers_what_was_asked_for(string on, int status, string body, string? type)
    {
        await using var sandbox = await TestSandbox.StartAsync();
        await AddAsync(sandbox, new { on, effect = "Status", status, body });
        using var response = await sandbox.SendAsync(HttpMethod.Get, "sessions");
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(type, response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(body == "empty", (await response.Content.ReadAsStringAsync(TestSandbox.Cancel)).Length == 0);
    }

    [Theory]
    [Trait("Contract", "retry-after-forms")]
    [InlineData("7", "7")]
    [InlineData("date", "Fri, 02 Jan 2026 03:04:07 GMT")]
    [InlineData("past", "Fri, 02 Jan 2026 03:03:05 GMT")]
    [InlineData("zero", "0")]
    [InlineData("negative", "-1")]
    [InlineData("fraction", "0.5")]
    [InlineData("long", "3600")]
    [InlineData("invalid", "soon")]
    [InlineData("none", null)]
    [InlineData(null, "1")]
    public async Task Throttle_has_each_form_of_retry_after(string? form, string? expected)
    {
        await using var sandbox = await TestSandbox.StartAsync();
        await AddAsync(sandbox, new { on = "*", effect = "throttle", retry_after = form });
        using var response = await sandbox.SendAsync(HttpMethod.Get, "sessions");
        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        Assert.Equal(expected, response.Headers.NonValidated.TryGetValues("Retry-After", out var values) ? values.Single() : null);
    }

    [Fact]
    public async Task Html_is_the_page_of_a_gateway()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        await AddAsync(sandbox, new { on = "GET /sessions/{id}", effect = "html" });
        var id = await sandbox.CreateSessionAsync();
        using var response = await sandbox.SendAsync(HttpMethod.Get, $"sessions/{id}");
        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.Contains("502 Bad Gateway", await response.Content.ReadAsStringAsync(TestSandbox.Cancel), StringComparison.Ordinal);
        // Only one segment stands for {id}.
        await sandbox.GetAsync("sessions");
        await sandbox.GetAsync($"sessions/{id}/experiments");
    }

    [Fact]
    public async Task RevokeKey_refuses_the_key_until_it_is_restored()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        await AddAsync(sandbox, new { on = "GET *", effect = "revoke_key", skip = 1, count = 1 });
        await sandbox.GetAsync("sessions");
        for (var i = 0; i < 2; i++)
            await sandbox.AssertErrorAsync(HttpMethod.Get, "sessions", null, HttpStatusCode.Unauthorized, "unauthorized", "");
        await sandbox.PostAsync("/sandbox/keys/key_main/restore", "", HttpStatusCode.OK);
        await sandbox.GetAsync("sessions");
    }

    [Theory]
    [InlineData("Malformed")]
    [InlineData("CutBody")]
    [InlineData("Empty")]
    [InlineData("Corrupt")]
    public async Task A_body_can_be_spoilt(string effect)
    {
        await using var sandbox = await TestSandbox.StartAsync();
        await sandbox.CreateSessionAsync();
        var whole = (await sandbox.GetAsync("sessions")).GetRawText();
        await AddAsync(sandbox, new { on = "GET /sessions", effect });
        using var request = new HttpRequestMessage(HttpMethod.Get, "sessions");
        using var response = await sandbox.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestSandbox.Cancel);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        if (effect == "CutBody")
        {
            Assert.Equal(whole.Length, response.Content.Headers.ContentLength);
            await Assert.ThrowsAnyAsync<Exception>(() => response.Content.ReadAsStringAsync(TestSandbox.Cancel));
            return;
        }

        var text = await response.Content.ReadAsStringAsync(TestSandbox.Cancel);
        switch (effect)
        {
            case "Malformed":
                Assert.Equal(whole[..(whole.Length / 2)], text);
                break;
            case "Empty":
                Assert.Equal("", text);
                break;
            default:
                Assert.Equal(whole.Length, text.Length);
                Assert.Equal(1, whole.Zip(text).Count(pair => pair.First != pair.Second));
                break;
        }
    }

    [Theory]
    [InlineData("Stall", 20)]
    [InlineData("Trickle", 5)]
    public async Task A_body_can_be_slow_in_real_time(string effect, int seconds)
    {
        await using var sandbox = await TestSandbox.StartAsync();
        await AddAsync(sandbox, new { on = "GET /sessions", effect, seconds });
        using var request = new HttpRequestMessage(HttpMethod.Get, "sessions");
        using var response = await sandbox.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestSandbox.Cancel);
        var reading = response.Content.ReadAsStringAsync(TestSandbox.Cancel);
        Assert.False(reading.IsCompleted);
        while (!reading.IsCompleted)
        {
            sandbox.Time.Advance(TimeSpan.FromSeconds(seconds));
            await Task.Delay(5, TestSandbox.Cancel);
        }

        Assert.Equal("""{"sessions":[]}""", await reading);
    }

    [Fact]
    public async Task BareNaN_writes_what_is_not_json()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        var (_, ids) = await sandbox.CreateFinishedSessionAsync();
        await AddAsync(sandbox, new { on = "GET /experiments/*", effect = "bare_nan" });
        using var response = await sandbox.SendAsync(HttpMethod.Get, $"experiments/{ids[1]}");
        var text = await response.Content.ReadAsStringAsync(TestSandbox.Cancel);
        Assert.Contains("\"grad_norm\":NaN,", text, StringComparison.Ordinal);
        Assert.ThrowsAny<JsonException>(() => TestSandbox.Parse(text));
    }

    [Fact]
    public async Task A_request_asks_for_a_fault_with_a_header()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "sessions");
        request.Headers.Add(Header, "Status; status=418; retry_after=9; body=empty");
        using var response = await sandbox.Http.SendAsync(request, TestSandbox.Cancel);
        Assert.Equal(418, (int)response.StatusCode);
        Assert.Equal("9", response.Headers.GetValues("Retry-After").Single());
        Assert.Equal("request Status", response.Headers.GetValues(Header).Single());
        await sandbox.GetAsync("sessions");
    }

    [Theory]
    [InlineData("Explode", "names no effect")]
    [InlineData("Status; status=99", "'status'")]
    [InlineData("Status; body=xml", "'body'")]
    [InlineData("Status; chance=1", "'chance=1'")]
    public async Task A_header_that_means_nothing_is_refused(string text, string message)
    {
        await using var sandbox = await TestSandbox.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "sessions") { Headers = { { Header, text } } };
        var answer = await TestSandbox.ReadAsync(await sandbox.Http.SendAsync(request, TestSandbox.Cancel), HttpStatusCode.BadRequest);
        Assert.Contains(message, answer.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    /// <summary>A pattern that is tried in every way would keep all other requests waiting for days.</summary>
    [Fact]
    public void Many_stars_are_matched_at_once()
    {
        var target = Sandbox.Faults.FaultTarget.Parse("GET *a*a*a*a*a*a*a*a*b*c");
        Assert.False(target.IsMatch("GET", $"/b{new string('a', 2000)}bd"));
        Assert.True(target.IsMatch("GET", $"/b{new string('a', 2000)}bdc"));
    }

    [Fact]
    public async Task One_outcome_and_any_views_go_together()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        var lag = await AddAsync(sandbox, new { on = "GET *", effect = "lag" });
        var first = await AddAsync(sandbox, new { on = "GET *", effect = "status", status = 500 });
        var second = await AddAsync(sandbox, new { on = "GET *", effect = "status", status = 501 });
        using var response = await sandbox.SendAsync(HttpMethod.Get, "sessions");
        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Equal($"{lag} Lag, {first} Status", response.Headers.GetValues(Header).Single());
        Assert.Equal((1, 0), await CountsAsync(sandbox, second));
    }

    [Theory]
    [InlineData("""{"effect":"status"}""", "'on'")]
    [InlineData("""{"on":"sessions please","effect":"status"}""", "'on'")]
    [InlineData("""{"on":"*"}""", "'effect'")]
    [InlineData("""{"on":"*","effect":"explode"}""", "'effect' must, for '*', be one of CutAfter")]
    [InlineData("""{"on":"session","effect":"cut_after"}""", "FailToStart")]
    [InlineData("""{"on":"*","effect":"status","probability":1.1}""", "'probability'")]
    [InlineData("""{"on":"*","effect":"status","count":-1}""", "'count'")]
    [InlineData("""{"on":"*","effect":"status","skip":0.5}""", "'skip'")]
    [InlineData("""{"on":"*","effect":"status","status":99}""", "'status'")]
    [InlineData("""{"on":"*","effect":"status","body":"xml"}""", "'body'")]
    [InlineData("""{"on":"*","effect":"throttle","retry_after":"1\r\nX-Other: 2"}""", "'retry_after'")]
    [InlineData("""{"on":"*","effect":"throttle","retry_after":"sp\u00e4ter"}""", "'retry_after'")]
    [InlineData("""{"on":"*","effect":"lag","flap":2}""", "'flap'")]
    [InlineData("""{"on":"*","effect":"status","chance":1}""", "'chance' is not known")]
    public async Task A_fault_that_means_nothing_is_refused(string body, string message)
    {
        await using var sandbox = await TestSandbox.StartAsync();
        await sandbox.AssertErrorAsync(HttpMethod.Post, "/sandbox/faults", body, HttpStatusCode.BadRequest, "invalid_request", message);
        Assert.Empty((await sandbox.GetAsync("/sandbox/faults")).GetProperty("faults").EnumerateArray());
    }

    [Fact]
    public async Task Faults_are_listed_replaced_and_removed()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        var id = await AddAsync(sandbox, new { on = "*", effect = "status" });
        await sandbox.ReadOkAsync(HttpMethod.Put, $"/sandbox/faults/{id}", """{"on":"POST *","effect":"throttle"}""");
        var fault = Assert.Single((await sandbox.GetAsync("/sandbox/faults")).GetProperty("faults").EnumerateArray());
        Assert.Equal((id, "POST *", "Throttle"), (fault.GetProperty("id").GetString(), fault.GetProperty("on").GetString(), fault.GetProperty("effect").GetString()));
        await sandbox.ReadOkAsync(HttpMethod.Put, "/sandbox/faults", """{"faults":[{"on":"GET *","effect":"status"},{"on":"*","effect":"delay","seconds":0}]}""");
        Assert.Equal(2, (await sandbox.GetAsync("/sandbox/faults")).GetProperty("faults").GetArrayLength());
        foreach (var path in new[] { $"/sandbox/faults/{(await sandbox.GetAsync("/sandbox/faults")).GetProperty("faults")[0].GetProperty("id").GetString()}", "/sandbox/faults" })
        {
            using var response = await sandbox.SendAsync(HttpMethod.Delete, path);
            Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        }

        Assert.Empty((await sandbox.GetAsync("/sandbox/faults")).GetProperty("faults").EnumerateArray());
        await sandbox.GetAsync("sessions");
    }

    internal static async Task<string> AddAsync(TestSandbox sandbox, object fault) =>
        (await sandbox.PostAsync("/sandbox/faults", fault)).GetProperty("id").GetString()!;

    internal static async Task<(int Matches, int Hits)> CountsAsync(TestSandbox sandbox, string id)
    {
        var fault = await sandbox.GetAsync($"/sandbox/faults/{id}");
        return (fault.GetProperty("matches").GetInt32(), fault.GetProperty("hits").GetInt32());
    }
}
