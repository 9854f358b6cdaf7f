using System.Text;

namespace Meshia.Client.Tests;

/// <summary>The key goes to the service and nowhere else: not to another host, not into a text.</summary>
[Trait("Culture", "Dependent")]
public class KeyTests
{
    private const string Secret = "hush/hush+canary=";

    public static TheoryData<string> Redirects
    {
        get
        {
            var data = new TheoryData<string>();
            foreach (var status in new[] { "301", "302", "303", "307", "308" })
                data.Add(status);
            return data;
        }
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [Trait("Contract", "key-form")]
    [InlineData("")]
    [InlineData("msh_")]
    [InlineData("sk_canary_4711")]
    [InlineData("MSH_canary_4711")]
    [InlineData(" msh_canary_4711")]
    [InlineData("msh_canary_4711\n")]
    [InlineData("msh_canary\r\nX-Evil: 4711")]
    [InlineData("msh_canary 4711")]
    [InlineData("msh_canary_ä_4711")]
    [InlineData("msh_canary_\u200B4711")]
    [InlineData("Bearer msh_canary_4711")]
    public void What_is_no_key_is_refused_and_not_repeated(string key)
    {
        var failure = Assert.Throws<ArgumentException>(() => new ApiKey(key));

        Assert.Contains("msh_", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", failure.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("4711", failure.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"msh_0123456789\"", "quotation mark")]
    [InlineData("'msh_0123456789'", "quotation mark")]
    [InlineData("\u201Cmsh_0123456789\u201D", "quotation mark")]
    [InlineData("msh_0123456789\r\n", "line break at its beginning or end")]
    [InlineData("\tmsh_0123456789", "line break at its beginning or end")]
    [InlineData("Bearer msh_0123456789", "starts with 'Bearer'")]
    public void The_mistakes_that_people_make_with_a_key_are_named(string key, string expected) =>
        Assert.Contains(expected, Assert.Throws<ArgumentException>(() => new ApiKey(key)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_key_shows_its_end_at_most()
    {
        Assert.Equal("msh_…", new ApiKey("msh_short").ToString());
        Assert.Equal("msh_…6789", new ApiKey("msh_0123456789012346789").ToString());
    }

    [Fact]
    [Trait("Contract", "authorization")]
    public async Task Every_request_carries_the_key()
    {
        await using var service = await ScriptedService.StartAsync(request => request.Method == "GET" && !request.Path.Contains("_1", StringComparison.Ordinal)
            ? Reply.Ok("[]")
            : Reply.Ok("""{"id":"x","url":"http://127.0.0.1/x","experiments":[{"id":"a","config":{"a":1},"metrics":{"a":1}},{"id":"b"}]}"""));
        var key = TestClient.NewKey();
        using var client = service.Client(key: key);

        await client.GetSessionsAsync(cancellationToken: Cancel).AllAsync();
        await client.CreateSessionAsync("x", "rtx4090", cancellationToken: Cancel);
        await client.GetSessionAsync("sess_1", cancellationToken: Cancel);
        await client.StopSessionAsync("sess_1", cancellationToken: Cancel);
        await client.GetExperimentAsync("exp_1", cancellationToken: Cancel);
        await client.CompareExperimentsAsync(["a", "b"], cancellationToken: Cancel);
        await client.GetWebhooksAsync(cancellationToken: Cancel).AllAsync();
        await client.CreateWebhookAsync(new("https://h/"), ["plan.completed"], cancellationToken: Cancel);
        await client.DeleteWebhookAsync("wh_1", cancellationToken: Cancel);
        await client.GetArtifactDownloadAsync("art_1", cancellationToken: Cancel);
        await client.SendAsync(HttpMethod.Get, "/new/thing_1", cancellationToken: Cancel);

        Assert.Equal(11, service.Requests.Count);
        Each.Of(service.Requests, request => Assert.Equal($"Bearer {key}", request.Headers["Authorization"]));
        Each.Of(service.Requests, request => Assert.StartsWith("/api/v1/", request.Path, StringComparison.Ordinal));
        Each.Of(service.Requests, request => Assert.DoesNotContain(key, request.Headers["User-Agent"], StringComparison.Ordinal));
    }

    [Fact]
    [Trait("Contract", "base-url")]
    public void The_address_is_the_documented_one_where_nothing_else_is_said()
    {
        using var client = new MeshiaClient(new("msh_x"));

        Assert.Equal("https://run.meshia.io/api/v1", client.BaseUri.AbsoluteUri);
    }

    [Theory]
    [InlineData("http://run.meshia.io/api/v1", "loopback")]
    [InlineData("http://127.0.0.1.evil.example/api/v1", "loopback")]
    [InlineData("http://192.168.0.1/", "loopback")]
    [InlineData("ftp://127.0.0.1/", "http(s)")]
    [InlineData("/api/v1", "http(s)")]
    [InlineData("https://user:pass@run.meshia.io/", "user")]
    [InlineData("https://run.meshia.io/?a=b", "query")]
    public void An_address_that_could_give_the_key_away_is_refused_with_the_reason(string address, string reason)
    {
        var failure = Assert.Throws<ArgumentException>(() => new MeshiaClient(new("msh_x"), new() { BaseUri = new(address, UriKind.RelativeOrAbsolute) }));

        Assert.Contains(reason, failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://localhost:1/")]
    [InlineData("http://127.0.0.1:1/api")]
    [InlineData("http://[::1]:1/")]
    [InlineData("https://example.org/api/v2/")]
    public void Loopback_may_be_http(string address)
    {
        using var client = new MeshiaClient(new("msh_x"), new() { BaseUri = new(address) });

        Assert.Equal(new(address), client.BaseUri);
    }

    [Theory]
    [InlineData("../sessions")]
    [InlineData("/../../sessions")]
    [InlineData("a/../../../x")]
    [InlineData("%2e%2e/x")]
    [InlineData("..\\..\\x")]
    [InlineData("sessions/../webhooks")]
    [InlineData("sessions/%2e%2e/webhooks")]
    [InlineData("sessions\\x")]
    [InlineData("//evil.example/x")]
    [InlineData("https://evil.example/x")]
    [InlineData("/sessions#x")]
    public async Task A_path_that_leads_out_of_the_address_is_refused(string path)
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok("{}"));
        using var client = service.Client();

        await Assert.ThrowsAsync<ArgumentException>(() => client.SendAsync(HttpMethod.Get, path, cancellationToken: Cancel));
        Assert.Empty(service.Requests);
    }

    [Theory]
    [InlineData("@evil.example/x")]
    [InlineData("sessions?next=https://evil.example/x")]
    public async Task A_path_is_never_a_host(string path)
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok("{}"));
        using var client = service.Client();

        await client.SendAsync(HttpMethod.Get, path, cancellationToken: Cancel);

        Assert.StartsWith("/api/v1/", service.Requests.Single().Path, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Redirects))]
    public async Task A_redirect_to_another_host_is_not_followed(string status)
    {
        await using var other = await ScriptedService.StartAsync(Reply.Ok("{}"));
        foreach (var target in new[] { other.BaseUri.AbsoluteUri, $"http://localhost:{other.Origin.Port}/", $"//127.0.0.1:{other.Origin.Port}/x", "https://127.0.0.1/x", "file:///etc/passwd", "http://" })
        {
            await using var service = await ScriptedService.StartAsync(new Reply(int.Parse(status, System.Globalization.CultureInfo.InvariantCulture)).With("Location", target));
            using var client = service.Client();

            foreach (var call in new Func<Task>[] { () => client.GetSessionAsync("sess_1", cancellationToken: Cancel), () => client.StopSessionAsync("sess_1", cancellationToken: Cancel), () => client.DeleteWebhookAsync("wh_1", cancellationToken: Cancel), () => client.GetSessionsAsync(cancellationToken: Cancel).AllAsync() })
            {
                var failure = await TestClient.FailsAsync(call);
                Assert.Contains(status, failure.Message, StringComparison.Ordinal);
            }

            Assert.Equal(4, service.Requests.Count);
        }

        Assert.Empty(other.Requests);
    }

    [Theory, MemberData(nameof(Redirects))]
    public async Task A_redirect_within_the_service_is_followed_for_a_GET_only(string status)
    {
        await using var service = await ScriptedService.StartAsync(request => request.Path == "/moved"
            ? Reply.Ok("""{"id":"sess_1"}""")
            : new Reply(int.Parse(status, System.Globalization.CultureInfo.InvariantCulture)).With("Location", "/moved"));
        using var client = service.Client();

        Assert.Equal("sess_1", (await client.GetSessionAsync("sess_1", cancellationToken: Cancel)).Id);
        await TestClient.FailsAsync(() => client.StopSessionAsync("sess_1", cancellationToken: Cancel));
        await TestClient.FailsAsync(() => client.DeleteWebhookAsync("wh_1", cancellationToken: Cancel));

        Assert.Single(service.Requests, request => request.Path == "/moved");
    }

    [Fact]
    public async Task Redirects_in_a_circle_end()
    {
        await using var service = await ScriptedService.StartAsync(new Reply(302).With("Location", "/api/v1/sessions/sess_1"));
        using var client = service.Client();

        Assert.Equal("unexpected_redirect", (await TestClient.FailsAsync(() => client.GetSessionAsync("sess_1", cancellationToken: Cancel))).Code);
        Assert.Equal(6, service.Requests.Count);
    }

    [Theory]
    [InlineData("{{\"error\":{{\"code\":\"{0}\",\"message\":\"{0}\"}}}}")]
    [InlineData("{{\"error\":\"{0}\"}}")]
    [InlineData("{{\"message\":\"{0}\"}}")]
    [InlineData("<html><title>{0}</title>{0}")]
    [InlineData("true{0}")]
    [InlineData("n{0}")]
    [InlineData("{{\"id\":{0}")]
    [InlineData("{{\"{0}\":1")]
    [InlineData("[{{\"id\":\"x_1\"}},t{0}")]
    [InlineData("\"http://{0}\"")]
    [InlineData("http://{0}")]
    public async Task What_a_service_echoes_is_not_repeated(string form)
    {
        var key = $"msh_+canary/{Guid.NewGuid():N}";
        foreach (var echo in new[] { $"Authorization: Bearer {key} with {Secret}", $"{Uri.EscapeDataString(key)} {Uri.EscapeDataString(Secret)}", $"{Convert.ToBase64String(Encoding.UTF8.GetBytes(key))} {Convert.ToBase64String(Encoding.UTF8.GetBytes(Secret))}" })
        {
            foreach (var status in new[] { 200, 302, 400, 401, 418, 500 })
            {
                var body = string.Format(System.Globalization.CultureInfo.InvariantCulture, form, echo);
                await using var service = await ScriptedService.StartAsync(request => new Reply(status, body, form[0] is '{' or '[' ? "application/json" : "text/html"));
                var (client, messages) = TestClient.HeardFor(service.BaseUri, key: key, maxRetries: 1);
                var said = new StringBuilder();

                foreach (var call in new Func<Task>[]
                {
                    // First: a secret that was never sent cannot be told from any other word.
                    () => client.CreateWebhookAsync(new("https://h/"), ["plan.completed"], Secret, cancellationToken: Cancel),
                    () => client.GetSessionAsync("sess_1", cancellationToken: Cancel),
                    () => client.GetSessionsAsync(cancellationToken: Cancel).AllAsync(),
                    () => client.GetArtifactDownloadAsync("art_1", cancellationToken: Cancel),
                })
                {
                    if (await Record.ExceptionAsync(call) is { } failure)
                        said.Append(failure).Append((failure as MeshiaException)?.Code).Append((failure as MeshiaException)?.RecommendedAction);
                }

                said.AppendJoin('\n', messages);
                Assert.NotEqual(0, said.Length);
                foreach (var canary in new[] { key, Secret })
                {
                    Assert.DoesNotContain(canary, said.ToString(), StringComparison.Ordinal);
                    Assert.DoesNotContain(Uri.EscapeDataString(canary), said.ToString(), StringComparison.Ordinal);
                    Assert.DoesNotContain(Convert.ToBase64String(Encoding.UTF8.GetBytes(canary)), said.ToString(), StringComparison.Ordinal);
                }
            }
        }
    }

    [Fact]
    public async Task What_the_way_there_says_holds_no_key()
    {
        var key = TestClient.NewKey();
        await using var service = new RawService(async connection =>
        {
            await connection.ReadRequestAsync();
            connection.Reset();
        });
        var (client, messages) = service.HeardClient(key: key);

        var failure = await TestClient.FailsAsync(() => client.CreateWebhookAsync(new("https://user:pass@h/?token=canary"), ["plan.completed"], Secret, cancellationToken: Cancel));

        var said = failure + string.Join('\n', messages);
        Each.Of([key, Secret, "pass", "canary"], canary => Assert.DoesNotContain(canary, said, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(0, 300, 60)]
    [InlineData(-1, 300, 60)]
    [InlineData(100, 0, 60)]
    [InlineData(100, 90_000, 60)]
    [InlineData(100, 300, 0)]
    public void Options_that_make_no_sense_are_refused_by_name(int requestTimeout, int totalTimeout, int requestsPerMinute)
    {
        var options = new MeshiaClientOptions { RequestTimeout = TimeSpan.FromSeconds(requestTimeout), TotalTimeout = TimeSpan.FromSeconds(totalTimeout), RequestsPerMinute = requestsPerMinute };

        var failure = Assert.ThrowsAny<ArgumentException>(() => new MeshiaClient(new("msh_x"), options));

        Assert.Contains(failure.ParamName, new[] { nameof(options.RequestTimeout), nameof(options.TotalTimeout), nameof(options.RequestsPerMinute) });
    }
}
