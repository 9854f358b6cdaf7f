using System.Text.Json;

namespace Meshia.Client.Tests;

[Trait("Culture", "Dependent")]
public class SessionTests
{
    private const string Whole = """
        {"id":"sess_1","name":"llama","gpu":"rtx4090","repo":"github:user/repo","status":"running",
         "created_at":"2025-06-01T10:00:00Z","started_at":"2025-06-01T10:01:00.25Z","stopped_at":null,"region":"eu","tags":["a",1,null,{"b":2.5}]}
        """;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [Trait("Contract", "session-get")]
    [Trait("Contract", "session-object")]
    [Trait("Contract", "unknown-fields")]
    [InlineData(Whole)]
    [InlineData($$"""{"session":{{Whole}}}""")]
    [InlineData($$"""{"data":{{Whole}}}""")]
    public async Task A_session_is_read_bare_and_wrapped(string body)
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok(body));
        using var client = service.Client();

        var session = await client.GetSessionAsync("sess_1", cancellationToken: Cancel);

        Assert.Equal("GET /sessions/sess_1", service.Requests.Single().Endpoint);
        Assert.Equal(("sess_1", "llama", "rtx4090", "github:user/repo", "running"), (session.Id, session.Name, session.Gpu, session.Repo, session.Status));
        Assert.Equal(new(2025, 6, 1, 10, 0, 0, TimeSpan.Zero), session.CreatedAt);
        Assert.Equal(new(2025, 6, 1, 10, 1, 0, 250, TimeSpan.Zero), session.StartedAt);
        Assert.Null(session.StoppedAt);
        Assert.Equal("eu", session.AdditionalProperties["region"]);
        Assert.Equal(["a", 1L, null], ((object?[])session.AdditionalProperties["tags"]!)[..3]);
    }

    [Theory]
    [Trait("Contract", "times")]
    [InlineData("\"2025-06-01T10:00:00Z\"")]
    [InlineData("\"2025-06-01T10:00:00.000000Z\"")]
    [InlineData("\"2025-06-01T10:00:00.000000000Z\"")]
    [InlineData("\"2025-06-01t10:00:00z\"")]
    [InlineData("\"2025-06-01T12:00:00+02:00\"")]
    [InlineData("1748772000")]
    [InlineData("1748772000.0")]
    [InlineData("1748772000000")]
    [InlineData("\"1748772000\"")]
    public async Task A_time_is_read_in_every_form(string time)
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok($$"""{"id":"sess_1","created_at":{{time}}}"""));
        using var client = service.Client();

        var session = await client.GetSessionAsync("sess_1", cancellationToken: Cancel);

        Assert.Equal(new(2025, 6, 1, 10, 0, 0, TimeSpan.Zero), session.CreatedAt);
        Assert.Equal(TimeSpan.Zero, session.CreatedAt!.Value.Offset);
    }

    [Theory]
    [InlineData("\"yesterday\"")]
    [InlineData("{\"at\":1}")]
    [InlineData("NaN")]
    [InlineData("-90000000000000")]
    [InlineData("-90000000000")]
    [InlineData("1e300")]
    public async Task A_time_that_makes_no_sense_is_kept_as_it_is(string time)
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok($$"""{"id":"sess_1","created_at":{{time}}}"""));
        using var client = service.Client();

        var session = await client.GetSessionAsync("sess_1", cancellationToken: Cancel);

        Assert.Null(session.CreatedAt);
        Assert.NotNull(session.AdditionalProperties["created_at"]);
    }

    [Theory]
    [InlineData("\"hibernating\"", "hibernating")]
    [InlineData("7", "7")]
    [InlineData("true", "true")]
    [InlineData("null", null)]
    public async Task An_unknown_word_of_state_is_kept(string status, string? expected)
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok($$"""{"id":42,"status":{{status}}}"""));
        using var client = service.Client();

        var session = await client.GetSessionAsync("42", cancellationToken: Cancel);

        Assert.Equal(("42", expected), (session.Id, session.Status));
    }

    [Theory]
    [Trait("Contract", "session-create")]
    [InlineData("{0}", 201)]
    [InlineData("{0}", 200)]
    [InlineData("{{\"session\":{0}}}", 201)]
    public async Task A_session_is_created_with_the_documented_body(string form, int status)
    {
        var body = string.Format(System.Globalization.CultureInfo.InvariantCulture, form, """{"id":"sess_1","name":"llama-finetune","status":"provisioning"}""");
        await using var service = await ScriptedService.StartAsync(new Reply(status, body));
        using var client = service.Client();

        var session = await client.CreateSessionAsync("llama-finetune", "rtx4090", "github:user/repo", cancellationToken: Cancel);

        var request = service.Requests.Single();
        Assert.Equal("POST /sessions", request.Endpoint);
        Assert.StartsWith("application/json", request.Headers["Content-Type"], StringComparison.Ordinal);
        Assert.True(JsonElement.DeepEquals(
            JsonDocument.Parse("""{"name":"llama-finetune","gpu":"rtx4090","repo":"github:user/repo"}""").RootElement,
            JsonDocument.Parse(request.Body).RootElement));
        Assert.Equal(("sess_1", SessionStatus.Provisioning), (session.Id, session.Status));
    }

    [Fact]
    public async Task Without_a_repository_none_is_sent()
    {
        await using var service = await ScriptedService.StartAsync(new Reply(201, """{"id":"sess_1"}"""));
        using var client = service.Client();

        await client.CreateSessionAsync("größer \"x\"", "rtx4090", cancellationToken: Cancel);

        var sent = JsonDocument.Parse(service.Requests.Single().Body).RootElement;
        Assert.Equal("größer \"x\"", sent.GetProperty("name").GetString());
        Assert.False(sent.TryGetProperty("repo", out _));
    }

    [Theory]
    [Trait("Contract", "session-refused")]
    [InlineData("", "rtx4090", null, "llama-finetune")]
    [InlineData("  ", "rtx4090", null, "llama-finetune")]
    [InlineData("x", "", null, "rtx4090")]
    [InlineData("x", "rtx 4090", null, "rtx4090")]
    [InlineData("x", "rtx4090\n", null, "rtx4090")]
    [InlineData("x", "rtx4090", "", "github:user/repo")]
    [InlineData("x", "rtx4090", "user/repo", "github:user/repo")]
    [InlineData("x", "rtx4090", "github:user/repo\n", "github:user/repo")]
    [InlineData("x", "rtx4090", "https://github.com/user/repo", "github:user/repo")]
    public async Task A_bad_argument_is_refused_before_any_request_and_a_right_one_is_shown(string name, string gpu, string? repo, string rightOne)
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok("{}"));
        using var client = service.Client();

        var failure = await Assert.ThrowsAsync<ArgumentException>(() => client.CreateSessionAsync(name, gpu, repo, cancellationToken: Cancel));

        Assert.Contains(rightOne, failure.Message, StringComparison.Ordinal);
        Assert.Empty(service.Requests);
    }

    [Theory]
    [Trait("Contract", "session-stop")]
    [InlineData(200, """{"id":"sess_1","status":"stopping"}""", "stopping")]
    [InlineData(202, """{"session":{"id":"sess_1","status":"stopped"}}""", "stopped")]
    [InlineData(200, "", null)]
    [InlineData(202, "", null)]
    [InlineData(204, "", null)]
    [InlineData(200, "{}", null)]
    [InlineData(200, "null", null)]
    [InlineData(200, """{"ok":true}""", null)]
    public async Task Stopping_gives_the_session_or_nothing(int status, string body, string? expected)
    {
        await using var service = await ScriptedService.StartAsync(new Reply(status, body));
        using var client = service.Client();

        var session = await client.StopSessionAsync("sess_1", cancellationToken: Cancel);

        Assert.Equal("POST /sessions/sess_1/stop", service.Requests.Single().Endpoint);
        Assert.Equal(expected, session?.Status);
    }

    [Theory]
    [InlineData("a/b", "/sessions/a%2Fb")]
    [InlineData("../webhooks", "/sessions/..%2Fwebhooks")]
    [InlineData("a?b#c", "/sessions/a%3Fb%23c")]
    [InlineData("%2e%2e", "/sessions/%252e%252e")]
    public async Task An_id_stays_one_segment_of_the_path(string id, string path)
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok("""{"id":"sess_1"}"""));
        using var client = service.Client();

        await client.GetSessionAsync(id, cancellationToken: Cancel);

        Assert.Equal($"GET {path}", service.Requests.Single().Endpoint);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a\nb")]
    public async Task What_cannot_be_an_id_is_refused_before_any_request(string id)
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok("{}"));
        using var client = service.Client();

        await Assert.ThrowsAsync<ArgumentException>(() => client.GetSessionAsync(id, cancellationToken: Cancel));
        await Assert.ThrowsAsync<ArgumentException>(() => client.StopSessionAsync(id, cancellationToken: Cancel));
        Assert.Throws<ArgumentException>(() => client.GetExperimentsAsync(id, cancellationToken: Cancel));
        Assert.Empty(service.Requests);
    }

    [Fact]
    [Trait("Contract", "session-get")]
    public async Task An_answer_with_another_id_is_a_warning_and_proves_no_stop()
    {
        await using var service = await ScriptedService.StartAsync(request => request.Method == "GET" ? Reply.Ok("""{"id":"sess_other","name":"n","gpu":"g","status":"stopped"}""") : Reply.Error(409, "conflict"));
        var (client, messages) = service.HeardClient();

        var session = await client.GetSessionAsync("sess_1", cancellationToken: TestContext.Current.CancellationToken);
        await TestClient.FailsAsync(() => client.StopSessionAsync("sess_1", cancellationToken: TestContext.Current.CancellationToken));

        Assert.Equal("sess_other", session.Id);
        var warning = Assert.Single(messages.Warnings());
        Assert.Contains("asked for sess_1 and answered with sess_other", warning, StringComparison.Ordinal);
    }
}
