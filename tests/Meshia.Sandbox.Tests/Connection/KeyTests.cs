using System.Net;
using System.Text.Json;

namespace Meshia.Sandbox.Tests.Connection;

public class KeyTests
{
    [Fact]
    [Trait("Contract", "key-form")]
    public async Task Each_account_has_its_own_things_plan_and_limit()
    {
        await using var sandbox = await TestSandbox.StartAsync(TestSandbox.Options with { RateLimit = 20 });
        var key = await sandbox.PostAsync("/sandbox/keys", new { account = "other", plan = "trial" });
        Assert.Matches("^msh_sandbox_[0-9a-f]{40}$", key.GetProperty("key").GetString());
        var session = await sandbox.CreateSessionAsync();
        await sandbox.PostAsync("webhooks", new { url = "https://localhost:1/", events = new[] { "session.started" } });

        using var other = new HttpClient { BaseAddress = sandbox.Http.BaseAddress };
        other.DefaultRequestHeaders.Authorization = new("Bearer", key.GetProperty("key").GetString());
        Assert.Equal("""{"sessions":[]}""", await other.GetStringAsync("sessions", TestSandbox.Cancel));
        Assert.Equal("""{"webhooks":[]}""", await other.GetStringAsync("webhooks", TestSandbox.Cancel));
        foreach (var path in new[] { $"sessions/{session}", $"sessions/{session}/experiments" })
            Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(other, HttpMethod.Get, path));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(other, HttpMethod.Post, $"sessions/{session}/stop"));
        using (var body = new StringContent("""{"name":"x","gpu":"h100"}"""))
        using (var response = await other.PostAsync("sessions", body, TestSandbox.Cancel))
            Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);

        for (var i = 0; i < 18; i++)
            await sandbox.GetAsync("sessions");
        await sandbox.AssertErrorAsync(HttpMethod.Get, "sessions", null, HttpStatusCode.TooManyRequests, "rate_limited", "");
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(other, HttpMethod.Get, "sessions"));
        // What only the sandbox has is for the key of the start.
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(other, HttpMethod.Get, "/sandbox/faults"));
    }

    [Fact]
    public async Task A_key_is_revoked_and_restored_and_the_list_shows_no_key()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        var key = await sandbox.PostAsync("/sandbox/keys", new { account = "other" });
        var (id, text) = (key.GetProperty("id").GetString(), key.GetProperty("key").GetString()!);
        using var other = new HttpClient { BaseAddress = sandbox.Http.BaseAddress };
        other.DefaultRequestHeaders.Authorization = new("Bearer", text);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(other, HttpMethod.Get, "sessions"));
        await sandbox.PostAsync($"/sandbox/keys/{id}/revoke", "", HttpStatusCode.OK);
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(other, HttpMethod.Get, "sessions"));
        var list = await sandbox.GetAsync("/sandbox/keys");
        Assert.DoesNotContain(text, list.GetRawText(), StringComparison.Ordinal);
        Assert.Equal(
            [("main", JsonValueKind.Null), ("other", JsonValueKind.String)],
            list.GetProperty("keys").EnumerateArray().Select(item => (item.GetProperty("account").GetString()!, item.GetProperty("revoked_at").ValueKind)).Order());
        await sandbox.PostAsync($"/sandbox/keys/{id}/restore", "", HttpStatusCode.OK);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(other, HttpMethod.Get, "sessions"));
    }

    [Theory]
    [InlineData("""{"account":"Other"}""", "'account'")]
    [InlineData("""{"account":"other","plan":"gold"}""", "'plan' must be trial or pro")]
    public async Task A_key_that_makes_no_sense_is_refused(string body, string message)
    {
        await using var sandbox = await TestSandbox.StartAsync();
        await sandbox.AssertErrorAsync(HttpMethod.Post, "/sandbox/keys", body, HttpStatusCode.BadRequest, "invalid_request", message);
    }

    [Fact]
    public async Task Health_needs_no_key()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        using var client = new HttpClient();
        Assert.Equal("""{"status":"ok"}""", await client.GetStringAsync(new Uri(sandbox.BaseUri, "/health"), TestSandbox.Cancel));
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client, HttpMethod method, string path)
    {
        using var request = new HttpRequestMessage(method, path);
        using var response = await client.SendAsync(request, TestSandbox.Cancel);
        return response.StatusCode;
    }
}
