using System.Net;

namespace Meshia.Sandbox.Tests.Page;

public class PageTests
{
    [Theory]
    [InlineData("/", "text/html")]
    [InlineData("/page.css", "text/css")]
    [InlineData("/page.js", "text/javascript")]
    public async Task It_needs_no_key_and_asks_for_nothing_from_elsewhere(string path, string type)
    {
        await using var sandbox = await TestSandbox.StartAsync();
        using var client = new HttpClient();
        using var response = await client.GetAsync(new Uri(sandbox.BaseUri, path), TestSandbox.Cancel);
        Assert.Equal((HttpStatusCode.OK, type), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        Assert.Contains("default-src 'none'", response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.False(response.Headers.Contains("Set-Cookie"));
        Assert.DoesNotContain("://", await response.Content.ReadAsStringAsync(TestSandbox.Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_stream_tells_of_requests_sessions_faults_and_the_clock_as_they_come()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/sandbox/stream");
        using var response = await sandbox.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestSandbox.Cancel);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(TestSandbox.Cancel));

        var id = await sandbox.CreateSessionAsync();
        await UntilAsync("request", "/sessions");
        await UntilAsync("state", id);
        await Faults.FaultTests.AddAsync(sandbox, new { on = "GET *", effect = "throttle" });
        await UntilAsync("state", "Throttle");
        await sandbox.StepAsync(new { seconds = 12 * 3600 });
        await UntilAsync("state", "\"status\":\"stopped\"");

        async Task UntilAsync(string name, string text)
        {
            while (await reader.ReadLineAsync(TestSandbox.Cancel) is { } line)
            {
                if (line == $"event: {name}" && (await reader.ReadLineAsync(TestSandbox.Cancel))!.Contains(text, StringComparison.Ordinal))
                    return;
            }

            Assert.Fail($"The stream ended without '{text}'.");
        }
    }

    [Fact]
    public async Task The_stream_takes_the_key_and_no_other()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        using var client = new HttpClient();
        using var response = await client.GetAsync(new Uri(sandbox.BaseUri, "/sandbox/stream"), TestSandbox.Cancel);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }
}
