using System.Globalization;

namespace Meshia.Client.Tests;

/// <summary>One budget of tries and one deadline for a download, however many requests of whatever kind it takes.</summary>
public sealed class DownloadBudgetTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("meshia-budget-");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("HTTP/1.1 503 Away\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")]
    [InlineData("")]
    public async Task A_service_that_gives_no_address_is_asked_once_and_as_often_as_retries_allow(string answer)
    {
        await using var service = new RawService(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.SendAsync(answer);
        });
        using var client = TestClient.For(service.BaseUri, maxRetries: 3);

        await TestClient.FailsAsync(() => SaveAsync(client));

        Assert.Equal(Enumerable.Repeat("GET /artifacts/art_1/download", 4), service.Requests);
    }

    [Fact]
    public async Task A_storage_that_gives_nothing_is_asked_once_and_as_often_as_retries_allow()
    {
        var origin = "";
        await using var service = new RawService(async connection =>
        {
            var request = await connection.ReadRequestAsync();
            if (request.Contains("/download", StringComparison.Ordinal))
                await connection.AnswerAsync($$"""{"url":"{{origin}}files/1"}""", headers: "Connection: close\r\n");
        });
        origin = service.Origin.AbsoluteUri;
        using var client = TestClient.For(service.BaseUri, maxRetries: 3);

        await TestClient.FailsAsync(() => SaveAsync(client));

        Assert.Equal(["GET /artifacts/art_1/download", .. Enumerable.Repeat("GET /files/1", 4)], service.Requests);
    }

    [Fact]
    public async Task A_wait_that_the_service_asks_for_and_that_ends_after_the_deadline_is_not_begun()
    {
        await using var service = new RawService(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.AnswerAsync("", 503, "Retry-After: 3600\r\nConnection: close\r\n");
        });
        var clock = new TestClock();
        using var client = TestClient.For(service.BaseUri, clock);

        var failure = await TestClient.FailsAsync(() => SaveAsync(client));

        Assert.Equal(503, (int?)failure.StatusCode);
        Assert.Single(service.Requests);
        Assert.Empty(clock.Waits);
    }

    [Fact]
    public async Task A_silent_service_is_left_at_the_deadline()
    {
        await using var service = new RawService(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.StaySilentAsync();
        });
        var clock = new TestClock();
        using var client = TestClient.For(service.BaseUri, clock);

        var saving = SaveAsync(client);
        await TestClient.UntilAsync(() => service.Requests.Count == 1);
        clock.Advance(TestClock.TotalTimeout);
        var failure = await TestClient.FailsAsync(() => saving);

        Assert.Equal(MeshiaFailure.TimedOut, failure.Failure);
        Assert.Single(service.Requests);
    }

    [Fact]
    public async Task An_address_is_used_until_a_minute_before_its_end()
    {
        var clock = new TestClock();
        var expiresAt = clock.GetUtcNow() + TimeSpan.FromHours(1);
        // It sends no Date, so that its clock is the test's.
        await using var service = new RawService(async connection =>
        {
            while (true)
            {
                await connection.ReadRequestAsync();
                await connection.AnswerAsync($$"""{"url":"https://storage.example/1","expires_at":"{{expiresAt.ToString("O", CultureInfo.InvariantCulture)}}"}""");
            }
        });
        using var client = TestClient.For(service.BaseUri, clock);
        using var address = new DownloadAddress(client.Transport, "art_1", new());

        await address.GetAsync(Cancel);
        clock.Advance(TimeSpan.FromMinutes(58.9));
        await address.GetAsync(Cancel);
        Assert.Single(service.Requests);

        clock.Advance(TimeSpan.FromMinutes(0.2));
        await address.GetAsync(Cancel);
        Assert.Equal(2, service.Requests.Count);
    }

    [Theory]
    [InlineData((64 * 1024) - 1, 1)]
    [InlineData(64 * 1024, 0)]
    public async Task A_try_that_brought_less_than_64_KB_is_followed_by_a_wait(int brought, int waits)
    {
        const int Length = 100_000;
        var bytes = new string('x', Length);
        var origin = "";
        await using var service = new RawService(async connection =>
        {
            var request = await connection.ReadRequestAsync();
            if (request.Contains("/download", StringComparison.Ordinal))
                await connection.AnswerAsync($$"""{"url":"{{origin}}files/1"}""", headers: "Connection: close\r\n");
            else if (request.Contains("Range: ", StringComparison.Ordinal))
                await connection.SendAsync($"HTTP/1.1 206 X\r\nETag: \"1\"\r\nContent-Range: bytes {brought}-{Length - 1}/{Length}\r\nContent-Length: {Length - brought}\r\n\r\n{bytes[brought..]}");
            else
                await connection.SendAsync($"HTTP/1.1 200 X\r\nETag: \"1\"\r\nContent-Length: {Length}\r\n\r\n{bytes[..brought]}");
        });
        origin = service.Origin.AbsoluteUri;
        var clock = new TestClock();
        using var client = service.Client(clock);

        var saved = await SaveAsync(client);

        Assert.Equal((2, Length), (saved.Tries, saved.BytesFetched));
        Assert.Equal(waits, clock.Waits.Count);
    }

    [Fact]
    public async Task A_storage_that_gives_a_byte_now_and_then_is_left_at_the_deadline()
    {
        var clock = new TestClock();
        await using var storage = new RawService(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\nETag: \"1\"\r\n\r\n");
            for (var sent = 0; sent < 1000; sent++)
            {
                await connection.SendAsync("x");
                // Far less than the request may stall: the client may read several at once.
                clock.Advance(TimeSpan.FromSeconds(4));
                await Task.Delay(5);
            }
        });
        await using var service = await ScriptedService.StartAsync(_ => Reply.Ok($$"""{"url":"{{storage.Origin}}file"}"""));
        using var client = service.Client(clock);

        var failure = await TestClient.FailsAsync(() => SaveAsync(client));

        Assert.Equal(MeshiaFailure.TimedOut, failure.Failure);
        Assert.False(File.Exists(Path.Combine(_folder.FullName, "file")));
    }

    [Fact]
    public async Task A_list_of_which_a_byte_comes_now_and_then_is_left_at_the_deadline()
    {
        var clock = new TestClock();
        await using var service = new RawService(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n[");
            for (var sent = 0; sent < 10_000; sent++)
            {
                await connection.SendAsync(" ");
                clock.Advance(TimeSpan.FromSeconds(4));
                await Task.Delay(5);
            }
        });
        using var client = TestClient.For(service.BaseUri, clock);

        Assert.Equal(MeshiaFailure.TimedOut, (await TestClient.FailsAsync(() => client.GetSessionsAsync(cancellationToken: Cancel).AllAsync())).Failure);
    }

    private Task<SavedArtifact> SaveAsync(MeshiaClient client) =>
        client.SaveArtifactAsync(new() { Id = "art_1" }, Path.Combine(_folder.FullName, "file"), cancellationToken: Cancel);
}
