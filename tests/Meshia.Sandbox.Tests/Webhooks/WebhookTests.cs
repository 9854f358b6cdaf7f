using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Meshia.Sandbox.Tests.Webhooks;

[Trait("Culture", "Dependent")]
public class WebhookTests
{
    [Fact]
    [Trait("Contract", "webhook-create")]
    [Trait("Contract", "webhook-delete")]
    [Trait("Contract", "list-webhooks")]
    [Trait("Contract", "webhook-object")]
    public async Task One_is_created_listed_and_deleted_and_its_secret_never_shown()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        const string Secret = "s3cret-canary";
        var created = await sandbox.PostAsync(
            "webhooks", new { url = "https://localhost:1/hook", events = new[] { "experiment.completed", "session.stopped" }, secret = Secret });
        var id = created.GetProperty("id").GetString();
        Assert.Matches("^wh_[0-9a-f]{16}$", id);
        Assert.Equal(
            $$"""{"id":"{{id}}","url":"https://localhost:1/hook","events":["experiment.completed","session.stopped"],"created_at":"2026-01-02T03:04:05.000Z","active":true}""",
            created.GetRawText());

        var list = await sandbox.GetAsync("webhooks");
        Assert.Equal($$"""{"webhooks":[{{created.GetRawText()}}]}""", list.GetRawText());
        Assert.DoesNotContain(Secret, (await sandbox.GetAsync("/sandbox/deliveries")).GetRawText(), StringComparison.Ordinal);

        using var response = await sandbox.SendAsync(HttpMethod.Delete, $"webhooks/{id}");
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Empty((await sandbox.GetAsync("webhooks")).GetProperty("webhooks").EnumerateArray());
        await sandbox.AssertErrorAsync(HttpMethod.Delete, $"webhooks/{id}", null, HttpStatusCode.NotFound, "webhook_not_found", id!);
    }

    [Theory]
    [Trait("Contract", "webhook-https")]
    [InlineData("""{"events":["session.started"]}""", "'url'")]
    [InlineData("""{"url":"hook","events":["session.started"]}""", "'url'")]
    [InlineData("""{"url":"http://example.com/x","events":["session.started"]}""", "'url'")]
    [InlineData("""{"url":"ftp://127.0.0.1/x","events":["session.started"]}""", "'url'")]
    [InlineData("""{"url":"https://user:password@example.com/","events":["session.started"]}""", "'url'")]
    [InlineData("""{"url":"https://example.com/"}""", "'events'")]
    [InlineData("""{"url":"https://example.com/","events":[]}""", "'events'")]
    [InlineData("""{"url":"https://example.com/","events":["session.paused"]}""", "unknown 'session.paused'")]
    [InlineData("""{"url":"https://example.com/","events":["ping"]}""", "unknown 'ping'")]
    [InlineData("""{"url":"https://example.com/","events":["session.started"],"secret":""}""", "'secret'")]
    [InlineData("""{"url":"https://example.com/","events":["session.started"],"secret":7}""", "'secret'")]
    public async Task What_is_wrong_is_said_with_the_name_of_the_field(string body, string message)
    {
        await using var sandbox = await TestSandbox.StartAsync();
        await sandbox.AssertErrorAsync(HttpMethod.Post, "webhooks", body, HttpStatusCode.BadRequest, "invalid_request", message);
    }

    [Fact]
    [Trait("Contract", "webhook-events")]
    public async Task All_documented_events_are_known()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        string[] events =
        [
            "session.started", "session.stopped", "experiment.completed", "experiment.failed",
            "plan.completed", "plan.needs_input", "workflow.completed", "workflow.failed",
        ];
        var webhook = await sandbox.PostAsync("webhooks", new { url = "https://localhost:1/", events });
        Assert.Equal(events, webhook.GetProperty("events").Deserialize<string[]>());
    }

    [Fact]
    public async Task The_ping_is_not_waited_for()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        // A receiver with one thread, which is busy creating the webhook.
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        await sandbox.PostAsync("webhooks", new { url = $"http://{listener.LocalEndpoint}/hook", events = new[] { "session.started" } });

        using var connection = await listener.AcceptTcpClientAsync(TestSandbox.Cancel);
        await using var stream = connection.GetStream();
        using var reader = new StreamReader(stream);
        Assert.Equal("POST /hook HTTP/1.1", await reader.ReadLineAsync(TestSandbox.Cancel));
        await stream.WriteAsync(Encoding.ASCII.GetBytes("HTTP/1.1 204 No Content\r\n\r\n"), TestSandbox.Cancel);
        var delivery = Assert.Single(await sandbox.DeliveriesAsync(1));
        Assert.Equal(204, delivery.GetProperty("response_status").GetInt32());
        Assert.Equal("""{"event":"ping","timestamp":"2026-01-02T03:04:05.000Z"}""", delivery.GetProperty("request_body").GetString());
    }
}
