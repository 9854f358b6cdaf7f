using System.Net;

namespace Meshia.Client.Tests;

/// <summary>A refusal is shown in the service's own words, and is one whatever its status.</summary>
public class RefusalTests
{
    public static TheoryData<string, string?> Bodies => new()
    {
        { """{"errors":[{"message":"It is so."}]}""", null },
        { """{"errors":["It is so."]}""", null },
        { """{"errors":[{"code":"so","detail":"It is so."}]}""", null },
        { """{"errors":{"name":["It is so."]}}""", null },
        { """{"message":"It is so."}""", null },
        { """{"detail":"It is so."}""", null },
        { """{"detail":[{"loc":["body","name"],"msg":"It is so."}]}""", null },
        { """{"type":"https://h/p","title":"Bad","status":400,"detail":"It is so."}""", "application/problem+json" },
        { """{"error":"It is so."}""", null },
        { """{"error":"invalid_grant","error_description":"It is so."}""", null },
        { """{"error":{"details":"It is so."}}""", null },
        { """{"Error":{"Message":"It is so."}}""", null },
        { """[{"message":"It is so."}]""", null },
        { "It is so.", "text/plain" },
        { "\"It is so.\"", null },
    };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(Bodies))]
    [Trait("Contract", "error-forms")]
    public async Task The_services_words_are_shown(string body, string? type)
    {
        await using var service = await ScriptedService.StartAsync(new Reply(400, body, type ?? "application/json"));
        using var client = service.Client();

        var failure = await TestClient.FailsAsync(() => client.GetSessionAsync("s1", cancellationToken: Cancel));

        Assert.Contains("It is so.", failure.Message, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, failure.StatusCode);
    }

    [Theory]
    [Trait("Contract", "error-in-success")]
    [InlineData("""{"success":false,"error":{"code":"no_gpu","message":"It is so."}}""", "no_gpu")]
    [InlineData("""{"ok":false,"message":"It is so."}""", "refused")]
    [InlineData("""{"status":"error","message":"It is so."}""", "refused")]
    [InlineData("""{"error":"It is so."}""", "refused")]
    [InlineData("""{"isSuccess":false,"message":"It is so."}""", "refused")]
    [InlineData("""{"status":"failed","message":"It is so."}""", "refused")]
    [InlineData("""{"result":"error","message":"It is so."}""", "refused")]
    [InlineData("""{"statusCode":404,"message":"It is so."}""", "refused")]
    [InlineData("""{"status":"503","detail":"It is so."}""", "refused")]
    [InlineData("""{"data":null,"errors":[{"code":"x","message":"It is so."}]}""", "refused")]
    public async Task A_refusal_with_a_status_of_success_is_an_error_for_every_endpoint(string body, string code)
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok(body));
        using var client = service.Client();
        Func<Task>[] calls =
        [
            () => client.GetSessionsAsync(cancellationToken: Cancel).AllAsync(),
            () => client.GetSessionAsync("s1", cancellationToken: Cancel),
            () => client.CreateSessionAsync("n", "rtx4090", cancellationToken: Cancel),
            () => client.GetExperimentsAsync("s1", cancellationToken: Cancel).AllAsync(),
            () => client.GetExperimentAsync("e1", cancellationToken: Cancel),
            () => client.CompareExperimentsAsync(["e1", "e2"], cancellationToken: Cancel),
            () => client.GetArtifactsAsync("e1", cancellationToken: Cancel).AllAsync(),
            () => client.GetArtifactDownloadAsync("a1", cancellationToken: Cancel),
            () => client.GetWebhooksAsync(cancellationToken: Cancel).AllAsync(),
            () => client.CreateWebhookAsync(new("https://h/"), ["plan.completed"], cancellationToken: Cancel),
            () => client.DeleteWebhookAsync("w1", cancellationToken: Cancel),
            () => client.SendAsync(HttpMethod.Get, "x", cancellationToken: Cancel),
        ];

        foreach (var call in calls)
        {
            var failure = await TestClient.FailsAsync(call);
            Assert.Equal((MeshiaFailure.Refused, code, HttpStatusCode.OK), (failure.Failure, failure.Code, failure.StatusCode));
            Assert.Contains("It is so.", failure.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [Trait("Contract", "error-forms")]
    [InlineData("""{"message":"It is so."}""")]
    [InlineData("""{"detail":"It is so."}""")]
    [InlineData("""{"code":50001,"msg":"It is so.","data":null}""")]
    public async Task An_answer_that_is_not_readable_shows_the_services_words(string body)
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok(body));
        using var client = service.Client();

        foreach (var call in new Func<Task>[] { () => client.GetSessionAsync("s1", cancellationToken: Cancel), () => client.GetExperimentAsync("e1", cancellationToken: Cancel), () => client.GetWebhooksAsync(cancellationToken: Cancel).AllAsync() })
        {
            var failure = await TestClient.FailsAsync(call);
            Assert.Equal(MeshiaFailure.InvalidAnswer, failure.Failure);
            Assert.EndsWith("It says: It is so.", failure.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [Trait("Contract", "retry-after-forms")]
    [InlineData("3600", "1 hour")]
    [InlineData("5400", "1 hour 30 minutes")]
    [InlineData("600", "10 minutes")]
    public async Task How_long_to_wait_is_said(string seconds, string spoken)
    {
        await using var service = await ScriptedService.StartAsync(Reply.Error(429, "rate_limited").With("Retry-After", seconds));
        using var client = service.Client();

        var failure = await TestClient.FailsAsync(() => client.GetSessionAsync("s1", cancellationToken: Cancel));

        Assert.Contains($"wait {spoken}.", failure.Message, StringComparison.Ordinal);
        Assert.Contains($"Wait {spoken}", failure.RecommendedAction, StringComparison.Ordinal);
        Assert.Equal(double.Parse(seconds, System.Globalization.CultureInfo.InvariantCulture), failure.RetryAfter?.TotalSeconds);
    }

    [Theory]
    [Trait("Contract", "error-others")]
    [InlineData(408)]
    [InlineData(421)]
    [InlineData(425)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(507)]
    public async Task One_passing_status_is_tried_again_on_what_may_be_repeated(int status)
    {
        var answers = 0;
        await using var service = await ScriptedService.StartAsync(_ => Interlocked.Increment(ref answers) % 2 == 1 ? new Reply(status) : Reply.Ok("""{"id":"s1","sessions":[]}"""));
        using var client = service.Client();

        await client.GetSessionAsync("s1", cancellationToken: Cancel);
        await client.GetSessionsAsync(cancellationToken: Cancel).AllAsync();
        await client.StopSessionAsync("s1", cancellationToken: Cancel);
        await client.DeleteWebhookAsync("w1", cancellationToken: Cancel);

        Assert.Equal(8, answers);
    }
}
