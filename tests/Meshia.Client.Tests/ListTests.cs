using Microsoft.AspNetCore.Http;

namespace Meshia.Client.Tests;

/// <summary>What the four lists have in common, each in every form that the contract accepts.</summary>
public class ListTests
{
    public static TheoryData<string, string> Forms
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var list in new[] { "sessions", "experiments", "artifacts", "webhooks" })
            {
                data.Add(list, $$"""{"{{list}}":[{"id":"x_1"},{"id":"x_2","new":1}]}""");
                data.Add(list, """[{"id":"x_1"},{"id":"x_2","new":1}]""");
                data.Add(list, """{"data":[{"id":"x_1"},{"id":"x_2","new":1}]}""");
                data.Add(list, """{"items":[{"id":"x_1"},{"id":"x_2","new":1}],"total":2}""");
                data.Add(list, $$"""{"object":"list","{{list.ToUpperInvariant()}}":[{"id":"x_1"},{"id":"x_2","new":1}],"next_cursor":null,"has_more":false}""");
                data.Add(list, "\uFEFF" + """ [ {"id":"x_1"} , {"id":"x_2","new":1} ] """ + "\n");
            }

            return data;
        }
    }

    public static TheoryData<string> Lists => ["sessions", "experiments", "artifacts", "webhooks"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(Forms))]
    [Trait("Contract", "list-forms")]
    [Trait("Contract", "list-sessions")]
    [Trait("Contract", "list-experiments")]
    [Trait("Contract", "list-artifacts")]
    [Trait("Contract", "list-webhooks")]
    public async Task Every_form_of_a_list_is_read(string list, string body)
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok(body));
        using var client = service.Client();

        Assert.Equal(["x_1", "x_2"], await IdsAsync(client, list));
        Assert.Equal(EndpointOf(list), service.Requests.Single().Endpoint);
    }

    [Theory, MemberData(nameof(Lists))]
    public async Task An_empty_list_is_empty(string list)
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok("[]"), Reply.Ok("{\"items\":[]}"), Reply.Ok($$"""{"{{list}}":null}"""));
        using var client = service.Client();

        for (var i = 0; i < 3; i++)
            Assert.Empty(await IdsAsync(client, list));
    }

    [Theory, MemberData(nameof(Lists))]
    [Trait("Contract", "list-paging")]
    public async Task The_cursor_is_followed(string list)
    {
        await using var service = await ScriptedService.StartAsync(
            Reply.Ok($$"""{"next_cursor":"a+b/c=","{{list}}":[{"id":"x_1"}]}"""),
            Reply.Ok($$"""{"{{list}}":[{"id":"x_2"}],"next_cursor":7}"""),
            Reply.Ok($$"""{"{{list}}":[{"id":"x_3"}],"next_cursor":null}"""));
        using var client = service.Client();

        Assert.Equal(["x_1", "x_2", "x_3"], await IdsAsync(client, list));
        Assert.Equal(["", "?cursor=a%2Bb%2Fc%3D", "?cursor=7"], service.Requests.Select(request => request.Query));
    }

    [Theory, MemberData(nameof(Lists))]
    [Trait("Contract", "list-paging")]
    public async Task Has_more_with_a_cursor_is_followed(string list)
    {
        await using var service = await ScriptedService.StartAsync(
            Reply.Ok($$"""{"{{list}}":[{"id":"x_1"}],"has_more":true,"cursor":"c2"}"""),
            Reply.Ok($$"""{"{{list}}":[{"id":"x_2"}],"has_more":false,"cursor":"c3"}"""));
        using var client = service.Client();

        Assert.Equal(["x_1", "x_2"], await IdsAsync(client, list));
        Assert.Equal(["", "?cursor=c2"], service.Requests.Select(request => request.Query));
    }

    [Theory]
    [Trait("Contract", "list-paging")]
    [InlineData("</api/v1/sessions?page=2>; rel=\"next\"")]
    [InlineData("<?page=2>; rel=next")]
    [InlineData("<?page=0>; rel=\"prev\", <?page=2>; title=\"a, b\"; rel=\"last next\"")]
    [InlineData("<?page=2>; REL=\"Next\", <?page=9>; rel=\"last\"")]
    public async Task A_link_to_the_next_page_is_followed(string link)
    {
        await using var service = await ScriptedService.StartAsync(
            Reply.Ok("""[{"id":"x_1"}]""").With("Link", link),
            Reply.Ok("""[{"id":"x_2"}]""").With("Link", "<?page=1>; rel=\"prev\""));
        using var client = service.Client();

        Assert.Equal(["x_1", "x_2"], await IdsAsync(client, "sessions"));
        Assert.Equal("GET /sessions?page=2", service.Requests[1].Endpoint);
    }

    [Theory]
    [InlineData("<?page=2>; rel=\"next-archive\"")]
    [InlineData("<?page=2>; rel=nextpage")]
    [InlineData("<?page=2>; title=\"rel=next\"")]
    [InlineData("nonsense")]
    public async Task Another_link_is_not_followed(string link)
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok("""[{"id":"x_1"}]""").With("Link", link));
        using var client = service.Client();

        Assert.Equal(["x_1"], await IdsAsync(client, "sessions"));
    }

    [Theory]
    [InlineData("127.0.0.2")]
    [InlineData("localhost")]
    public async Task A_next_page_at_another_origin_is_not_asked(string host)
    {
        await using var other = await ScriptedService.StartAsync(Reply.Ok("""[{"id":"stolen"}]"""));
        await using var service = await ScriptedService.StartAsync(Reply.Ok("""[{"id":"x_1"}]""").With("Link", $"<http://{host}:{other.Origin.Port}/api/v1/sessions>; rel=\"next\""));
        var (client, messages) = service.HeardClient();

        Assert.Equal(["x_1"], await IdsAsync(client, "sessions"));
        Assert.Empty(other.Requests);
        Assert.Contains("not complete", Assert.Single(messages.Warnings()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pages_that_lead_in_a_circle_end_with_an_error()
    {
        await using var service = await ScriptedService.StartAsync(request =>
            Reply.Ok($$"""{"sessions":[],"next_cursor":"{{(request.Query == "?cursor=a" ? "b" : "a")}}"}"""));
        using var client = service.Client();

        var failure = await TestClient.FailsAsync(() => IdsAsync(client, "sessions"));

        Assert.Equal("endless_list", failure.Code);
        Assert.Equal(3, service.Requests.Count);
    }

    [Theory]
    [InlineData(10_000)]
    [InlineData(int.MaxValue)]
    public async Task A_list_of_10000_pages_is_read_and_a_longer_one_is_an_error(int pages)
    {
        var page = 0;
        await using var service = new RawService(async connection =>
        {
            while (true)
            {
                await connection.ReadRequestAsync();
                await connection.AnswerAsync(++page < pages ? $$"""{"sessions":[],"next_cursor":"{{page}}"}""" : """{"sessions":[]}""");
            }
        });
        using var client = service.Client();

        var reading = IdsAsync(client, "sessions");

        if (pages == 10_000)
            Assert.Empty(await reading);
        else
            Assert.Equal("endless_list", (await TestClient.FailsAsync(() => reading)).Code);
        Assert.Equal(10_000, service.Requests.Count);
    }

    [Fact]
    public async Task More_without_saying_where_is_a_warning()
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok("""{"sessions":[{"id":"x_1"}],"has_more":true}"""));
        var (client, messages) = service.HeardClient();

        Assert.Equal(["x_1"], await IdsAsync(client, "sessions"));
        Assert.Single(messages.Warnings());
    }

    [Fact]
    [Trait("Contract", "list-sessions")]
    public async Task The_filter_is_sent_and_stays_on_every_page()
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok("""{"sessions":[],"next_cursor":"c"}"""), Reply.Ok("[]"));
        using var client = service.Client();

        await client.GetSessionsAsync("run ning&x", cancellationToken: Cancel).AllAsync();

        Assert.Equal(["?status=run%20ning%26x", "?status=run%20ning%26x&cursor=c"], service.Requests.Select(request => request.Query));
    }

    [Fact]
    public async Task Nobody_asks_for_pages_that_nobody_reads()
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok("""{"sessions":[{"id":"x_1"},{"id":"x_2"}],"next_cursor":"c"}"""));
        using var client = service.Client();

        await foreach (var session in client.GetSessionsAsync(cancellationToken: Cancel))
            break;

        Assert.Single(service.Requests);
    }

    [Fact]
    public async Task The_first_item_is_out_before_the_last_byte_is_in()
    {
        var firstIsOut = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var service = new RawService(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n{\"sessions\":[{\"id\":\"x_1\"},{\"id\":\"x_");
            await firstIsOut.Task;
            await connection.SendAsync("2\"}]}");
        });
        using var client = service.Client();
        var ids = new List<string>();

        await foreach (var session in client.GetSessionsAsync(cancellationToken: Cancel))
        {
            ids.Add(session.Id);
            firstIsOut.TrySetResult();
        }

        Assert.Equal(["x_1", "x_2"], ids);
    }

    [Fact]
    public async Task A_list_that_comes_byte_by_byte_is_read()
    {
        const string body = """{"note":"ü\"]}","sessions":[{"id":"sess_ü","a":NaN,"b":-Infinity,"c":Infinity,"d":-1.5e3,"e":"\\"},{"id":"x_2","f":[NaN,"NaN",[-Infinity]]}],"next_cursor":null}""";
        await using var service = new RawService(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
            foreach (var octet in System.Text.Encoding.UTF8.GetBytes(body))
                await connection.SendAsync(new byte[] { (byte)'1', 13, 10, octet, 13, 10 });
            await connection.SendAsync("0\r\n\r\n");
        });
        using var client = service.Client();

        var sessions = await client.GetSessionsAsync(cancellationToken: Cancel).AllAsync();

        Assert.Equal(["sess_ü", "x_2"], sessions.Select(session => session.Id));
        var rest = sessions[0].AdditionalProperties;
        Assert.Equal([double.NaN, double.NegativeInfinity, double.PositiveInfinity, -1500.0, "\\"], [rest["a"], rest["b"], rest["c"], rest["d"], rest["e"]]);
        var f = (object?[])sessions[1].AdditionalProperties["f"]!;
        Assert.Equal([double.NaN, "NaN"], f[..2]);
        Assert.Equal([double.NegativeInfinity], (object?[])f[2]!);
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html>")]
    [InlineData("3")]
    [InlineData("\"x\"")]
    [InlineData("{}")]
    [InlineData("""{"sessions":{}}""")]
    [InlineData("""{"sessions":[{"id":"x_1"},""")]
    [InlineData("""{"sessions":[{"id":"x_1"},{"name":"no id"}]}""")]
    [InlineData("""{"sessions":[{"id":"x_1"},{"id":""}]}""")]
    [InlineData("""{"sessions":[{"id":"x_1"},7]}""")]
    [InlineData("[tru")]
    public async Task What_is_no_list_is_an_error_with_status_and_request_id(string body)
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok(body).With("X-Request-Id", "req_7"));
        using var client = service.Client();

        var failure = await TestClient.FailsAsync(() => IdsAsync(client, "sessions"));

        Assert.Equal(MeshiaFailure.InvalidAnswer, failure.Failure);
        Assert.Contains("status 200", failure.Message, StringComparison.Ordinal);
        Assert.Contains("req_7", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_list_cut_off_gives_what_came_and_then_an_error()
    {
        await using var service = new RawService(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n[{\"id\":\"x_1\"},{\"id\":");
        });
        using var client = service.Client();
        var ids = new List<string>();

        var failure = await TestClient.FailsAsync(async () =>
        {
            await foreach (var session in client.GetSessionsAsync(cancellationToken: Cancel))
                ids.Add(session.Id);
        });

        Assert.Equal(MeshiaFailure.Unreachable, failure.Failure);
        Assert.Equal(["x_1"], ids);
    }

    [Fact]
    public async Task An_item_without_end_does_not_fill_the_memory()
    {
        var sent = 0L;
        await using var service = await ScriptedService.StartAsync(async (_, context) =>
        {
            await context.Response.WriteAsync("[{\"id\":\"");
            var piece = new string('x', 64 * 1024);
            for (; sent < 200 * 1024 * 1024 && !context.RequestAborted.IsCancellationRequested; sent += piece.Length)
                await context.Response.WriteAsync(piece, context.RequestAborted);
        });
        using var client = service.Client();

        var failure = await TestClient.FailsAsync(() => IdsAsync(client, "sessions"));

        Assert.Equal(MeshiaFailure.InvalidAnswer, failure.Failure);
        Assert.True(sent < 100 * 1024 * 1024, $"{sent} bytes were sent.");
    }

    private static string EndpointOf(string list) => list switch
    {
        "experiments" => "GET /sessions/sess_1/experiments",
        "artifacts" => "GET /experiments/exp_1/artifacts",
        _ => $"GET /{list}",
    };

    private static async Task<List<string>> IdsAsync(MeshiaClient client, string list) => list switch
    {
        "sessions" => [.. (await client.GetSessionsAsync(cancellationToken: Cancel).AllAsync()).Select(item => item.Id)],
        "experiments" => [.. (await client.GetExperimentsAsync("sess_1", cancellationToken: Cancel).AllAsync()).Select(item => item.Id)],
        "artifacts" => [.. (await client.GetArtifactsAsync("exp_1", cancellationToken: Cancel).AllAsync()).Select(item => item.Id)],
        _ => [.. (await client.GetWebhooksAsync(cancellationToken: Cancel).AllAsync()).Select(item => item.Id)],
    };
}
