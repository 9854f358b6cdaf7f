using System.Globalization;
using System.Text.Json;

namespace Meshia.Client.Tests;

/// <summary>Tests that change this process's environment run while no other test does.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class SharedEnvironment
{
    public const string Name = "Environment";
}

[Collection(SharedEnvironment.Name)]
public sealed class AuditLogTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("meshia-audit-").FullName;

    public AuditLogTests() => Environment.SetEnvironmentVariable(AuditLog.Variable, File_);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string File_ => Path.Combine(_folder, "audit.jsonl");

    public void Dispose()
    {
        Environment.SetEnvironmentVariable(AuditLog.Variable, null);
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Each_creation_stop_registration_and_removal_leaves_a_line_and_a_read_leaves_none()
    {
        await using var service = await ScriptedService.StartAsync(request => request.Method switch
        {
            "DELETE" => new Reply(204).With("X-Request-Id", "req_d"),
            "POST" when request.Path.EndsWith("/stop", StringComparison.Ordinal) => Reply.Ok("""{"id":"sess_1","status":"stopping"}""").With("X-Request-Id", "req_s"),
            "POST" when request.Path.EndsWith("/webhooks", StringComparison.Ordinal) => Reply.Ok("""{"webhook":{"id":"wh_1"}}""").With("X-Request-Id", "req_w"),
            "POST" => Reply.Ok("""{"session":{"id":"sess_1"}}""").With("X-Request-Id", "req_c"),
            _ => Reply.Ok("""{"id":"sess_1"}"""),
        });
        var key = TestClient.NewKey();
        using var client = service.Client(key: key);

        await client.CreateSessionAsync("x", "rtx4090", call: new() { Command = "New-MeshiaSession" }, cancellationToken: Cancel);
        await client.GetSessionAsync("sess_1", cancellationToken: Cancel);
        await client.StopSessionAsync("sess_1", cancellationToken: Cancel);
        await client.CreateWebhookAsync(new("https://example.com/hook"), ["session.started"], "canary-secret-7d1f", cancellationToken: Cancel);
        await client.DeleteWebhookAsync("wh_1", cancellationToken: Cancel);

        var lines = Lines();
        Assert.Equal(
            [("create", "done", "sess_1", "req_c"), ("stop", "done", "sess_1", "req_s"), ("register", "done", "wh_1", "req_w"), ("unregister", "done", "wh_1", "req_d")],
            lines.Select(line => (line["action"], line["outcome"], line["id"], line["request_id"])));
        Assert.Equal((Environment.UserName, Environment.MachineName, "New-MeshiaSession"), (lines[0]["user"], lines[0]["machine"], lines[0]["command"]));
        var text = await File.ReadAllTextAsync(File_, Cancel);
        Assert.DoesNotContain(key, text, StringComparison.Ordinal);
        Assert.DoesNotContain("canary-secret-7d1f", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(403, "refused")]
    [InlineData(503, "unknown")]
    public async Task A_request_that_fails_leaves_its_outcome(int status, string outcome)
    {
        await using var service = await ScriptedService.StartAsync(Reply.Error(status, "some_code").With("X-Request-Id", "req_1"));
        using var client = TestClient.For(service.BaseUri, maxRetries: 0);

        await TestClient.FailsAsync(() => client.CreateSessionAsync("x", "rtx4090", cancellationToken: Cancel));

        var line = Assert.Single(Lines());
        Assert.Equal(("create", outcome, "req_1", "some_code"), (line["action"], line["outcome"], line["request_id"], line["code"]));
    }

    [Fact]
    public async Task A_request_that_never_left_is_not_sent()
    {
        using var client = TestClient.For(new("http://127.0.0.1:1/api/v1"), maxRetries: 0);

        await TestClient.FailsAsync(() => client.StopSessionAsync("sess_1", cancellationToken: Cancel));

        Assert.Equal(("stop", "not sent", "sess_1"), Assert.Single(Lines()) is var line ? (line["action"], line["outcome"], line["id"]) : default);
    }

    [Fact]
    public async Task A_file_that_cannot_be_written_stops_no_call_and_is_said()
    {
        Environment.SetEnvironmentVariable(AuditLog.Variable, Path.Combine(_folder, "missing", "audit.jsonl"));
        await using var service = await ScriptedService.StartAsync(Reply.Ok("""{"id":"sess_1"}"""));
        var (client, messages) = service.HeardClient();

        await client.StopSessionAsync("sess_1", cancellationToken: Cancel);

        Assert.Contains(AuditLog.Variable, Assert.Single(messages.Warnings()), StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_after_half_a_line_is_whole()
    {
        File.WriteAllText(File_, """{"action":"cre""");

        Assert.Null(AuditLog.TryWrite(File_, new Dictionary<string, object?> { ["action"] = "stop" }));

        Assert.Equal(["""{"action":"cre""", """{"action":"stop"}"""], File.ReadAllLines(File_));
    }

    [Fact]
    public async Task Lines_of_several_processes_never_mix()
    {
        const int Processes = 4;
        const int Count = 200;
        var running = Enumerable.Range(0, Processes).Select(_ => BudgetUserProcess.Start("audit", File_, Count.ToString(CultureInfo.InvariantCulture))).ToList();
        foreach (var process in running)
        {
            await process.WaitForExitAsync(Cancel);
            Assert.Equal(0, process.ExitCode);
            process.Dispose();
        }

        var lines = Lines();
        Assert.Equal(Processes * Count, lines.Count);
        Each.Of(lines.GroupBy(line => line["process"]), process => Assert.Equal(Enumerable.Range(0, Count).Select(number => number.ToString(CultureInfo.InvariantCulture)), process.Select(line => line["number"])));
    }

    private List<Dictionary<string, string>> Lines() =>
        [.. File.ReadAllLines(File_).Select(line => JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(line)!.ToDictionary(pair => pair.Key, pair => pair.Value.ToString()))];
}
