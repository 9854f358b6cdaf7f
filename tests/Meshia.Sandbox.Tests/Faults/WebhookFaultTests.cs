using System.Net;
using System.Security.Cryptography;
using System.Text;
using Meshia.Sandbox.Tests.Webhooks;

namespace Meshia.Sandbox.Tests.Faults;

public class WebhookFaultTests
{
    private const string Secret = "whsec_test";

    [Fact]
    public async Task Duplicate_delivers_twice()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        await using var receiver = await HookAsync(sandbox, "duplicate");
        await SendAsync(sandbox, "plan.completed");
        var (first, second) = (await receiver.NextAsync(), await receiver.NextAsync());
        Assert.Equal(first.Body, second.Body);
        Assert.Equal(0, receiver.Waiting);
    }

    [Fact]
    public async Task Lose_delivers_nothing_and_the_log_says_so()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        await using var receiver = await HookAsync(sandbox, "lose");
        await SendAsync(sandbox, "plan.completed");
        var lost = (await sandbox.DeliveriesAsync(2))[1];
        Assert.Contains("lost", lost.GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.EndsWith(" Lose", lost.GetProperty("fault").GetString(), StringComparison.Ordinal);
        Assert.Equal(0, receiver.Waiting);
    }

    [Fact]
    public async Task Reorder_delivers_after_those_that_follow()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        await using var receiver = await HookAsync(sandbox, "reorder", "plan.completed");
        await SendAsync(sandbox, "plan.completed");
        await SendAsync(sandbox, "workflow.completed");
        Assert.Equal("workflow.completed", (await receiver.NextAsync()).Event);
        await sandbox.StepAsync(new { seconds = 5 });
        Assert.Equal("plan.completed", (await receiver.NextAsync()).Event);
    }

    [Theory]
    [InlineData("bad_signature", false)]
    [InlineData("corrupt", false)]
    [InlineData(null, true)]
    public async Task A_signature_can_be_wrong(string? effect, bool isRight)
    {
        await using var sandbox = await TestSandbox.StartAsync();
        await using var receiver = await HookAsync(sandbox, effect);
        await SendAsync(sandbox, "plan.completed");
        var delivery = await receiver.NextAsync();
        Assert.Matches("^sha256=[0-9a-f]{64}$", delivery.Signature);
        var right = $"sha256={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), delivery.Body))}";
        Assert.Equal(isRight, right == delivery.Signature);
    }

    [Fact]
    public async Task BareNaN_is_an_event_that_is_not_json()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        await using var receiver = await HookAsync(sandbox, "bare_nan");
        await sandbox.PostAsync(
            "/sandbox/events", """{"event":"experiment.completed","data":{"metrics":{"loss":"NaN"}}}""", HttpStatusCode.Accepted);
        Assert.Contains("""{"loss":NaN}""", Encoding.UTF8.GetString((await receiver.NextAsync()).Body), StringComparison.Ordinal);
    }

    /// <summary>A receiver that has taken in its ping, and the fault.</summary>
    private static async Task<Receiver> HookAsync(TestSandbox sandbox, string? effect, string eventName = "*")
    {
        var receiver = await Receiver.StartAsync();
        await sandbox.PostAsync(
            "webhooks", new { url = receiver.Url, events = new[] { "plan.completed", "workflow.completed", "experiment.completed" }, secret = Secret });
        await receiver.NextAsync();
        if (effect is not null)
            await FaultTests.AddAsync(sandbox, new { on = $"webhook {eventName}", effect });
        return receiver;
    }

    private static Task<System.Text.Json.JsonElement> SendAsync(TestSandbox sandbox, string eventName) =>
        sandbox.PostAsync("/sandbox/events", new { @event = eventName, data = new { plan_id = "plan_1" } }, HttpStatusCode.Accepted);
}
