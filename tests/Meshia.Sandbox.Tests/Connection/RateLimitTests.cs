using System.Net;

namespace Meshia.Sandbox.Tests.Connection;

[Trait("Culture", "Dependent")]
public class RateLimitTests
{
    [Fact]
    [Trait("Contract", "limits-60")]
    [Trait("Contract", "limits-429")]
    public async Task Sixty_requests_a_minute_then_429_until_the_minute_is_over()
    {
        await using var sandbox = await TestSandbox.StartAsync(new SandboxOptions { Key = TestSandbox.Key });
        for (var i = 1; i <= 60; i++)
        {
            using var response = await sandbox.SendAsync(HttpMethod.Get, "sessions");
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal("60", response.Headers.GetValues("X-RateLimit-Limit").Single());
            Assert.Equal($"{60 - i}", response.Headers.GetValues("X-RateLimit-Remaining").Single());
        }

        var reset = (sandbox.Time.GetUtcNow() + TimeSpan.FromMinutes(1)).ToUnixTimeSeconds();
        await AssertRefusedAsync(sandbox, "60", $"{reset}");
        sandbox.Time.Advance(TimeSpan.FromSeconds(20.5));
        await AssertRefusedAsync(sandbox, "40", $"{reset}");
        sandbox.Time.Advance(TimeSpan.FromSeconds(39.4));
        await AssertRefusedAsync(sandbox, "1", $"{reset}");
        sandbox.Time.Advance(TimeSpan.FromSeconds(1));
        await sandbox.GetAsync("sessions");
    }

    [Fact]
    public async Task Strangers_and_the_sandbox_api_do_not_use_up_the_limit()
    {
        await using var sandbox = await TestSandbox.StartAsync(TestSandbox.Options with { RateLimit = 1 });
        using var stranger = new HttpClient();
        for (var i = 0; i < 3; i++)
        {
            await sandbox.GetAsync("/sandbox/deliveries");
            using var response = await stranger.GetAsync($"{sandbox.BaseUri}/sessions", TestSandbox.Cancel);
            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        }

        await sandbox.GetAsync("sessions");
        await sandbox.AssertErrorAsync(HttpMethod.Get, "sessions", null, HttpStatusCode.TooManyRequests, "rate_limited", "1 requests");
    }

    private static async Task AssertRefusedAsync(TestSandbox sandbox, string retryAfter, string reset)
    {
        using var response = await sandbox.SendAsync(HttpMethod.Get, "sessions");
        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        Assert.Equal(retryAfter, response.Headers.GetValues("Retry-After").Single());
        Assert.Equal(reset, response.Headers.GetValues("X-RateLimit-Reset").Single());
    }
}
