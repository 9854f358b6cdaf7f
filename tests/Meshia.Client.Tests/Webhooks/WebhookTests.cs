using System.Text.Json;

namespace Meshia.Client.Tests;

[Trait("Culture", "Dependent")]
public class WebhookTests
{
    private const string Secret = "hush+canary/secret";

    private static readonly Uri _receiver = new("https://your-server.com/meshia-hook");

    public static TheoryData<string> DocumentedEvents =>
    [
        "session.started",
        "session.stopped",
        "experiment.completed",
        "experiment.failed",
        "plan.completed",
        "plan.needs_input",
        "workflow.completed",
        "workflow.failed",
    ];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [Trait("Contract", "webhook-create")]
    [Trait("Contract", "webhook-object")]
    [InlineData("{0}")]
    [InlineData("{{\"webhook\":{0}}}")]
    [InlineData("{{\"data\":{0}}}")]
    public async Task A_webhook_is_created_with_the_documented_body(string form)
    {
        var body = string.Format(System.Globalization.CultureInfo.InvariantCulture, form, $$"""
            {"id":"wh_1","url":"{{_receiver}}","events":["experiment.completed","session.stopped"],"created_at":"2025-06-01T10:00:00Z","active":true,"secret":"{{Secret}}","note":1}
            """);
        await using var service = await ScriptedService.StartAsync(new Reply(201, body));
        using var client = service.Client();

        var webhook = await client.CreateWebhookAsync(_receiver, ["experiment.completed", "session.stopped"], Secret, cancellationToken: Cancel);

        Assert.Equal("POST /webhooks", service.Requests.Single().Endpoint);
        Assert.True(JsonElement.DeepEquals(
            JsonDocument.Parse($$"""{"url":"{{_receiver}}","events":["experiment.completed","session.stopped"],"secret":"{{Secret}}"}""").RootElement,
            JsonDocument.Parse(service.Requests.Single().Body).RootElement));
        Assert.Equal(("wh_1", _receiver.AbsoluteUri, true), (webhook.Id, webhook.Url, webhook.Active));
        Assert.Equal(["experiment.completed", "session.stopped"], webhook.Events);
        // A secret that the service returns against its contract goes nowhere.
        Assert.Equal(["note"], webhook.AdditionalProperties.Keys);
    }

    [Fact]
    [Trait("Contract", "webhook-create")]
    public async Task Without_a_secret_none_is_sent()
    {
        await using var service = await ScriptedService.StartAsync(new Reply(201, """{"id":"wh_1"}"""));
        using var client = service.Client();

        await client.CreateWebhookAsync(_receiver, ["plan.completed"], cancellationToken: Cancel);

        Assert.False(JsonDocument.Parse(service.Requests.Single().Body).RootElement.TryGetProperty("secret", out _));
    }

    [Theory, MemberData(nameof(DocumentedEvents))]
    [Trait("Contract", "webhook-events")]
    public async Task Every_documented_event_can_be_asked_for(string name)
    {
        await using var service = await ScriptedService.StartAsync(new Reply(201, """{"id":"wh_1"}"""));
        using var client = service.Client();

        await client.CreateWebhookAsync(_receiver, [name], cancellationToken: Cancel);

        Assert.Contains(name, service.Requests.Single().Body, StringComparison.Ordinal);
        Assert.Equal(DocumentedEvents.Count, WebhookEventType.All.Count);
    }

    [Theory]
    [Trait("Contract", "webhook-https")]
    [InlineData("http://your-server.com/hook", "plan.completed", "https://your-server.com/meshia-hook")]
    [InlineData("ftp://your-server.com/hook", "plan.completed", "https://your-server.com/meshia-hook")]
    [InlineData("/hook", "plan.completed", "https://your-server.com/meshia-hook")]
    [InlineData("https://your-server.com/hook", "plan.exploded", "plan.needs_input")]
    [InlineData("https://your-server.com/hook", "Plan.Completed", "plan.needs_input")]
    [InlineData("https://your-server.com/hook", null, "plan.needs_input")]
    public async Task A_bad_receiver_or_event_is_refused_before_any_request_and_a_right_one_is_shown(string url, string? name, string rightOne)
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok("{}"));
        using var client = service.Client();

        var failure = await Assert.ThrowsAsync<ArgumentException>(() => client.CreateWebhookAsync(new(url, UriKind.RelativeOrAbsolute), name is null ? [] : [name], Secret, cancellationToken: Cancel));

        Assert.Contains(rightOne, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, failure.ToString(), StringComparison.Ordinal);
        Assert.Empty(service.Requests);
    }

    [Fact]
    public async Task A_receiver_on_loopback_may_be_http()
    {
        await using var service = await ScriptedService.StartAsync(new Reply(201, """{"id":"wh_1"}"""));
        using var client = service.Client();

        Assert.Equal("wh_1", (await client.CreateWebhookAsync(new("http://127.0.0.1:5000/hook"), ["plan.completed"], cancellationToken: Cancel)).Id);
    }

    [Theory]
    [Trait("Contract", "webhook-delete")]
    [InlineData(204, "")]
    [InlineData(200, "")]
    [InlineData(200, "{\"deleted\":true}")]
    public async Task A_webhook_is_deleted(int status, string body)
    {
        await using var service = await ScriptedService.StartAsync(new Reply(status, body));
        using var client = service.Client();

        await client.DeleteWebhookAsync("wh_1", cancellationToken: Cancel);

        Assert.Equal("DELETE /webhooks/wh_1", service.Requests.Single().Endpoint);
    }

    [Fact]
    public async Task A_webhook_that_is_not_there_cannot_be_deleted()
    {
        await using var service = await ScriptedService.StartAsync(Reply.Error(404, "webhook_not_found"));
        using var client = service.Client();

        Assert.Equal("webhook_not_found", (await TestClient.FailsAsync(() => client.DeleteWebhookAsync("wh_1", cancellationToken: Cancel))).Code);
        Assert.Single(service.Requests);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(-1)]
    public async Task A_webhook_gone_at_the_second_try_was_deleted_by_the_first(int first)
    {
        var deletions = 0;
        await using var service = await ScriptedService.StartAsync((_, context) =>
        {
            if (Interlocked.Increment(ref deletions) > 1)
                return Reply.Error(404, "webhook_not_found").SendAsync(context.Response);
            if (first > 0)
                return new Reply(first).SendAsync(context.Response);
            context.Abort();
            return Task.CompletedTask;
        });
        using var client = service.Client();

        await client.DeleteWebhookAsync("wh_1", cancellationToken: Cancel);

        Assert.Equal(2, deletions);
    }

    [Theory]
    [InlineData(409, "[]", true)]
    [InlineData(410, "[]", true)]
    [InlineData(400, """[{"id":"wh_2","url":"https://h/"}]""", true)]
    [InlineData(409, """[{"id":"wh_1","url":"https://h/"}]""", false)]
    [InlineData(409, """{"webhooks":[],"total":5}""", false)]
    [InlineData(409, "no JSON", false)]
    public async Task A_webhook_that_is_not_deleted_and_not_listed_is_gone(int status, string list, bool isGone)
    {
        await using var service = await ScriptedService.StartAsync(request => request.Method == "DELETE" ? Reply.Error(status, "conflict", "It is already deleted.") : Reply.Ok(list));
        using var client = service.Client();

        var failure = await Record.ExceptionAsync(() => client.DeleteWebhookAsync("wh_1", cancellationToken: TestContext.Current.CancellationToken));

        Assert.Equal(isGone, failure is null);
        Assert.True(isGone || failure is MeshiaException { Code: "conflict" });
    }

    [Fact]
    public async Task A_webhook_not_there_after_a_429_was_never_there()
    {
        await using var service = await ScriptedService.StartAsync(new Reply(429), Reply.Error(404, "webhook_not_found"));
        using var client = service.Client();

        Assert.Equal("webhook_not_found", (await TestClient.FailsAsync(() => client.DeleteWebhookAsync("wh_1", cancellationToken: Cancel))).Code);
    }
}
