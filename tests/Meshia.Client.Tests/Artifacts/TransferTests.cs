namespace Meshia.Client.Tests;

/// <summary>Large files over several connections, and the faults of a storage host.</summary>
public sealed class TransferTests : TransferTest
{
    [Fact]
    public async Task A_large_file_comes_over_four_connections_at_once()
    {
        var all = new TaskCompletionSource();
        await using var storage = await NastyStorage.StartAsync(Bytes, request =>
        {
            if (request.Number == 4)
                all.SetResult();
            // The first byte comes only once there are four: one after the other would wait for ever.
            return new() { Before = all.Task };
        });

        var saved = await SaveAsync(storage);

        AssertRight();
        // One that has ended takes over a part of another's.
        Assert.InRange(saved.Tries, 4, 8);
        Assert.Equal(Bytes.Length, saved.BytesFetched);
        Assert.Single(storage.Api.Requests);
    }

    [Fact]
    public async Task One_connection_is_enough_where_no_more_are_wanted()
    {
        await using var storage = await NastyStorage.StartAsync(Bytes);

        var saved = await SaveAsync(storage, new() { Connections = 1 });

        AssertRight();
        Assert.Equal((1, Bytes.Length), (saved.Tries, storage.Sent));
    }

    [Fact]
    public async Task A_small_file_is_one_plain_request()
    {
        await using var storage = await NastyStorage.StartAsync(Bytes[..1000]);

        await SaveAsync(storage);

        Assert.Equal(Bytes[..1000], await File.ReadAllBytesAsync(FilePath, Cancel));
        Assert.DoesNotContain("Range", Assert.Single(storage.Requests).Seen.Headers.Keys);
    }

    [Fact]
    public async Task A_host_that_ignores_ranges_gives_one_stream()
    {
        await using var storage = await NastyStorage.StartAsync(Bytes, _ => new() { IgnoresRanges = true });

        var saved = await SaveAsync(storage);

        AssertRight();
        Assert.Equal(1, saved.Tries);
    }

    [Fact]
    public async Task A_host_that_promises_ranges_and_ignores_them_is_found_out()
    {
        await using var storage = await NastyStorage.StartAsync(Bytes, _ => new() { IgnoresRanges = true, SaysAcceptRanges = true });

        await SaveAsync(storage);

        AssertRight();
    }

    [Fact]
    public async Task A_host_that_ignores_ranges_and_cuts_is_read_again_past_what_is_there()
    {
        await using var storage = await NastyStorage.StartAsync(Bytes, request => new() { IgnoresRanges = true, CutAfter = request.Number * 6_000_000 });

        var saved = await SaveAsync(storage);

        AssertRight();
        Assert.Equal((4, Bytes.Length), (saved.Tries, saved.BytesFetched));
    }

    [Fact]
    public async Task Nobody_asks_with_HEAD()
    {
        await using var storage = await NastyStorage.StartAsync(Bytes, request => new() { Status = request.Seen.Method == "HEAD" ? 405 : 0 });

        await SaveAsync(storage);

        AssertRight();
        Each.Of(storage.Requests, request => Assert.Equal("GET", request.Seen.Method));
    }

    [Fact]
    public async Task Connections_that_are_cut_again_and_again_go_on_where_they_broke()
    {
        var random = new Random(3);
        await using var storage = await NastyStorage.StartAsync(Bytes, _ =>
        {
            lock (random)
                return new() { CutAfter = random.Next(1, 2_000_000) };
        });

        var saved = await SaveAsync(storage);

        AssertRight();
        Assert.Equal(Bytes.Length, saved.BytesFetched);
    }

    [Fact]
    public async Task One_byte_for_each_connection_is_progress_too()
    {
        await using var storage = await NastyStorage.StartAsync(Bytes[..30], _ => new() { CutAfter = 1 });

        var saved = await SaveAsync(storage);

        Assert.Equal(Bytes[..30], await File.ReadAllBytesAsync(FilePath, Cancel));
        Assert.InRange(saved.Tries, 30, 60);
    }

    [Fact]
    public async Task No_byte_any_more_ends_in_an_error_from_which_the_next_run_goes_on()
    {
        var isDead = true;
        await using var storage = await NastyStorage.StartAsync(Bytes, request => (isDead, request.Number) switch
        {
            (true, 1) => new() { CutAfter = ChunkSize + 1000, BeforeCut = () => TestClient.UntilAsync(() => DoneChunks() == 1) },
            (true, _) => new() { CutAfter = 0 },
            _ => new(),
        });

        var failure = await TestClient.FailsAsync(() => SaveAsync(storage, new() { Connections = 1 }));

        // The reset of a connection may overtake the headers that were sent before it.
        Assert.Equal(MeshiaFailure.Unreachable, failure.Failure);
        Assert.True(failure.Code is "download_broken" or "unreachable", failure.Code);
        Assert.False(File.Exists(FilePath));
        isDead = false;
        var saved = await SaveAsync(storage);
        AssertRight();
        Assert.Equal((true, Bytes.Length - ChunkSize), (saved.Resumed, saved.BytesFetched));
    }

    [Fact]
    public async Task A_host_that_falls_silent_is_asked_again()
    {
        await using var storage = await NastyStorage.StartAsync(Bytes, request => request.Number == 1 ? new() { StallAfter = 5_000_000 } : new());
        using var client = new MeshiaClient(new ApiKey(TestClient.NewKey()), new() { BaseUri = storage.Api.BaseUri, RequestTimeout = TimeSpan.FromSeconds(1) });

        await client.SaveArtifactAsync(storage.Artifact, FilePath, new() { Connections = 1 }, new() { Observer = Messages.Enqueue }, cancellationToken: Cancel);

        AssertRight();
        Assert.Contains(Messages, message => message.Text.Contains("nothing arrived for 1 s", StringComparison.Ordinal));
        Assert.Equal([0, 5_000_000], storage.Requests.Select(request => request.From));
    }

    [Fact]
    public async Task A_host_that_refuses_any_range_gives_the_whole()
    {
        await using var storage = await NastyStorage.StartAsync(Bytes, request => new() { Status = request.Seen.Headers.ContainsKey("Range") ? 416 : 0 });

        await SaveAsync(storage);

        AssertRight();
    }

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    public async Task A_host_that_allows_one_connection_is_left_with_one(int status)
    {
        await using var storage = await NastyStorage.StartAsync(Bytes, request => new() { Status = request.Active == 1 ? 0 : status });

        await SaveAsync(storage);

        AssertRight();
    }

    [Fact]
    public async Task A_host_that_is_busy_is_asked_again_when_it_says()
    {
        await using var storage = await NastyStorage.StartAsync(Bytes, request => request.Number == 1 ? new() { Status = 503, RetryAfter = "17" } : new());
        var clock = new TestClock();

        await SaveAsync(storage, clock: clock);

        AssertRight();
        Assert.Contains(17.0, clock.Waits);
    }
}
