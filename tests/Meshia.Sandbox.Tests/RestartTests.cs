using System.Text.Json;
using Meshia.Sandbox.Tests.Webhooks;

namespace Meshia.Sandbox.Tests;

public sealed class RestartTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("meshia-sandbox-test-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("state")]
    [InlineData("deep/er/state.db")]
    public async Task A_session_goes_on_as_if_the_sandbox_had_never_been_away(string path)
    {
        var options = TestSandbox.Options with { Data = Path.Combine(_folder.FullName, path) };
        await using var watched = await TestSandbox.StartAsync();
        var session = await watched.CreateSessionAsync();
        await using (var stopped = await TestSandbox.StartAsync(options))
            Assert.Equal(session, await stopped.CreateSessionAsync());
        watched.Time.Advance(TimeSpan.FromSeconds(9));

        await using var restarted = await TestSandbox.StartAsync(options with { Seed = null }, new(watched.Time.GetUtcNow()));
        Assert.Equal(
            (await watched.GetAsync($"sessions/{session}/experiments")).GetRawText(),
            (await restarted.GetAsync($"sessions/{session}/experiments")).GetRawText());
        Assert.Equal("running", (await restarted.GetAsync($"sessions/{session}")).GetProperty("status").GetString());
        Assert.NotEqual(session, await restarted.CreateSessionAsync());
    }

    [Fact]
    public async Task Artifacts_keep_their_bytes()
    {
        var options = TestSandbox.Options with { Data = _folder.FullName, Seed = null };
        JsonElement artifact;
        await using (var sandbox = await TestSandbox.StartAsync(options))
        {
            var (_, ids) = await sandbox.CreateFinishedSessionAsync();
            artifact = await sandbox.PostAsync("/sandbox/artifacts", new { experiment_id = ids[0], name = "x", size_bytes = 5000 });
        }

        await using (var sandbox = await TestSandbox.StartAsync(options))
        {
            using var client = new HttpClient();
            var url = await Artifacts.StorageTests.SignedUrlAsync(sandbox, artifact);
            var hash = System.Security.Cryptography.SHA256.HashData(await client.GetByteArrayAsync(url, TestSandbox.Cancel));
            Assert.Equal(artifact.GetProperty("sha256").GetString(), Convert.ToHexStringLower(hash));
        }
    }

    [Fact]
    public async Task A_retry_that_was_due_is_made_after_the_restart()
    {
        var options = TestSandbox.Options with { Data = _folder.FullName };
        await using var receiver = await Receiver.StartAsync();
        receiver.Respond = context =>
        {
            context.Response.StatusCode = 500;
            return Task.CompletedTask;
        };
        DateTimeOffset now;
        await using (var sandbox = await TestSandbox.StartAsync(options))
        {
            await sandbox.PostAsync("webhooks", new { url = receiver.Url, events = new[] { "session.started" } });
            await sandbox.DeliveriesAsync(1);
            now = sandbox.Time.GetUtcNow();
        }

        await using (var sandbox = await TestSandbox.StartAsync(options, new(now + TimeSpan.FromHours(1))))
        {
            var log = await sandbox.DeliveriesAsync(2);
            Assert.Equal([1, 2], log.Select(attempt => attempt.GetProperty("attempt").GetInt32()));
            Assert.Single((await sandbox.GetAsync("webhooks")).GetProperty("webhooks").EnumerateArray());
        }
    }

    [Fact]
    public async Task Another_seed_is_refused_because_it_would_change_bytes_that_exist()
    {
        var options = TestSandbox.Options with { Data = _folder.FullName };
        await using (await TestSandbox.StartAsync(options))
        {
        }

        var refused = await Assert.ThrowsAsync<InvalidDataException>(() => TestSandbox.StartAsync(options with { Seed = 8 }));
        Assert.Contains("seed 7", refused.Message, StringComparison.Ordinal);
    }
}
