using System.Net;

namespace Meshia.Sandbox.Tests.Connection;

public class ErrorTests
{
    [Theory]
    [Trait("Contract", "error-body")]
    [Trait("Contract", "error-statuses")]
    [InlineData("GET", "sessions/sess_xyz", "session_not_found", "No session with id sess_xyz exists.")]
    [InlineData("POST", "sessions/sess_xyz/stop", "session_not_found", "No session with id sess_xyz exists.")]
    [InlineData("GET", "sessions/sess_xyz/experiments", "session_not_found", "No session with id sess_xyz exists.")]
    [InlineData("GET", "experiments/exp_xyz", "experiment_not_found", "No experiment with id exp_xyz exists.")]
    [InlineData("GET", "experiments/exp_xyz/artifacts", "experiment_not_found", "exp_xyz")]
    [InlineData("GET", "artifacts/art_xyz/download", "artifact_not_found", "art_xyz")]
    [InlineData("DELETE", "webhooks/wh_xyz", "webhook_not_found", "wh_xyz")]
    [InlineData("POST", "/sandbox/deliveries/dlv_xyz/resend", "delivery_not_found", "dlv_xyz")]
    [InlineData("GET", "nothing/here", "not_found", "/api/v1/nothing/here")]
    [InlineData("GET", "/nothing", "not_found", "/nothing")]
    public async Task What_does_not_exist_answers_404(string method, string path, string code, string message)
    {
        await using var sandbox = await TestSandbox.StartAsync();
        await sandbox.AssertErrorAsync(new HttpMethod(method), path, null, HttpStatusCode.NotFound, code, message);
    }

    [Fact]
    public async Task A_wrong_method_answers_405_with_what_is_allowed()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        await sandbox.AssertErrorAsync(HttpMethod.Put, "sessions", "{}", HttpStatusCode.MethodNotAllowed, "method_not_allowed", "PUT");
        using var response = await sandbox.SendAsync(HttpMethod.Put, "sessions", "{}");
        Assert.Equal(["GET", "POST"], response.Content.Headers.Allow.Order());
    }

    [Theory]
    [InlineData("sessions")]
    [InlineData("experiments/compare")]
    [InlineData("webhooks")]
    [InlineData("/sandbox/sessions")]
    [InlineData("/sandbox/artifacts")]
    public async Task A_body_that_is_no_json_object_answers_400(string path)
    {
        await using var sandbox = await TestSandbox.StartAsync();
        foreach (var body in new[] { "", "{", "{\"name\":", "<html>" })
            await sandbox.AssertErrorAsync(HttpMethod.Post, path, body, HttpStatusCode.BadRequest, "invalid_request", "not valid JSON");
        foreach (var body in new[] { "[]", "null", "\"text\"", "1" })
            await sandbox.AssertErrorAsync(HttpMethod.Post, path, body, HttpStatusCode.BadRequest, "invalid_request", "must be a JSON object");
    }

    [Fact]
    public async Task A_body_that_is_far_too_long_is_refused()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        await sandbox.AssertErrorAsync(
            HttpMethod.Post, "sessions", $"{{\"name\":\"{new string('x', 2_000_000)}\"}}",
            HttpStatusCode.RequestEntityTooLarge, "invalid_request", "too large");
    }

    [Fact]
    [Trait("Contract", "plan-trial")]
    public async Task The_trial_plan_has_one_gpu_one_session_and_no_webhooks()
    {
        await using var sandbox = await TestSandbox.StartAsync(TestSandbox.Options with { Plan = SandboxPlan.Trial });
        await RefusedAsync("sessions", """{"name":"one","gpu":"a100"}""", "allows only rtx4090");
        await RefusedAsync("webhooks", """{"url":"https://example.com/x","events":["session.started"]}""", "has no webhooks");
        await sandbox.CreateSessionAsync();
        await RefusedAsync("sessions", """{"name":"two","gpu":"rtx4090"}""", "allows 1 session at a time");
        Assert.Empty((await sandbox.GetAsync("webhooks")).GetProperty("webhooks").EnumerateArray());

        Task RefusedAsync(string path, string body, string message) =>
            sandbox.AssertErrorAsync(HttpMethod.Post, path, body, HttpStatusCode.Forbidden, "plan_limit", message);
    }
}
