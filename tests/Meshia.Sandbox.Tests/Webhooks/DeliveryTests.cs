using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Meshia.Sandbox.Tests.Webhooks;

public class DeliveryTests
{
    [Fact]
    [Trait("Contract", "webhook-delivery")]
    [Trait("Contract", "webhook-ping")]
    public async Task Each_event_is_delivered_with_the_documented_body()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        await using var receiver = await Receiver.StartAsync();
        await HookAsync(sandbox, receiver, "session.started", "session.stopped", "experiment.completed", "experiment.failed");
        var (session, ids) = await sandbox.CreateFinishedSessionAsync();
        await sandbox.PostAsync($"sessions/{session}/stop", "", HttpStatusCode.OK);
        sandbox.Time.Advance(TimeSpan.FromSeconds(1));

        var received = new List<Received>();
        while (received.Count < 6)
            received.Add(await receiver.NextAsync());
        Assert.Equal(
            ["session.started", "experiment.completed", "experiment.completed", "experiment.failed", "experiment.completed", "session.stopped"],
            received.Select(delivery => delivery.Event));
        Each.Of(received, delivery =>
        {
            Assert.Equal("application/json", delivery.ContentType);
            Assert.Equal(["event", "timestamp", "session_id", "data"], delivery.Json.EnumerateObject().Select(member => member.Name));
            Assert.Equal(session, delivery.Json.GetProperty("session_id").GetString());
        });

        var completed = received[1].Json;
        var experiment = await sandbox.GetAsync($"experiments/{ids[0]}");
        Assert.Equal("2026-01-02T03:04:09.000Z", completed.GetProperty("timestamp").GetString());
        Assert.Equal(
            $$"""{"experiment_id":"{{ids[0]}}","metrics":{{experiment.GetProperty("metrics").GetRawText()}},"duration_seconds":2}""",
            completed.GetProperty("data").GetRawText());
        Assert.Equal(ids[2], received[3].Json.GetProperty("data").GetProperty("experiment_id").GetString());
    }

    [Fact]
    public async Task Only_what_was_asked_for_is_delivered()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        await using var receiver = await Receiver.StartAsync();
        await HookAsync(sandbox, receiver, "experiment.failed");
        await sandbox.CreateFinishedSessionAsync();
        Assert.Equal("experiment.failed", (await receiver.NextAsync()).Event);
        Assert.Equal(2, (await sandbox.DeliveriesAsync(2)).Length);
    }

    [Fact]
    [Trait("Contract", "webhook-signature")]
    public async Task The_signature_is_over_the_raw_body_and_absent_without_a_secret()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        await using var receiver = await Receiver.StartAsync();
        await HookAsync(sandbox, receiver, "session.started");
        await sandbox.PostAsync("webhooks", new { url = $"{receiver.Url}/signed", events = new[] { "experiment.completed" }, secret = "ключ" });
        Assert.Equal("ping", (await receiver.NextAsync()).Event);

        await sandbox.CreateFinishedSessionAsync();
        var received = new List<Received>();
        while (received.Count < 4)
            received.Add(await receiver.NextAsync());
        Each.Of(received.Where(delivery => delivery.Path == "/hook"), delivery => Assert.Null(delivery.Signature));
        var signed = received.Where(delivery => delivery.Path == "/hook/signed").ToList();
        Assert.Equal(3, signed.Count);
        Each.Of(signed, delivery => Assert.Equal(
            $"sha256={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes("ключ"), delivery.Body))}", delivery.Signature));
    }

    [Fact]
    [Trait("Contract", "webhook-retries")]
    public async Task A_failed_delivery_is_retried_three_times_with_doubled_waits_and_each_attempt_logged()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        await using var receiver = await Receiver.StartAsync();
        var id = await HookAsync(sandbox, receiver, "session.stopped");
        receiver.Respond = context =>
        {
            context.Response.StatusCode = 503;
            return Task.CompletedTask;
        };
        var session = await sandbox.CreateSessionAsync();
        await sandbox.PostAsync($"sessions/{session}/stop", "", HttpStatusCode.OK);
        sandbox.Time.Advance(TimeSpan.FromSeconds(1));
        var first = sandbox.Time.GetUtcNow();

        // The ping is the first attempt that is logged.
        await sandbox.DeliveriesAsync(2);
        for (var seconds = 1; seconds <= 4; seconds *= 2)
        {
            sandbox.Time.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromMilliseconds(1));
            sandbox.Time.Advance(TimeSpan.FromMilliseconds(1));
            await sandbox.DeliveriesAsync(seconds == 4 ? 5 : seconds + 2);
        }

        // It is given up: however long one waits, the next attempt is that of another message.
        sandbox.Time.Advance(TimeSpan.FromHours(1));
        receiver.Respond = _ => Task.CompletedTask;
        var given = (await sandbox.DeliveriesAsync(5))[1];
        var resent = await sandbox.PostAsync($"/sandbox/deliveries/{given.GetProperty("id").GetString()}/resend", "", HttpStatusCode.Accepted);
        var log = (await sandbox.DeliveriesAsync(6, $"?webhook_id={id}"))[1..];
        Assert.Equal([1, 2, 3, 4, 1], log.Select(attempt => attempt.GetProperty("attempt").GetInt32()));
        Assert.Equal([503, 503, 503, 503, 200], log.Select(attempt => attempt.GetProperty("response_status").GetInt32()));
        Assert.Equal(
            [0, 1, 3, 7],
            log[..4].Select(attempt => (attempt.GetProperty("created_at").GetDateTimeOffset() - first).TotalSeconds));
        Each.Of(log[..4], attempt =>
        {
            Assert.Equal("session.stopped", attempt.GetProperty("event").GetString());
            Assert.Contains("503", attempt.GetProperty("error").GetString(), StringComparison.Ordinal);
            Assert.True(attempt.GetProperty("latency_ms").GetDouble() > 0);
        });
        Assert.Single(log.Select(attempt => attempt.GetProperty("request_body").GetString()).Distinct());
        Assert.Equal(resent.GetProperty("message_id").GetString(), log[4].GetProperty("message_id").GetString());
        Assert.Equal(JsonValueKind.Null, log[4].GetProperty("error").ValueKind);
    }

    [Fact]
    public async Task A_redirect_is_a_failure_and_is_not_followed()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        await using var receiver = await Receiver.StartAsync();
        receiver.Respond = context =>
        {
            context.Response.Redirect("/elsewhere");
            return Task.CompletedTask;
        };
        await HookAsync(sandbox, receiver, "session.started");
        var attempt = Assert.Single(await sandbox.DeliveriesAsync(1));
        Assert.Equal(302, attempt.GetProperty("response_status").GetInt32());
        Assert.NotNull(attempt.GetProperty("error").GetString());
        Assert.Equal(0, receiver.Waiting);
    }

    [Fact]
    public async Task A_receiver_that_does_not_answer_is_given_ten_seconds()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        await using var receiver = await Receiver.StartAsync();
        receiver.Respond = context => Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        await HookAsync(sandbox, receiver, "session.started");
        sandbox.Time.Advance(TimeSpan.FromSeconds(10));
        var attempt = Assert.Single(await sandbox.DeliveriesAsync(1));
        Assert.Equal(JsonValueKind.Null, attempt.GetProperty("response_status").ValueKind);
        Assert.Contains("within 10 s", attempt.GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_receiver_that_hangs_holds_up_no_other()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        await using var hanging = await Receiver.StartAsync();
        await using var working = await Receiver.StartAsync();
        hanging.Respond = context => Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        await HookAsync(sandbox, hanging, "session.started");
        await HookAsync(sandbox, working, "session.started");
        await sandbox.CreateFinishedSessionAsync();
        Assert.Equal("session.started", (await working.NextAsync()).Event);
    }

    [Fact]
    public async Task What_is_on_its_way_to_a_deleted_webhook_is_dropped()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        await using var receiver = await Receiver.StartAsync();
        receiver.Respond = context =>
        {
            context.Response.StatusCode = 500;
            return Task.CompletedTask;
        };
        var id = await HookAsync(sandbox, receiver, "session.started");
        var attempt = Assert.Single(await sandbox.DeliveriesAsync(1));
        using (await sandbox.SendAsync(HttpMethod.Delete, $"webhooks/{id}"))
        {
            await sandbox.AssertErrorAsync(
                HttpMethod.Post, $"/sandbox/deliveries/{attempt.GetProperty("id").GetString()}/resend", "",
                HttpStatusCode.NotFound, "webhook_not_found", id);
        }

        // Another webhook's ping comes after anything that were still due for the first.
        sandbox.Time.Advance(TimeSpan.FromHours(1));
        var other = await HookAsync(sandbox, receiver, "session.started");
        Assert.Equal([id, other], (await sandbox.DeliveriesAsync(2)).Select(delivery => delivery.GetProperty("webhook_id").GetString()));
    }

    /// <summary>Creates a webhook and takes in its ping.</summary>
    private static async Task<string> HookAsync(TestSandbox sandbox, Receiver receiver, params string[] events)
    {
        var webhook = await sandbox.PostAsync("webhooks", new { url = receiver.Url, events });
        Assert.Equal("ping", (await receiver.NextAsync()).Event);
        return webhook.GetProperty("id").GetString()!;
    }
}
