using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;

namespace Meshia.Sandbox.Tests;

/// <summary>A sandbox in this process, on real ports, whose clock only the test moves.</summary>
internal sealed class TestSandbox : IAsyncDisposable
{
    public const string Key = "msh_test_4b1d";

    private readonly SandboxApplication _application;

    private TestSandbox(SandboxApplication application, FakeTimeProvider time)
    {
        _application = application;
        Time = time;
        // Relative addresses resolve below /api/v1.
        Http = new HttpClient { BaseAddress = new Uri($"{application.BaseUri}/") };
        Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Key);
    }

    public static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public FakeTimeProvider Time { get; }

    public HttpClient Http { get; }

    public Uri BaseUri => _application.BaseUri;

    public Uri StorageUri => _application.StorageUri;

    /// <summary>Defaults for tests: a known key, fixed ids, and no rate limit in the way.</summary>
    public static SandboxOptions Options { get; } = new() { Key = Key, Seed = 7, RateLimit = 100_000 };

    public static async Task<TestSandbox> StartAsync(SandboxOptions? options = null, FakeTimeProvider? time = null)
    {
        time ??= new FakeTimeProvider(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
        return new(await SandboxApplication.StartAsync(options ?? Options, time, Cancel), time);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _application.DisposeAsync();
    }

    public Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? body = null) => Http.SendAsync(
        new HttpRequestMessage(method, path) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json") },
        Cancel);

    public async Task<JsonElement> GetAsync(string path) => await ReadAsync(await SendAsync(HttpMethod.Get, path), HttpStatusCode.OK);

    public async Task<JsonElement> PostAsync(string path, object? body = null, HttpStatusCode expected = HttpStatusCode.Created) =>
        await ReadAsync(await SendAsync(HttpMethod.Post, path, body as string ?? JsonSerializer.Serialize(body)), expected);

    public async Task<JsonElement> ReadOkAsync(HttpMethod method, string path, string? body = null) =>
        await ReadAsync(await SendAsync(method, path, body), HttpStatusCode.OK);

    /// <summary>Moves the sandbox's clock with its own steps.</summary>
    public Task<JsonElement> StepAsync(object step) => PostAsync("/sandbox/clock/step", step, HttpStatusCode.OK);

    public static async Task<JsonElement> ReadAsync(HttpResponseMessage response, HttpStatusCode expected)
    {
        using (response)
        {
            var text = await response.Content.ReadAsStringAsync(Cancel);
            Assert.True(response.StatusCode == expected, $"{(int)response.StatusCode} {text}");
            Assert.Equal("application/json; charset=utf-8", response.Content.Headers.ContentType?.ToString());
            Assert.StartsWith("req_", Assert.Single(response.Headers.GetValues("X-Request-Id")), StringComparison.Ordinal);
            return Parse(text);
        }
    }

    public static JsonElement Parse(string text) => JsonSerializer.Deserialize<JsonElement>(text);

    public async Task AssertErrorAsync(HttpMethod method, string path, string? body, HttpStatusCode status, string code, string message)
    {
        var answer = await ReadAsync(await SendAsync(method, path, body), status);
        var error = Assert.Single(answer.EnumerateObject()).Value;
        Assert.Equal(["code", "message"], error.EnumerateObject().Select(member => member.Name));
        Assert.Equal(code, error.GetProperty("code").GetString());
        Assert.Contains(message, error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    public async Task<string> CreateSessionAsync(string gpu = "rtx4090") =>
        (await PostAsync("sessions", new { name = "run", gpu, repo = "github:user/repo" })).GetProperty("id").GetString()!;

    /// <summary>A session whose experiments have all ended, and their ids.</summary>
    public async Task<(string Session, string[] Experiments)> CreateFinishedSessionAsync()
    {
        var id = await CreateSessionAsync();
        Time.Advance(TimeSpan.FromSeconds(10));
        var list = await GetAsync($"sessions/{id}/experiments");
        return (id, [.. list.GetProperty("experiments").EnumerateArray().Select(e => e.GetProperty("id").GetString()!)]);
    }

    /// <summary>Waits, for as long as it takes, until so many attempts are logged; oldest first.</summary>
    public async Task<JsonElement[]> DeliveriesAsync(int atLeast, string query = "")
    {
        while (true)
        {
            var list = (await GetAsync($"/sandbox/deliveries{query}")).GetProperty("deliveries");
            if (list.GetArrayLength() >= atLeast)
                return [.. list.EnumerateArray().Reverse()];
            await Task.Delay(10, Cancel);
        }
    }
}
