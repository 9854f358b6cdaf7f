using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Meshia.Client.Tests;

[Trait("Culture", "Dependent")]
public class ErrorTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [Trait("Contract", "error-body")]
    [Trait("Contract", "error-statuses")]
    [InlineData(400, "invalid_request")]
    [InlineData(401, "invalid_key")]
    [InlineData(404, "session_not_found")]
    [InlineData(429, "rate_limited")]
    [InlineData(500, "oops")]
    public async Task The_documented_error_is_told_in_full(int status, string code)
    {
        var failure = await FailAsync(Reply.Error(status, code, "No session with id sess_xyz exists.").With("X-Request-Id", "req_42").With("Retry-After", "9999"));

        Assert.Equal((MeshiaFailure.Refused, (HttpStatusCode)status, code, "req_42"), (failure.Failure, failure.StatusCode, failure.Code, failure.RequestId));
        Assert.StartsWith("No session with id sess_xyz exists.", failure.Message, StringComparison.Ordinal);
        Assert.Contains($"status {status}, code {code}, request id req_42", failure.Message, StringComparison.Ordinal);
        Assert.NotNull(failure.RecommendedAction);
    }

    [Theory]
    [Trait("Contract", "error-others")]
    [InlineData(400, "", "bad_request", "nothing")]
    [InlineData(401, "", "unauthorized", "nothing")]
    [InlineData(402, "", "forbidden", "nothing")]
    [InlineData(403, " \r\n", "forbidden", "nothing")]
    [InlineData(404, "<!DOCTYPE html><html><head><title>Not\n here</title>", "not_found", "a page (HTML) titled 'Not here'")]
    [InlineData(409, "<html>", "conflict", "a page (HTML)")]
    [InlineData(418, "I am a teapot", "http_418", "I am a teapot")]
    [InlineData(422, "{\"error\":{\"code\":\"x\",\"mess", "http_422", "JSON that is cut off")]
    [InlineData(502, "<html><title>502 Bad Gateway</title>", "server_error", "titled '502 Bad Gateway'")]
    [InlineData(400, "{}", "bad_request", "JSON without an error message")]
    [InlineData(400, "{\"detail\":[1]}", "bad_request", "JSON without an error message")]
    [InlineData(400, "[]", "bad_request", "JSON without an error message")]
    [InlineData(400, "{\"error\":null}", "bad_request", "JSON without an error message")]
    [InlineData(400, "{\"error\":{\"code\":\"odd\"}}", "odd", "JSON without an error message")]
    public async Task What_comes_in_place_of_the_documented_error_is_described(int status, string body, string code, string description)
    {
        var failure = await FailAsync(new Reply(status, body).With("X-Request-Id", "req_42"));

        Assert.Equal((MeshiaFailure.Refused, status, code), (failure.Failure, (int)failure.StatusCode!, failure.Code));
        Assert.Contains(description, failure.Message, StringComparison.Ordinal);
        Assert.Contains($"status {status}", failure.Message, StringComparison.Ordinal);
        Assert.Contains("req_42", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"error\":\"It is so.\"}", "bad_request")]
    [InlineData("{\"message\":\"It is so.\"}", "bad_request")]
    [InlineData("{\"code\":\"so\",\"message\":\"It is so.\"}", "so")]
    [InlineData("{\"error\":{\"code\":7,\"message\":\"It is so.\"}}", "7")]
    [InlineData("\uFEFF{\"error\":{\"message\":\"It is so.\"}}", "bad_request")]
    public async Task An_error_in_another_form_is_read_as_far_as_it_goes(string body, string code)
    {
        var failure = await FailAsync(new Reply(400, body, "text/plain; charset=bogus"));

        Assert.StartsWith("It is so. (status 400", failure.Message, StringComparison.Ordinal);
        Assert.Equal(code, failure.Code);
    }

    [Fact]
    public async Task A_message_is_one_line_of_a_readable_length()
    {
        var failure = await FailAsync(new Reply(400, $$$"""{"error":{"code":"a\nb","message":"\u001b[31mred\u0007\r\nnext {{{new string('x', 1_000_000)}}}"}}"""));

        Assert.DoesNotContain(failure.Message, char.IsControl);
        Assert.DoesNotContain(failure.Code, char.IsControl);
        Assert.InRange(failure.Message.Length, 100, 3000);
    }

    [Theory]
    [InlineData("<html><title>Sign in</title>", "a page (HTML)")]
    [InlineData("", "nothing")]
    [InlineData("\n", "nothing")]
    [InlineData("null", "nothing")]
    [InlineData("OK", "text")]
    [InlineData("{\"id\":\"sess_1\"", "JSON that is cut off")]
    [InlineData("{\"id\":\"sess_1\"} {", "JSON that is cut off")]
    [InlineData("[]", "not an object")]
    [InlineData("7", "not an object")]
    [InlineData("{}", "a session without an id")]
    [InlineData("{\"session\":{}}", "a session without an id")]
    [InlineData("{\"id\":\"\"}", "a session without an id")]
    [InlineData("{\"id\":{}}", "a session without an id")]
    public async Task A_200_that_is_no_session_is_an_error(string body, string description)
    {
        var failure = await FailAsync(new Reply(200, body, "text/html").With("X-Request-Id", "req_42"));

        Assert.Equal((MeshiaFailure.InvalidAnswer, "invalid_answer"), (failure.Failure, failure.Code));
        Assert.Contains(description, failure.Message, StringComparison.Ordinal);
        Assert.Contains("status 200, request id req_42", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(200, "[")]
    [InlineData(200, "{\"sessions\":[")]
    [InlineData(200, "{\"a\":")]
    [InlineData(400, "[")]
    [InlineData(400, "{\"error\":")]
    public async Task Ten_megabytes_of_nesting_crash_nothing(int status, string opening)
    {
        var body = new StringBuilder().Insert(0, opening, 10_000_000 / opening.Length).ToString();
        await using var service = await ScriptedService.StartAsync(new Reply(status, body).With("X-Request-Id", "req_42"));
        using var client = service.Client();

        foreach (var call in new Func<Task>[] { () => client.GetSessionAsync("sess_1", cancellationToken: Cancel), () => client.GetSessionsAsync(cancellationToken: Cancel).AllAsync() })
        {
            var failure = await TestClient.FailsAsync(call);
            Assert.Contains($"status {status}", failure.Message, StringComparison.Ordinal);
            Assert.Contains("req_42", failure.Message, StringComparison.Ordinal);
            Assert.InRange(failure.ToString().Length, 1, 20_000);
        }
    }

    [Fact]
    public async Task A_body_without_end_is_given_up()
    {
        await using var service = await ScriptedService.StartAsync(async (_, context) =>
        {
            var piece = new string(' ', 64 * 1024);
            while (!context.RequestAborted.IsCancellationRequested)
                await context.Response.WriteAsync(piece, context.RequestAborted);
        });
        using var client = TestClient.For(service.BaseUri);

        var failure = await TestClient.FailsAsync(() => client.GetSessionAsync("sess_1", cancellationToken: Cancel));

        Assert.Equal(MeshiaFailure.InvalidAnswer, failure.Failure);
        Assert.Single(service.Requests);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_answer_of_64_MB_is_read_and_one_byte_more_is_refused(bool saysItsLength)
    {
        const string Session = """{"id":"sess_1"}""";
        const int Longest = 64 * 1024 * 1024;
        var length = Longest;
        await using var service = await ScriptedService.StartAsync(async (_, context) =>
        {
            if (saysItsLength)
                context.Response.ContentLength = length;
            await context.Response.WriteAsync(Session);
            await context.Response.WriteAsync(new string(' ', length - Session.Length));
        });
        using var client = TestClient.For(service.BaseUri);

        Assert.Equal("sess_1", (await client.GetSessionAsync("sess_1", cancellationToken: Cancel)).Id);
        length++;
        var failure = await TestClient.FailsAsync(() => client.GetSessionAsync("sess_1", cancellationToken: Cancel));

        Assert.Equal(MeshiaFailure.InvalidAnswer, failure.Failure);
        Assert.Equal(2, service.Requests.Count);
    }

    [Theory]
    [InlineData("application/json", "{\"a\":[1,null]}", typeof(JsonObject))]
    [InlineData("application/problem+json", "[]", typeof(object?[]))]
    [InlineData("text/json", "{}", typeof(JsonObject))]
    [InlineData(null, "7", typeof(long))]
    [InlineData("application/octet-stream", "7.5", typeof(double))]
    [InlineData("application/octet-stream", "a,b", typeof(string))]
    [InlineData("text/html", "<html>", typeof(string))]
    [InlineData("text/plain; charset=bogus", "{}", typeof(string))]
    [InlineData("text/plain", "", null)]
    [InlineData("application/json", "", null)]
    public async Task Any_request_gives_the_answer_as_what_it_is(string? contentType, string body, Type? type)
    {
        await using var service = await ScriptedService.StartAsync(new Reply(200, body, contentType));
        using var client = service.Client();

        var answer = await client.SendAsync(HttpMethod.Get, "things?x=1", cancellationToken: Cancel);
        Assert.True(type is null ? answer is null : type.IsInstanceOfType(answer), answer?.GetType().ToString());
        Assert.Equal("GET /things?x=1", service.Requests.Single().Endpoint);
    }

    [Fact]
    public async Task Any_request_sends_plain_values_as_JSON()
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok("{}"));
        using var client = service.Client();
        var body = new System.Collections.Specialized.OrderedDictionary
        {
            ["text"] = "ü\"",
            ["numbers"] = new object[] { 1, 2L, (byte)3, (sbyte)-4, 5u, 6ul, (ushort)7, (short)8, 1.5, 2.5f, 3.5m },
            ["odd"] = new object?[] { null, true, double.NaN, float.PositiveInfinity, Guid.Empty, DayOfWeek.Friday, 'c', new Uri("https://h/") },
            ["time"] = new DateTimeOffset(2025, 6, 1, 12, 0, 0, TimeSpan.Zero),
            ["map"] = new System.Collections.Hashtable { [1] = "one" },
        };

        await client.SendAsync(HttpMethod.Post, "/things", body, cancellationToken: Cancel);

        Assert.Equal(
            """{"text":"ü\"","numbers":[1,2,3,-4,5,6,7,8,1.5,2.5,3.5],"odd":[null,true,"NaN","Infinity","00000000-0000-0000-0000-000000000000","Friday","c","https://h/"],"time":"2025-06-01T12:00:00+00:00","map":{"1":"one"}}""",
            System.Text.RegularExpressions.Regex.Replace(service.Requests.Single().Body, @"\\u00(..)", match => match.Groups[1].Value switch { "FC" => "ü", "22" => "\\\"", "2B" => "+", var other => other }));
    }

    private static async Task<MeshiaException> FailAsync(Reply reply)
    {
        await using var service = await ScriptedService.StartAsync(reply);
        using var client = TestClient.For(service.BaseUri, maxRetries: 0);
        return await TestClient.FailsAsync(() => client.GetSessionAsync("sess_xyz", cancellationToken: Cancel));
    }
}
