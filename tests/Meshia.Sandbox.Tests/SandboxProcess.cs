using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Meshia.Sandbox.Tests;

/// <summary>The executable in a process of its own.</summary>
internal static class SandboxProcess
{
    public static Process Start(string? key, params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["MESHIA_SANDBOX_KEY"] = key;
        foreach (var argument in (string[])[typeof(SandboxApplication).Assembly.Location, .. arguments])
            start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }

    public static async Task<JsonElement> ReadyAsync(Process process) =>
        JsonSerializer.Deserialize<JsonElement>((await process.StandardOutput.ReadLineAsync(TestSandbox.Cancel))!);

    public static HttpClient Client(JsonElement ready, string key)
    {
        var client = new HttpClient { BaseAddress = new Uri($"{ready.GetProperty("base_uri").GetString()}/") };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return client;
    }

    public static async Task<(int Code, string Output, string Errors)> EndAsync(Process process)
    {
        var output = process.StandardOutput.ReadToEndAsync(TestSandbox.Cancel);
        var errors = await process.StandardError.ReadToEndAsync(TestSandbox.Cancel);
        await process.WaitForExitAsync(TestSandbox.Cancel);
        return (process.ExitCode, await output, errors);
    }
}
