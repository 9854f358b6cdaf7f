using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;

namespace Meshia.Sandbox.Tests;

/// <summary>The executable itself, as a parent process sees it.</summary>
public class ProcessTests
{
    private const string Secret = "secret-canary-77";

    [Fact]
    public async Task One_line_says_where_it_is_and_it_ends_with_its_standard_input()
    {
        using var process = SandboxProcess.Start(null, "--exit-with-stdin", "--experiment-seconds", "0");
        var ready = await SandboxProcess.ReadyAsync(process);
        Assert.Equal(["base_uri", "storage_uri", "data", "process_id", "key"], ready.EnumerateObject().Select(member => member.Name));
        Assert.Matches(@"^http://127\.0\.0\.1:\d+/api/v1$", ready.GetProperty("base_uri").GetString());
        Assert.Matches(@"^http://127\.0\.0\.1:\d+$", ready.GetProperty("storage_uri").GetString());
        var key = ready.GetProperty("key").GetString()!;
        Assert.StartsWith("msh_sandbox_", key, StringComparison.Ordinal);
        var data = ready.GetProperty("data").GetString()!;
        Assert.True(Directory.Exists(data));

        using var client = SandboxProcess.Client(ready, key);
        Assert.Equal("""{"sessions":[]}""", await client.GetStringAsync("sessions", TestSandbox.Cancel));

        process.StandardInput.Close();
        var (code, output, errors) = await SandboxProcess.EndAsync(process);
        Assert.Equal((0, ""), (code, output));
        Assert.Equal($"The sandbox is ready at {ready.GetProperty("base_uri").GetString()}. Its state is in {data}. Stop it with Ctrl+C.", errors.TrimEnd());
        Assert.False(Directory.Exists(data));
    }

    [Fact]
    public async Task A_key_from_the_environment_and_a_secret_are_never_printed()
    {
        using var process = SandboxProcess.Start(TestSandbox.Key, "--exit-with-stdin", "--webhook-backoff-seconds", "0");
        var ready = await SandboxProcess.ReadyAsync(process);
        Assert.False(ready.TryGetProperty("key", out _));

        using var client = SandboxProcess.Client(ready, TestSandbox.Key);
        await client.PostAsJsonAsync("webhooks", new { url = "http://127.0.0.1:1/x", events = new[] { "session.started" }, secret = Secret }, TestSandbox.Cancel);
        await client.PostAsJsonAsync("sessions", new { name = "", secret = Secret }, TestSandbox.Cancel);
        using var refused = await client.GetAsync(new Uri($"{ready.GetProperty("storage_uri").GetString()}/artifacts/x"), TestSandbox.Cancel);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);

        process.StandardInput.Close();
        var (code, output, errors) = await SandboxProcess.EndAsync(process);
        Assert.Equal((0, ""), (code, output));
        Assert.DoesNotContain(TestSandbox.Key, $"{ready}{errors}", StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_ends_well_when_asked_to_terminate()
    {
        if (OperatingSystem.IsWindows())
            Assert.Skip("Windows has no SIGTERM.");
        using var process = SandboxProcess.Start(TestSandbox.Key);
        var data = (await SandboxProcess.ReadyAsync(process)).GetProperty("data").GetString();
        using (var kill = Process.Start("kill", ["-TERM", $"{process.Id}"]))
            await kill.WaitForExitAsync(TestSandbox.Cancel);
        var (code, output, errors) = await SandboxProcess.EndAsync(process);
        Assert.Equal((0, ""), (code, output));
        Assert.Single(errors.TrimEnd().Split('\n'));
        Assert.False(Directory.Exists(data));
    }

    [Fact]
    public async Task A_detached_one_goes_on_after_its_starter_and_ends_when_it_is_asked_to()
    {
        using var starter = SandboxProcess.Start(TestSandbox.Key, "--detach");
        var ready = await SandboxProcess.ReadyAsync(starter);
        var (code, output, errors) = await SandboxProcess.EndAsync(starter);

        Assert.Equal((0, ""), (code, output));
        var id = ready.GetProperty("process_id").GetInt32();
        Assert.NotEqual(starter.Id, id);
        Assert.EndsWith($"It continues in the background as process {id}; end that process to stop it.", errors.TrimEnd(), StringComparison.Ordinal);
        using var process = Process.GetProcessById(id);
        using var client = SandboxProcess.Client(ready, TestSandbox.Key);
        Assert.Equal("""{"sessions":[]}""", await client.GetStringAsync("sessions", TestSandbox.Cancel));
        // A Ctrl+C at the terminal of the starter is not for it: it has a session of its own.
        if (OperatingSystem.IsLinux())
            Assert.Equal($"{id}", File.ReadAllText($"/proc/{id}/stat").Split(')')[^1].Split(' ')[4]);

        using var stop = await client.PostAsync(new Uri("/sandbox/stop", UriKind.Relative), null, TestSandbox.Cancel);
        Assert.Equal(HttpStatusCode.Accepted, stop.StatusCode);
        await process.WaitForExitAsync(TestSandbox.Cancel);
        Assert.False(Directory.Exists(ready.GetProperty("data").GetString()));
    }

    [Fact]
    public async Task A_detached_one_that_does_not_start_says_why()
    {
        using var starter = SandboxProcess.Start(TestSandbox.Key, "--detach", "--faults", "/no/such/file.json");
        var (code, output, errors) = await SandboxProcess.EndAsync(starter);
        Assert.Equal((1, ""), (code, output));
        Assert.StartsWith("The sandbox cannot start:", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cannot be used together", "--detach", "--exit-with-stdin")]
    [InlineData("--port must be", "--port", "x")]
    [InlineData("--port must be", "--port", "65536")]
    [InlineData("--rate-limit must be", "--rate-limit", "0")]
    [InlineData("--idle-minutes must be", "--idle-minutes", "NaN")]
    [InlineData("--experiment-seconds must be", "--experiment-seconds", "-1")]
    [InlineData("--seed must be a whole number", "--seed", "1.5")]
    [InlineData("--start-time must be", "--start-time", "9999-01-01T00:00:00Z")]
    [InlineData("--start-time must be", "--start-time", "1999-01-01T00:00:00Z")]
    [InlineData("--plan must be trial or pro.", "--plan", "gold")]
    [InlineData("--clock must be running or still.", "--clock", "fast")]
    [InlineData("--faults must not be empty.", "--faults", "")]
    [InlineData("--data must not be empty.", "--data", " ", "--host", "")]
    [InlineData("The key must begin with msh_", "--key", "secret-canary-77")]
    [InlineData("Unrecognized", "msh_secret-canary-77")]
    public async Task A_bad_option_is_explained_and_exits_with_2(string message, params string[] arguments)
    {
        using var process = SandboxProcess.Start(null, arguments);
        var (code, output, errors) = await SandboxProcess.EndAsync(process);
        Assert.Equal((2, ""), (code, output));
        Assert.Contains(message, errors, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData("http://localhost")]
    [InlineData("127.0.0.1:80")]
    [InlineData("no-such-host.invalid")]
    public async Task A_host_that_is_none_of_this_machine_is_refused(string host)
    {
        var refused = await Assert.ThrowsAsync<IOException>(() => TestSandbox.StartAsync(TestSandbox.Options with { Host = host }));
        Assert.Contains("--host must be the name or an address of this machine", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bad_key_in_the_environment_exits_with_2()
    {
        using var process = SandboxProcess.Start(Secret);
        var (code, _, errors) = await SandboxProcess.EndAsync(process);
        Assert.Equal(2, code);
        Assert.DoesNotContain(Secret, errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_names_every_option()
    {
        using var process = SandboxProcess.Start(null, "--help");
        var (code, output, _) = await SandboxProcess.EndAsync(process);
        Assert.Equal(0, code);
        Assert.Contains("dotnet Meshia.Sandbox.dll [options]", output, StringComparison.Ordinal);
        foreach (var option in new[]
        {
            "--data", "--port", "--storage-port", "--key", "--seed", "--plan", "--provisioning-seconds", "--experiment-seconds",
            "--idle-minutes", "--rate-limit", "--webhook-backoff-seconds", "--host", "--clock", "--start-time", "--faults", "--strict", "--exit-with-stdin",
        })
        {
            Assert.Contains($"{option} ", output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_port_in_use_is_said_in_one_line()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        using var process = SandboxProcess.Start(null, "--port", $"{sandbox.BaseUri.Port}");
        var (code, output, errors) = await SandboxProcess.EndAsync(process);
        Assert.Equal((1, ""), (code, output));
        Assert.Contains("already in use", Assert.Single(errors.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }
}
