namespace Meshia.Client.Tests;

/// <summary>Sending <c>POST /sessions</c> and <c>POST /webhooks</c> once, whatever happens to the answer.</summary>
public class CreationTests
{
    public static TheoryData<string> LostAnswers =>
    [
        "reset",
        "close",
        "silence",
        "HTTP/1.1 201 Created\r\nContent-Le",
        "HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\n{\"id\":",
        "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 201 Created\r\nContent-Length: 6\r\n\r\n<html>",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
        "HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 502 Oh\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 503 Oh\r\nContent-Length: 0\r\nRetry-After: 1\r\n\r\n",
        "HTTP/1.1 504 Oh\r\nContent-Length: 6\r\n\r\n<html>",
        "HTTP/1.1 524 Oh\r\nContent-Length: 6\r\n\r\n<html>",
        "HTTP/1.1 303 See\r\nContent-Length: 0\r\nLocation: /api/v1/created\r\n\r\n",
    ];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(LostAnswers))]
    [Trait("Contract", "create-once")]
    public async Task A_session_whose_answer_is_lost_is_named_and_neither_taken_nor_created_twice(string answer)
    {
        // Another process may have created one of the same name at the same moment: the list is no proof.
        await using var account = new ForgetfulAccount { Answer = answer };
        using var client = account.Client();

        var failure = await TestClient.FailsAsync(() => client.CreateSessionAsync("x", "rtx4090", "github:user/repo", cancellationToken: Cancel));

        Assert.Equal(MeshiaFailure.OutcomeUnknown, failure.Failure);
        Assert.Contains(account.Sessions.Single().Id, failure.Message, StringComparison.Ordinal);
        Assert.Contains("-Once", failure.RecommendedAction, StringComparison.Ordinal);
        Assert.Single(account.Requests, "POST /sessions");
    }

    [Theory]
    [InlineData("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\nLocation: /api/v1/sessions/{id}\r\n\r\n")]
    [InlineData("HTTP/1.1 202 Accepted\r\nContent-Length: 20\r\nLocation: sessions/{id}\r\n\r\n{\"status\":\"pending\"}")]
    [InlineData("HTTP/1.1 201 Created\r\nContent-Length: 0\r\nLocation: {origin}/api/v1/sessions/{id}\r\n\r\n")]
    [InlineData("HTTP/1.1 303 See\r\nContent-Length: 0\r\nLocation: /api/v1/sessions/{id}?x=1\r\n\r\n")]
    public async Task A_session_at_the_location_of_the_answer_is_the_one_that_was_created(string answer)
    {
        await using var account = new ForgetfulAccount { Answer = answer };
        using var client = account.Client();

        var session = await client.CreateSessionAsync("x", "rtx4090", cancellationToken: Cancel);

        Assert.Equal(account.Sessions.Single().Id, session.Id);
        Assert.Equal(["POST /sessions", $"GET /sessions/{session.Id}"], account.Requests);
    }

    [Theory]
    [InlineData("https://elsewhere.example/api/v1/sessions/{id}")]
    [InlineData("//elsewhere.example/api/v1/sessions/{id}")]
    [InlineData("/api/v2/sessions/{id}")]
    [InlineData("/api/v1/sessions/")]
    [InlineData("/api/v1/sessions/{id}/stop")]
    [InlineData("/api/v1/sessions/%2e%2e/webhooks")]
    [InlineData("/api/v1/sessions/a%2Fb")]
    [InlineData("/api/v1/sessions/other")]
    public async Task A_location_that_is_no_session_of_this_service_proves_nothing(string location)
    {
        await using var account = new ForgetfulAccount { Answer = $"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\nLocation: {location}\r\n\r\n" };
        account.Add("other", "another name", "rtx4090", null, TimeSpan.Zero);
        using var client = account.Client();

        var failure = await TestClient.FailsAsync(() => client.CreateSessionAsync("x", "rtx4090", cancellationToken: Cancel));

        Assert.Equal("outcome_unknown", failure.Code);
        Assert.DoesNotContain(account.Requests, request => request.Contains("stop", StringComparison.Ordinal) || request.Contains("webhooks", StringComparison.Ordinal));
    }

    [Theory, MemberData(nameof(LostAnswers))]
    public async Task A_webhook_whose_answer_is_lost_is_named_never_taken_and_never_created_twice(string answer)
    {
        await using var account = new ForgetfulAccount { Answer = answer };
        var (client, messages) = account.HeardClient();

        var failure = await TestClient.FailsAsync(() => client.CreateWebhookAsync(new("https://your-server.com"), ["plan.completed", "session.started"], "hush-hush", cancellationToken: Cancel));

        Assert.Equal(MeshiaFailure.OutcomeUnknown, failure.Failure);
        Assert.Contains("wh_", failure.Message, StringComparison.Ordinal);
        Assert.Single(account.Requests, "POST /webhooks");
        Assert.DoesNotContain("hush-hush", failure.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(messages, message => message.Text.Contains("hush-hush", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_connection_that_was_used_before_makes_no_difference()
    {
        // A server may close an idle connection just as the next request is on its way; for a GET the framework itself
        // then sends it again.
        await using var account = new ForgetfulAccount { Answer = "close" };
        using var client = account.Client();
        Assert.Empty(await client.GetSessionsAsync(cancellationToken: Cancel).AllAsync());

        var failure = await TestClient.FailsAsync(() => client.CreateSessionAsync("x", "rtx4090", cancellationToken: Cancel));

        Assert.Contains(account.Sessions.Single().Id, failure.Message, StringComparison.Ordinal);
        Assert.Single(account.Requests, "POST /sessions");
    }

    [Fact]
    public async Task A_429_did_nothing_and_is_sent_again()
    {
        await using var account = new ForgetfulAccount { Answer = "HTTP/1.1 429 Slow\r\nContent-Length: 0\r\nConnection: close\r\nRetry-After: 1\r\n\r\n", AcceptsAt = 3 };
        using var client = account.Client();

        await client.CreateSessionAsync("x", "rtx4090", cancellationToken: Cancel);

        Assert.Equal(["POST /sessions", "POST /sessions", "POST /sessions"], account.Requests);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(402)]
    [InlineData(404)]
    [InlineData(429)]
    [InlineData(307)]
    public async Task A_refusal_is_an_error_and_no_reason_to_look(int status)
    {
        await using var account = new ForgetfulAccount { Answer = $"HTTP/1.1 {status} No\r\nContent-Length: 0\r\nRetry-After: 3600\r\nLocation: /elsewhere\r\n\r\n", AcceptsAt = 100 };
        using var client = account.Client();

        var failure = await TestClient.FailsAsync(() => client.CreateSessionAsync("x", "rtx4090", cancellationToken: Cancel));

        Assert.NotEqual(MeshiaFailure.OutcomeUnknown, failure.Failure);
        Assert.Equal(["POST /sessions"], account.Requests);
    }

    [Fact]
    public async Task What_the_list_shows_a_little_later_is_named_too()
    {
        await using var account = new ForgetfulAccount { Answer = "reset", HidesFromLists = 1 };
        var clock = account.Clock;
        using var client = account.Client();

        var failure = await TestClient.FailsAsync(() => client.CreateSessionAsync("x", "rtx4090", cancellationToken: Cancel));

        Assert.Contains(account.Sessions.Single().Id, failure.Message, StringComparison.Ordinal);
        Assert.Equal(["POST /sessions", "GET /sessions", "GET /sessions"], account.Requests);
        Assert.Equal([2.0], clock.Waits);
    }

    [Fact]
    public async Task What_the_list_never_shows_has_an_unknown_outcome()
    {
        await using var account = new ForgetfulAccount { Answer = "reset", AcceptsAt = 100 };
        var (client, messages) = account.HeardClient();

        var failure = await TestClient.FailsAsync(() => client.CreateSessionAsync("x", "rtx4090", cancellationToken: Cancel));

        Assert.Equal((MeshiaFailure.OutcomeUnknown, "outcome_unknown"), (failure.Failure, failure.Code));
        Assert.Contains("'x'", failure.Message, StringComparison.Ordinal);
        Assert.NotNull(failure.RecommendedAction);
        Assert.Single(account.Requests, "POST /sessions");
        Assert.Empty(messages.Warnings());
    }

    [Fact]
    public async Task A_list_that_fails_leaves_the_outcome_unknown()
    {
        await using var service = await ScriptedService.StartAsync(request => request.Method == "POST" ? new Reply(500) : Reply.Error(400, "no_list"));
        using var client = service.Client();

        var failure = await TestClient.FailsAsync(() => client.CreateSessionAsync("x", "rtx4090", cancellationToken: Cancel));

        Assert.Equal(MeshiaFailure.OutcomeUnknown, failure.Failure);
        Assert.Equal(2, service.Requests.Count);
    }

    [Fact]
    public async Task A_429_until_the_time_is_over_did_nothing()
    {
        await using var service = await ScriptedService.StartAsync(new Reply(429));
        using var client = TestClient.For(service.BaseUri, new TestClock(), maxRetries: 100);

        var failure = await TestClient.FailsAsync(() => client.CreateSessionAsync("x", "rtx4090", cancellationToken: Cancel));

        Assert.Equal(MeshiaFailure.TimedOut, failure.Failure);
        Assert.DoesNotContain(service.Requests, request => request.Method == "GET");
    }

    [Fact]
    public async Task Cancelling_the_look_for_it_says_that_it_may_have_happened()
    {
        using var cancel = new CancellationTokenSource();
        await using var service = await ScriptedService.StartAsync(async (request, context) =>
        {
            if (request.Method == "POST")
            {
                await new Reply(502).SendAsync(context.Response);
                return;
            }

            await cancel.CancelAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        var (client, messages) = service.HeardClient();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.CreateSessionAsync("x", "rtx4090", cancellationToken: cancel.Token));

        Assert.Contains("may have been created", Assert.Single(messages.Warnings()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_this_process_has_created_itself_is_not_taken_for_a_later_one()
    {
        await using var account = new ForgetfulAccount { Answer = "" };
        using var client = account.Client();
        var first = await client.CreateSessionAsync("x", "rtx4090", cancellationToken: Cancel);
        account.Answer = "reset";

        var failure = await TestClient.FailsAsync(() => client.CreateSessionAsync("x", "rtx4090", cancellationToken: Cancel));

        Assert.Contains(account.Sessions[^1].Id, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(first.Id, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_another_call_is_just_creating_is_not_taken_for_it()
    {
        var answerFirst = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var posts = 0;
        await using var service = await ScriptedService.StartAsync(async (request, context) =>
        {
            var first = """{"id":"sess_first","name":"x","gpu":"rtx4090","created_at":"2025-06-01T12:00:00Z"}""";
            if (request.Method == "GET")
            {
                await Reply.Ok($"[{first}]").With("Date", "Sun, 01 Jun 2025 12:00:00 GMT").SendAsync(context.Response);
            }
            else if (Interlocked.Increment(ref posts) == 1)
            {
                await answerFirst.Task;
                await new Reply(201, first).SendAsync(context.Response);
            }
            else
            {
                context.Abort();
            }
        });
        using var client = service.Client();

        var creatingFirst = client.CreateSessionAsync("x", "rtx4090", cancellationToken: Cancel);
        await TestClient.UntilAsync(() => posts == 1);
        var failure = await TestClient.FailsAsync(() => client.CreateSessionAsync("x", "rtx4090", cancellationToken: Cancel));
        answerFirst.SetResult();

        Assert.Equal(MeshiaFailure.OutcomeUnknown, failure.Failure);
        Assert.Equal("sess_first", (await creatingFirst).Id);
    }

    [Fact]
    public async Task Cancelling_a_creation_on_its_way_says_that_it_may_have_happened()
    {
        using var cancel = new CancellationTokenSource();
        await using var service = new RawService(async connection =>
        {
            await connection.ReadRequestAsync();
            await cancel.CancelAsync();
            await connection.StaySilentAsync();
        });
        var (client, messages) = service.HeardClient();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.CreateSessionAsync("x", "rtx4090", cancellationToken: cancel.Token));

        Assert.Contains("may have been created", Assert.Single(messages.Warnings()), StringComparison.Ordinal);
        Assert.Single(service.Requests);
    }
}
