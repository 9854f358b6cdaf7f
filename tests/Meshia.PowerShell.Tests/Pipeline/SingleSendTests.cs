namespace Meshia.PowerShell.Tests;

/// <summary>What a cmdlet sends, counted at the server: one request for each attempt, and one budget for each operation.</summary>
public sealed class SingleSendTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("meshia-single-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("Invoke-MeshiaRequest /sessions/sess_1/stop -Method Post", "POST /sessions/sess_1/stop", 1)]
    [InlineData("Invoke-MeshiaRequest /sessions/sess_1", "GET /sessions/sess_1", 3)]
    [InlineData("Stop-MeshiaSession sess_1", "POST /sessions/sess_1/stop", 3, "GET /sessions/sess_1")]
    [InlineData("Unregister-MeshiaWebhook wh_1 -Confirm:$false", "DELETE /webhooks/wh_1", 3)]
    [InlineData("Get-MeshiaSession sess_1", "GET /sessions/sess_1", 3)]
    public async Task A_kept_connection_that_ends_before_the_answer_costs_one_request_for_each_attempt(string command, string request, int withTwoRetries, string? look = null)
    {
        await using var service = new RawService(async connection =>
        {
            while (true)
            {
                if (!(await connection.ReadRequestAsync()).Contains("/first", StringComparison.Ordinal))
                    return;
                await connection.AnswerAsync("""{"id":"first"}""");
            }
        });
        using var session = new ModuleSession();
        foreach (var (retries, expected) in new[] { (0, 1), (2, withTwoRetries) })
        {
            Connect(session, service, retries);
            session.Output("Get-MeshiaSession first");
            var before = service.Requests.Count;

            var failure = session.Invoke(command).Error;

            Assert.Equal("unreachable", failure.FullyQualifiedErrorId.Split(',')[0]);
            // Whether a stop that was not answered was done, the session itself says. That look is repeated once at most.
            var looks = look is null ? [] : Enumerable.Repeat(look, Math.Min(expected, 2));
            Assert.Equal([.. Enumerable.Repeat(request, expected), .. looks], service.Requests.Skip(before));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task A_dead_download_endpoint_is_asked_once_and_as_often_as_retries_allow(int retries)
    {
        await using var service = new RawService(connection => connection.ReadRequestAsync());
        using var session = new ModuleSession();
        Connect(session, service, retries);

        var result = Save(session);

        Assert.Single(result.Errors);
        Assert.Equal(Enumerable.Repeat("GET /artifacts/art_1/download", retries + 1), service.Requests);
    }

    [Fact]
    public async Task A_dead_storage_is_asked_once_and_as_often_as_retries_allow()
    {
        var origin = "";
        await using var service = new RawService(async connection =>
        {
            if ((await connection.ReadRequestAsync()).Contains("/download", StringComparison.Ordinal))
                // The connection ends with the answer: a request that is sent while it ends arrives nowhere.
                await connection.AnswerAsync($$"""{"url":"{{origin}}files/1"}""", headers: "Connection: close\r\n");
        });
        origin = service.Origin.AbsoluteUri;
        using var session = new ModuleSession();
        Connect(session, service, retries: 2);

        var result = Save(session);

        Assert.Single(result.Errors);
        Assert.Equal(["GET /artifacts/art_1/download", "GET /files/1", "GET /files/1", "GET /files/1"], service.Requests);
    }

    [Fact]
    public async Task The_timeout_of_the_connection_ends_a_download_whatever_the_retries_allow()
    {
        await using var service = new RawService(connection => connection.ReadRequestAsync());
        using var session = new ModuleSession();
        Connect(session, service, retries: 100, timeoutSeconds: 3);

        var failure = Save(session).Error;

        // The waits between them are 0.5, 1 and 2 s and end after the 3 s.
        Assert.Equal("timed_out", failure.FullyQualifiedErrorId.Split(',')[0]);
        Assert.InRange(service.Requests.Count, 1, 3);
        Each.Of(service.Requests, request => Assert.Equal("GET /artifacts/art_1/download", request));
        Assert.Empty(_folder.EnumerateFileSystemInfos());
    }

    private static void Connect(ModuleSession session, RawService service, int retries, int timeoutSeconds = 300) => session.Output(
        "Connect-Meshia -ApiKey $key -BaseUri $uri -MaximumRetryCount $retries -TimeoutSeconds $timeout",
        ("key", ModuleSession.NewKey()), ("uri", service.BaseUri), ("retries", retries), ("timeout", timeoutSeconds));

    private ModuleSession.Result Save(ModuleSession session) =>
        session.Invoke("Save-MeshiaArtifact art_1 -Path $path", ("path", Path.Combine(_folder.FullName, "file")));
}
