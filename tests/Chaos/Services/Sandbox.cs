using System.Net.Http.Headers;
using System.Text.Json;

namespace Meshia.Chaos.Tests;

/// <summary>A sandbox in a process of its own, with a folder that outlives it.</summary>
internal sealed class Sandbox : IDisposable
{
    public const string Key = "msh_chaos_5f20c4";

    private readonly Victim _process;

    private Sandbox(Victim process, JsonElement ready)
    {
        _process = process;
        BaseUri = ready.GetProperty("base_uri").GetString()!;
        Http = new() { BaseAddress = new($"{BaseUri}/") };
        Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Key);
    }

    public string BaseUri { get; }

    public HttpClient Http { get; }

    /// <param name="data">The folder of its data.</param>
    /// <param name="arguments">More arguments.</param>
    public static async Task<Sandbox> StartAsync(string data, params string[] arguments)
    {
        var process = Victim.StartProgram(
            Path.Combine(AppContext.BaseDirectory, "Meshia.Sandbox.dll"),
            [("MESHIA_SANDBOX_KEY", Key)],
            ["--data", data, .. arguments.Contains("--rate-limit") ? Array.Empty<string>() : ["--rate-limit", "1000000"], "--provisioning-seconds", "0", "--experiment-seconds", "0", .. arguments]);
        if (await process.ReadLineAsync() is { } line)
            return new(process, JsonSerializer.Deserialize<JsonElement>(line));
        var (exitCode, _, errors) = await process.EndAsync();
        process.Dispose();
        throw new InvalidOperationException($"The sandbox did not start ({exitCode}): {errors}");
    }

    public async Task<JsonElement> GetAsync(string path) => JsonSerializer.Deserialize<JsonElement>(await Http.GetStringAsync(path, ChaosRun.Cancel));

    public Task KillAfterAsync(TimeSpan time) => _process.KillAfterAsync(time);

    public void Dispose()
    {
        Http.Dispose();
        _process.Dispose();
    }
}
