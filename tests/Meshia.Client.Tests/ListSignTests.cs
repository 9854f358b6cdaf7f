namespace Meshia.Client.Tests;

/// <summary>A list that is short is read to its end, or says that it is short, by the name of what tells so.</summary>
public class ListSignTests
{
    private const string Page1 = """{"id":"s1"},{"id":"s2"}""";
    private const string Page2 = """{"id":"s2"},{"id":"s3"}""";

    /// <summary>The answer to the first request, and the query under which the second page is.</summary>
    public static TheoryData<string, string> Followed => new()
    {
        { $$$"""{"sessions":[{{{Page1}}}],"next":"/api/v1/sessions?page=2"}""", "?page=2" },
        { $$$"""{"sessions":[{{{Page1}}}],"next":"?page=2"}""", "?page=2" },
        { $$$"""{"sessions":[{{{Page1}}}],"next":2}""", "?page=2" },
        { $$$"""{"sessions":[{{{Page1}}}],"next":"sessions?page=2"}""", "?page=2" },
        { $$$"""{"sessions":[{{{Page1}}}],"next":"abc"}""", "?cursor=abc" },
        { $$$"""{"sessions":[{{{Page1}}}],"links":{"self":"/x","next":"?page=2"}}""", "?page=2" },
        { $$$"""{"sessions":[{{{Page1}}}],"_links":{"next":{"href":"?page=2"}} }""", "?page=2" },
        { $$$"""{"sessions":[{{{Page1}}}],"meta":{"next_cursor":"abc"}}""", "?cursor=abc" },
        { $$$"""{"sessions":[{{{Page1}}}],"pagination":{"nextCursor":"abc","hasMore":true}}""", "?cursor=abc" },
        { $$$"""{"sessions":[{{{Page1}}}],"paging":{"cursors":{"next_cursor":"abc"}} }""", "?cursor=abc" },
        { $$$"""{"sessions":[{{{Page1}}}],"hasMore":true,"nextCursor":"abc"}""", "?cursor=abc" },
        { $$$"""{"sessions":[{{{Page1}}}],"has_more":true,"cursor":"abc"}""", "?cursor=abc" },
        { $$$"""{"sessions":[{{{Page1}}}],"next_page_token":"abc"}""", "?page_token=abc" },
        { $$$"""{"sessions":[{{{Page1}}}],"nextPageToken":"abc"}""", "?pageToken=abc" },
        { $$$"""{"sessions":[{{{Page1}}}],"next_page":2}""", "?page=2" },
        { $$$"""{"sessions":[{{{Page1}}}],"next_offset":2}""", "?offset=2" },
        { $$$"""{"sessions":[{{{Page1}}}],"meta":{"current_page":1,"last_page":2}}""", "?page=2" },
        { $$$"""{"data":{"sessions":[{{{Page1}}}],"next_cursor":"abc"}}""", "?cursor=abc" },
        { $$$"""{"_embedded":{"sessions":[{{{Page1}}}]},"_links":{"next":{"href":"?page=2"}} }""", "?page=2" },
    };

    /// <summary>What tells that there is more, and the name in the warning.</summary>
    public static TheoryData<string, string> Signs => new()
    {
        { $$$"""{"sessions":[{{{Page1}}}],"total":50}""", "total 50" },
        { $$$"""{"sessions":[{{{Page1}}}],"total":"50"}""", "total 50" },
        { $$$"""{"sessions":[{{{Page1}}}],"totalCount":50}""", "totalCount 50" },
        { $$$"""{"sessions":[{{{Page1}}}],"meta":{"total":50}}""", "meta.total 50" },
        { $$$"""{"sessions":[{{{Page1}}}],"pagination":{"total_items":50}}""", "pagination.total_items 50" },
        { $$$"""{"data":{"sessions":[{{{Page1}}}],"total":50}}""", "data.total 50" },
        { $$$"""{"sessions":[{{{Page1}}}],"has_more":true}""", "has_more" },
        { $$$"""{"sessions":[{{{Page1}}}],"hasNextPage":true}""", "hasNextPage" },
        { $$$"""{"sessions":[{{{Page1}}}],"is_truncated":true}""", "is_truncated" },
        { $$$"""{"sessions":[{{{Page1}}}],"page":{"last":false}}""", "page.last" },
        { $$$"""{"sessions":[{{{Page1}}}],"total_pages":2}""", "total_pages 2" },
        { $$$"""{"sessions":[{{{Page1}}}],"the_next_batch":{"a":1},"the_next_key":"z"}""", "the_next_key" },
        { $$$"""{"sessions":[{{{Page1}}}],"next":"/api/v2/sessions?page=2"}""", "/api/v2/sessions" },
        { $$$"""{"sessions":[{{{Page1}}}],"total":50.0}""", "total 50" },
        { $$$"""{"sessions":[{{{Page1}}}],"total":5e1}""", "total 50" },
        { $$$"""{"sessions":[{{{Page1}}}],"total":"1,200"}""", "total 1,200" },
        { $$$"""{"sessions":[{{{Page1}}}],"total":{"value":50,"relation":"eq"}}""", "total.value 50" },
        { $$$"""{"sessions":[{{{Page1}}}],"total":18446744073709551615}""", "total 18446744073709551615" },
        { $$$"""{"sessions":[{{{Page1}}}],"has_more":"true"}""", "has_more" },
        { $$$"""{"sessions":[{{{Page1}}}],"is_last":"false"}""", "is_last" },
        { $$$"""{"sessions":[{{{Page1}}}],"incomplete_results":true}""", "incomplete_results" },
        { $$$"""{"sessions":[{{{Page1}}}],"partial":true}""", "partial" },
        { $$$"""{"sessions":[{{{Page1}}}],"page":{"totalPages":"2.0"}}""", "page.totalPages 2" },
        { $$$"""{"sessions":[{{{Page1}}}],"limit":2}""", "limit 2" },
        { $$$"""{"sessions":[{{{Page1}}}],"total_rows":50}""", "total_rows 50" },
        { $$$"""{"sessions":[{{{Page1}}}],"range":{"from":0,"to":1,"of":50}}""", "range.of 50" },
        { $$$"""{"sessions":[{{{Page1}}}],"num_remaining":5}""", "num_remaining" },
        { $$$"""{"sessions":[{{{Page1}}}],"truncation":"size"}""", "truncation" },
        { $$$"""{"sessions":[{{{Page1}}}],"next_key":{"id":"s2"}}""", "next_key" },
        { $$$"""{"sessions":[{{{Page1}}}],"LastEvaluatedKey":{"id":"s2"}}""", "LastEvaluatedKey" },
        { $$$"""{"sessions":[{{{Page1}}}],"cursor":"abc"}""", "cursor" },
        { $$$"""{"sessions":[{{{Page1}}}],"paging":{"cursors":{"before":"x","after":"y"}} }""", "paging.cursors.after" },
        { $$$"""{"sessions":[{{{Page1}}}],"bookmark":"y"}""", "bookmark" },
        { $$$"""{"sessions":[{{{Page1}}}],"scroll_id":"y"}""", "scroll_id" },
        { $$$"""{"sessions":[{{{Page1}}}],"meta":{"page":1,"per_page":"2"}}""", "meta.per_page 2" },
        { $$$"""{"sessions":[{{{Page1}}}],"items":[{"id":"s7"}]}""", "items" },
        { $$$"""{"sessions":[{{{Page1}}}],"next":"https://elsewhere.example/x"}""", "elsewhere.example" },
    };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(Followed))]
    [Trait("Contract", "list-paging")]
    public async Task A_named_next_page_is_followed_and_each_session_comes_once(string first, string query)
    {
        await using var service = await ScriptedService.StartAsync(request => Reply.Ok(request.Query == query ? $"[{Page2}]" : first));
        var (client, messages) = service.HeardClient();
        var completeness = new ListCompleteness();

        var sessions = await client.GetSessionsAsync(call: new() { Observer = null, Completeness = completeness }, cancellationToken: Cancel).AllAsync();

        Assert.Equal(["s1", "s2", "s3"], sessions.Select(session => session.Id));
        Assert.Equal(2, service.Requests.Count);
        Assert.True(completeness.IsComplete);
        Assert.Empty(messages.Warnings());
    }

    [Theory, MemberData(nameof(Signs))]
    [Trait("Contract", "list-short")]
    public async Task Another_sign_of_more_is_a_warning_that_names_it(string body, string name)
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok(body));

        await AssertShortAsync(service, name, 1);
    }

    [Theory]
    [Trait("Contract", "list-short")]
    [InlineData("X-Total-Count", "50")]
    [InlineData("X-Total", "50")]
    [InlineData("Content-Range", "items 0-1/50")]
    [InlineData("X-Next-Page", "2")]
    [InlineData("X-WP-Total", "50")]
    [InlineData("Total-Count", "50")]
    [InlineData("X-Total-Pages", "2")]
    [InlineData("X-Has-More", "true")]
    [InlineData("X-Next-Cursor", "abc")]
    [InlineData("x-ms-continuation", "abc")]
    public async Task A_header_is_a_sign_too(string header, string value)
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok($"[{Page1}]").With(header, value));

        await AssertShortAsync(service, header, 1);
    }

    [Theory]
    [Trait("Contract", "list-short")]
    [InlineData(null, "206")]
    [InlineData("items 0-1/*", "206")]
    [InlineData("items 0-1/50", "Content-Range")]
    public async Task A_part_of_a_list_is_short(string? range, string name)
    {
        var part = new Reply(206, $"[{Page1}]");
        await using var service = await ScriptedService.StartAsync(range is null ? part : part.With("Content-Range", range));

        await AssertShortAsync(service, name, 1);
    }

    [Fact]
    [Trait("Contract", "list-short")]
    public async Task A_service_that_ignores_the_cursor_is_asked_twice_and_the_list_is_short()
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok($$$"""{"sessions":[{{{Page1}}}],"next_cursor":"abc"}"""));

        await AssertShortAsync(service, "next_cursor", 2);
    }

    [Fact]
    [Trait("Contract", "freshness")]
    public async Task A_list_out_of_a_cache_is_no_ground_for_a_decision()
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok($"[{Page1}]").With("Age", "120"));

        await AssertShortAsync(service, "120 s old", 1);
        Assert.Equal("no-cache", service.Requests[0].Headers["Cache-Control"]);
    }

    [Theory]
    [InlineData("""{"sessions":[{"id":"s1"},{"id":"s2"}],"total":2,"count":2,"page":1,"total_pages":1,"next":null,"has_more":false,"next_cursor":""}""")]
    [InlineData("""{"sessions":[{"id":"s1"},{"id":"s2"}],"meta":{"total":2,"per_page":50},"links":{"next":null,"prev":null,"last":"/x"}}""")]
    [InlineData("""{"sessions":[{"id":"s1"},{"id":"s2"}],"next_cursor":"x","has_more":false}""")]
    [InlineData("""{"sessions":[{"id":"s1"},{"id":"s2"}],"limit":50}""")]
    [InlineData("""{"sessions":[{"id":"s1"},{"id":"s2"}],"size":2}""")]
    [InlineData("""{"sessions":[{"id":"s1"},{"id":"s2"}],"cursor":null,"bookmark":"","warnings":[]}""")]
    [InlineData("""{"sessions":[{"id":"s1"},{"id":"s2"}],"cursor":"x","has_more":false}""")]
    [InlineData("""{"sessions":[{"id":"s1"},{"id":"s2"}],"_links":{"self":{"href":"/x"},"next":{"href":null}}}""")]
    [InlineData("""{"sessions":[{"id":"s1"},{"id":"s2"}],"limit":2,"offset":0,"total":2.0}""")]
    [InlineData("""{"sessions":[{"id":"s1"},{"id":"s2"}],"limit":2,"next":null}""")]
    [InlineData("""{"sessions":[{"id":"s1"},{"id":"s2"}],"per_page":2,"has_more":"false"}""")]
    [InlineData("""{"sessions":[{"id":"s1"},{"id":"s2"}],"page":{"size":2,"totalElements":2,"totalPages":1,"number":0}}""")]
    [InlineData("""{"sessions":[{"id":"s1"},{"id":"s2"}],"total":{"value":2},"incomplete_results":false,"items":[]}""")]
    public async Task A_list_that_says_it_is_whole_is_whole(string body)
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok(body).With("X-Total-Count", "2"));
        var (client, messages) = service.HeardClient();

        Assert.Equal(2, (await client.GetSessionsAsync(cancellationToken: Cancel).AllAsync()).Count);
        Assert.Empty(messages.Warnings());
        Assert.Single(service.Requests);
    }

    [Theory]
    [Trait("Contract", "list-short")]
    [InlineData("""{"sessions":[],"warnings":["It is so."]}""")]
    [InlineData("""{"sessions":[],"warning":{"message":"It is so."}}""")]
    public async Task What_the_service_warns_of_beside_a_list_is_shown(string body)
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok(body));
        var (client, messages) = service.HeardClient();

        await client.GetSessionsAsync(cancellationToken: Cancel).AllAsync();

        Assert.Equal("The service warns: It is so.", Assert.Single(messages.Warnings()));
    }

    [Theory]
    [Trait("Contract", "list-forms")]
    [InlineData("""{"results":[{"id":"s1"},{"id":"s2"}]}""")]
    [InlineData("""{"result":[{"id":"s1"},{"id":"s2"}]}""")]
    [InlineData("""{"list":[{"id":"s1"},{"id":"s2"}]}""")]
    [InlineData("""{"records":[{"id":"s1"},{"id":"s2"}]}""")]
    [InlineData("""{"data":{"sessions":[{"id":"s1"},{"id":"s2"}]}}""")]
    [InlineData("""{"data":{"items":[{"id":"s1"},{"id":"s2"}]}}""")]
    [InlineData("""{"_embedded":{"sessions":[{"id":"s1"},{"id":"s2"}]}}""")]
    [InlineData("""{"sessions":{"data":[{"id":"s1"},{"id":"s2"}]}}""")]
    [InlineData("""{"data":[],"sessions":[{"id":"s1"},{"id":"s2"}]}""")]
    [InlineData("""{"sessions":[{"id":"s1"},{"id":"s2"}],"data":[]}""")]
    [InlineData("""{"warnings":[],"pods":[{"id":"s1"},{"id":"s2"}]}""")]
    [InlineData("""{"Sessions":[{"session":{"id":"s1"}},{"ID":"s2"}]}""")]
    public async Task A_list_under_another_name_is_read(string body)
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok(body));
        using var client = service.Client();

        Assert.Equal(["s1", "s2"], (await client.GetSessionsAsync(cancellationToken: Cancel).AllAsync()).Select(session => session.Id));
    }

    [Theory]
    [InlineData("""{"sessions":[{"id":"s1"}]}{"sessions":[{"id":"s2"}]}""")]
    [InlineData("""[{"id":"s1"}] [{"id":"s2"}]""")]
    [InlineData("""[{"id":"s1"}]<html>""")]
    public async Task What_stands_behind_the_end_of_a_list_is_not_passed_over(string body)
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok(body));
        using var client = service.Client();

        Assert.Equal(MeshiaFailure.InvalidAnswer, (await TestClient.FailsAsync(() => client.GetSessionsAsync(cancellationToken: TestContext.Current.CancellationToken).AllAsync())).Failure);
    }

    [Theory]
    [InlineData("""{"id":true}""", "whose id is true")]
    [InlineData("""{"id":1.5}""", "whose id is 1.5")]
    [InlineData("""{"id":"s2","id":"s3"}""", "with two ids")]
    [InlineData("""{"id":" "}""", "without an id")]
    [InlineData("""{"id":null}""", "without an id")]
    public async Task What_cannot_be_an_id_is_an_error_and_the_others_come(string item, string reason)
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok($$"""[{"id":"s1"},{{item}},{"id":"s9","id":"s9"},{"id":12345678901234567890}]"""));
        using var client = service.Client();
        var failures = new List<string>();

        var sessions = await client.GetSessionsAsync(call: new() { ItemFailed = failure => failures.Add(failure.Message) }, cancellationToken: TestContext.Current.CancellationToken).AllAsync();

        Assert.Equal(["s1", "s9", "12345678901234567890"], sessions.Select(session => session.Id));
        Assert.Contains(reason, Assert.Single(failures), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_comes_twice_loses_no_value()
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok("""{"id":"e1","config":{"lr":0.1,"lr":0.2,"lr":0.3,"same":1,"same":1}}"""));
        using var client = service.Client();

        var config = (await client.GetExperimentAsync("e1", cancellationToken: TestContext.Current.CancellationToken)).Config;

        Assert.Equal(4, config.Count);
        Assert.Equal((0.3, 0.1, 0.2, 1L), (config["lr"], config["lr (2)"], config["lr (3)"], config["same"]));
    }

    [Fact]
    [Trait("Contract", "list-forms")]
    public async Task A_204_is_an_empty_list()
    {
        await using var service = await ScriptedService.StartAsync(new Reply(204));
        using var client = service.Client();

        Assert.Empty(await client.GetSessionsAsync(cancellationToken: Cancel).AllAsync());
    }

    [Theory]
    [InlineData("""[{"id":"s1"},null,{"id":"s3"}]""")]
    [InlineData("""[{"id":"s1"},{"name":"nameless"},{"id":"s3"}]""")]
    [InlineData("""[{"id":"s1"},{"id":{}},{"id":"s3"}]""")]
    [InlineData("""[{"id":"s1"},7,{"id":"s3"}]""")]
    [InlineData("""[{"id":"s1"},[[]],{"id":"s3"}]""")]
    public async Task One_odd_item_is_one_error_and_all_others_come(string body)
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok(body));
        using var client = service.Client();
        var failures = new List<MeshiaException>();
        var completeness = new ListCompleteness();
        var ids = new List<string>();

        var sessions = await client.GetSessionsAsync(call: new() { ItemFailed = failures.Add, Completeness = completeness }, cancellationToken: Cancel).AllAsync();
        var thrown = await TestClient.FailsAsync(async () =>
        {
            await foreach (var session in client.GetSessionsAsync(cancellationToken: Cancel))
                ids.Add(session.Id);
        });

        Assert.Equal(["s1", "s3"], sessions.Select(session => session.Id));
        Assert.Equal(["s1", "s3"], ids);
        Assert.Contains("item 2", Assert.Single(failures).Message, StringComparison.Ordinal);
        Assert.Contains("item 2", thrown.Message, StringComparison.Ordinal);
        Assert.False(completeness.IsComplete);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_page_that_is_cut_in_the_middle_is_asked_for_again_without_doubles(bool resets)
    {
        var answers = 0;
        await using var service = new RawService(async connection =>
        {
            await connection.ReadRequestAsync();
            if (Interlocked.Increment(ref answers) == 1)
                await connection.SendAsync($"HTTP/1.1 200 OK\r\n{(resets ? "Content-Length: 1000" : "Connection: close")}\r\n\r\n[null,{Page1},{{\"id\":");
            else
                await connection.AnswerAsync($"[null,{Page1},{{\"id\":\"s3\"}}]", headers: "Connection: close\r\n");
        });
        using var client = service.Client();
        var failures = new List<MeshiaException>();

        var sessions = await client.GetSessionsAsync(call: new() { ItemFailed = failures.Add }, cancellationToken: Cancel).AllAsync();

        Assert.Equal(["s1", "s2", "s3"], sessions.Select(session => session.Id));
        Assert.Single(failures);
    }

    private static async Task AssertShortAsync(ScriptedService service, string name, int requests)
    {
        var (client, messages) = service.HeardClient();
        var completeness = new ListCompleteness();

        var sessions = await client.GetSessionsAsync(call: new() { Completeness = completeness }, cancellationToken: Cancel).AllAsync();

        Assert.Equal(["s1", "s2"], sessions.Select(session => session.Id));
        Assert.Contains(name, Assert.Single(messages.Warnings()), StringComparison.Ordinal);
        Assert.Contains(name, Assert.Single(completeness.Reasons), StringComparison.Ordinal);
        Assert.Equal(requests, service.Requests.Count);
    }
}
