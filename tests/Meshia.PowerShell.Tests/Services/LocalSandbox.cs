using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Meshia.Sandbox;
using Microsoft.Extensions.Time.Testing;

namespace Meshia.PowerShell.Tests;

/// <summary>A sandbox in this process, on real ports, whose clock only the test moves.</summary>
internal sealed class LocalSandbox : IAsyncDisposable
{
    private readonly SandboxApplication _application;
    private readonly HttpClient _http;

    private LocalSandbox(SandboxApplication application, FakeTimeProvider time)
    {
        _application = application;
        Time = time;
        _http = new HttpClient { BaseAddress = new Uri($"{application.BaseUri}/") };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", application.Key);
    }

    public FakeTimeProvider Time { get; }

    public Uri BaseUri => _application.BaseUri;

    public string Key => _application.Key;

    /// <summary>Starts one with a key of its own, fixed ids, and no rate limit in the way.</summary>
    public static async Task<LocalSandbox> StartAsync(SandboxOptions? options = null)
    {
        options ??= new() { Seed = 7, RateLimit = 100_000 };
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        return new(await SandboxApplication.StartAsync(options with { Key = options.Key ?? ModuleSession.NewKey() }, time), time);
    }

    /// <summary>A module that is connected to it.</summary>
    public ModuleSession Connect()
    {
        var session = new ModuleSession();
        session.Connect(BaseUri, Key);
        return session;
    }

    /// <summary>A session that runs, made behind the module's back; its experiments have all ended.</summary>
    public async Task<string> CreateFinishedSessionAsync(string name = "run", string gpu = "rtx4090")
    {
        using var answer = await _http.PostAsJsonAsync("sessions", new { name, gpu, repo = "github:user/repo" });
        answer.EnsureSuccessStatusCode();
        var id = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!;
        Time.Advance(TimeSpan.FromMinutes(1));
        return id;
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _application.DisposeAsync();
    }
}
