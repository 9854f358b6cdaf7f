using System.Net;

namespace Meshia.Sandbox.Tests.Journal;

public class JournalTests
{
    [Fact]
    public async Task Every_request_is_there_as_it_was_sent_and_answered()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        const string Body = """{"name":"x","gpu":"a100"}""";
        string answer, id;
        using (var response = await sandbox.SendAsync(HttpMethod.Post, "sessions?a=1", Body))
        {
            answer = await response.Content.ReadAsStringAsync(TestSandbox.Cancel);
            id = response.Headers.GetValues("X-Request-Id").Single();
        }

        var entry = Assert.Single((await sandbox.GetAsync("/sandbox/requests")).GetProperty("requests").EnumerateArray());
        Assert.Equal(1, entry.GetProperty("number").GetInt32());
        Assert.Equal(id, entry.GetProperty("request_id").GetString());
        Assert.Equal("2026-01-02T03:04:05.000Z", entry.GetProperty("at").GetString());
        Assert.Equal(("api", "POST", "/sessions", "?a=1"), (entry.GetProperty("part").GetString(), entry.GetProperty("method").GetString(), entry.GetProperty("path").GetString(), entry.GetProperty("query").GetString()));
        Assert.Equal(Body, entry.GetProperty("body").GetString());
        Assert.Equal((201, answer), (entry.GetProperty("status").GetInt32(), entry.GetProperty("response_body").GetString()));
        Assert.Equal("application/json; charset=utf-8", entry.GetProperty("headers").GetProperty("Content-Type").GetString());
        Assert.StartsWith("/api/v1/sessions/sess_", entry.GetProperty("response_headers").GetProperty("Location").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Neither_a_key_nor_a_secret_is_in_it()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        await sandbox.PostAsync("webhooks", """{"url":"https://localhost:1/","events":["session.started"],"secret":"whsec_can\"ary_1"}""");
        using (await sandbox.SendAsync(HttpMethod.Post, "webhooks", """{"events":[],"secret" : "whsec_canary_2"""))
        {
            var text = (await sandbox.GetAsync("/sandbox/requests")).GetRawText();
            Assert.DoesNotContain(TestSandbox.Key, text, StringComparison.Ordinal);
            Assert.DoesNotContain("ary_1", text, StringComparison.Ordinal);
            Assert.DoesNotContain("ary_2", text, StringComparison.Ordinal);
            Assert.Contains("Bearer (redacted)", text, StringComparison.Ordinal);
        }
    }

    /// <summary>A key in the wrong place is a mistake that a test of a runbook is to find, not to publish.</summary>
    [Theory]
    [InlineData("Authorization", TestSandbox.Key)]
    [InlineData("Authorization", $"Key {TestSandbox.Key}")]
    [InlineData("Authorization", "Bearer not-like-a-key")]
    [InlineData("Authorization", "not-like-a-key")]
    [InlineData("Proxy-Authorization", "not-like-a-key")]
    [InlineData("Cookie", "session=not-like-a-key")]
    [InlineData("X-Api-Key", TestSandbox.Key)]
    [InlineData("X-Other", $"a;key={TestSandbox.Key}")]
    public async Task A_key_in_any_place_of_a_request_is_left_out(string header, string value)
    {
        await using var sandbox = await TestSandbox.StartAsync();
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{sandbox.BaseUri}/sessions/{TestSandbox.Key}?key={TestSandbox.Key}") { Content = new StringContent($"key={TestSandbox.Key}") };
        request.Headers.TryAddWithoutValidation(header, value);
        using (await http.SendAsync(request, TestSandbox.Cancel))
        {
            var entry = Assert.Single((await sandbox.GetAsync("/sandbox/requests")).GetProperty("requests").EnumerateArray());
            Assert.Contains("(redacted)", entry.GetProperty("headers").GetProperty(header).GetString(), StringComparison.Ordinal);
            Assert.DoesNotContain(TestSandbox.Key, entry.GetRawText(), StringComparison.Ordinal);
            Assert.DoesNotContain("not-like-a-key", entry.GetRawText(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_request_whose_answer_was_cut_has_no_status_and_names_the_fault()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        var id = await Faults.FaultTests.AddAsync(sandbox, new { on = "POST /sessions", effect = "cut_after" });
        await Assert.ThrowsAsync<HttpRequestException>(() => sandbox.CreateSessionAsync());
        var entry = Assert.Single((await sandbox.GetAsync("/sandbox/requests")).GetProperty("requests").EnumerateArray());
        Assert.Equal(System.Text.Json.JsonValueKind.Null, entry.GetProperty("status").ValueKind);
        Assert.Equal($"{id} CutAfter", entry.GetProperty("fault").GetString());
    }

    [Fact]
    public async Task Refused_requests_are_in_it_and_those_to_the_sandbox_itself_are_not()
    {
        await using var sandbox = await TestSandbox.StartAsync(TestSandbox.Options with { RateLimit = 1 });
        foreach (var key in new[] { TestSandbox.Key, TestSandbox.Key, "msh_wrong" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "sessions") { Headers = { Authorization = new("Bearer", key) } };
            using var response = await sandbox.Http.SendAsync(request, TestSandbox.Cancel);
        }

        await sandbox.GetAsync("/sandbox/clock");
        var statuses = (await sandbox.GetAsync("/sandbox/requests")).GetProperty("requests").EnumerateArray().Select(entry => entry.GetProperty("status").GetInt32());
        Assert.Equal([200, 429, 401], statuses);
    }

    [Fact]
    public async Task It_is_filtered_by_method_and_path_and_cleared()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        var id = await sandbox.CreateSessionAsync();
        await sandbox.GetAsync("sessions");
        await sandbox.GetAsync($"sessions/{id}");
        await sandbox.GetAsync($"sessions/{id}/experiments");
        Assert.Equal(1, await CountAsync("?method=post&path=/sessions"));
        Assert.Equal(2, await CountAsync("?path=/sessions"));
        Assert.Equal(1, await CountAsync("?path=/sessions/{id}"));
        Assert.Equal(2, await CountAsync("?path=/sessions/*"));
        Assert.Equal(1, await CountAsync("?after=3"));
        using (await sandbox.SendAsync(HttpMethod.Delete, "/sandbox/requests"))
            Assert.Equal(0, await CountAsync(""));
        await sandbox.AssertErrorAsync(HttpMethod.Get, "/sandbox/requests?after=x", null, HttpStatusCode.BadRequest, "invalid_request", "'after'");
        await sandbox.AssertErrorAsync(HttpMethod.Get, "/sandbox/requests?path=sessions", null, HttpStatusCode.BadRequest, "invalid_request", "'path'");

        async Task<int> CountAsync(string query) => (await sandbox.GetAsync($"/sandbox/requests{query}")).GetProperty("requests").GetArrayLength();
    }
}
