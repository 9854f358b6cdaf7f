using System.Net;
using System.Text.Json;

namespace Meshia.Sandbox.Tests.Sessions;

public class SessionListTests
{
    [Fact]
    [Trait("Contract", "list-sessions")]
    public async Task The_newest_comes_first_and_the_status_filters()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        var first = await sandbox.CreateSessionAsync();
        var second = await sandbox.CreateSessionAsync();
        sandbox.Time.Advance(TimeSpan.FromSeconds(5));
        var third = await sandbox.CreateSessionAsync();

        var all = await sandbox.GetAsync("sessions");
        Assert.Equal("sessions", Assert.Single(all.EnumerateObject()).Name);
        Assert.Equal([third, second, first], Ids(all));
        Assert.Equal([second, first], Ids(await sandbox.GetAsync("sessions?status=running")));
        Assert.Equal([third], Ids(await sandbox.GetAsync("sessions?status=provisioning")));
        Assert.Empty(Ids(await sandbox.GetAsync("sessions?status=failed")));
    }

    [Fact]
    public async Task Ten_thousand_are_streamed()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        await sandbox.PostAsync("/sandbox/sessions", new { count = 10_000 });
        using var request = new HttpRequestMessage(HttpMethod.Get, "sessions");
        using var response = await sandbox.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestSandbox.Cancel);
        Assert.True(response.Headers.TransferEncodingChunked);
        Assert.Null(response.Content.Headers.ContentLength);

        var list = TestSandbox.Parse(await response.Content.ReadAsStringAsync(TestSandbox.Cancel));
        var created = list.GetProperty("sessions").EnumerateArray().Select(session => session.GetProperty("created_at").GetDateTimeOffset()).ToList();
        Assert.Equal(10_000, created.Count);
        Assert.Equal(created.OrderDescending(), created);
        Assert.Equal(10_000, Ids(list).Distinct().Count());
    }

    [Fact]
    public async Task Pages_asked_for_hold_every_session_once_even_when_new_ones_come()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        await sandbox.PostAsync("/sandbox/sessions", new { count = 25 });
        var expected = Ids(await sandbox.GetAsync("sessions"));

        var seen = new List<string?>();
        for (var path = "sessions?limit=10&status=stopped"; path is not null;)
        {
            var page = await sandbox.GetAsync(path);
            seen.AddRange(Ids(page));
            path = page.GetProperty("next_cursor").GetString() is { } cursor ? $"sessions?limit=10&status=stopped&cursor={cursor}" : null;
            await sandbox.CreateSessionAsync();
        }

        Assert.Equal(expected, seen);
    }

    [Theory]
    [InlineData("status=sleeping", "'status' must be one of provisioning, running")]
    [InlineData("status=", "'status'")]
    [InlineData("limit=0", "'limit'")]
    [InlineData("limit=1001", "'limit'")]
    [InlineData("limit=ten", "'limit'")]
    [InlineData("cursor=rubbish", "'cursor'")]
    [InlineData("cursor=!", "'cursor'")]
    public async Task A_wrong_query_names_the_parameter(string query, string message)
    {
        await using var sandbox = await TestSandbox.StartAsync();
        await sandbox.AssertErrorAsync(HttpMethod.Get, $"sessions?{query}", null, HttpStatusCode.BadRequest, "invalid_request", message);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("100001")]
    [InlineData("1.5")]
    [InlineData("\"3\"")]
    [InlineData("null")]
    public async Task A_count_that_makes_no_sense_is_refused(string count)
    {
        await using var sandbox = await TestSandbox.StartAsync();
        await sandbox.AssertErrorAsync(
            HttpMethod.Post, "/sandbox/sessions", $$"""{"count":{{count}}}""", HttpStatusCode.BadRequest, "invalid_request", "'count'");
    }

    private static List<string?> Ids(JsonElement list) =>
        [.. list.GetProperty("sessions").EnumerateArray().Select(session => session.GetProperty("id").GetString())];
}
