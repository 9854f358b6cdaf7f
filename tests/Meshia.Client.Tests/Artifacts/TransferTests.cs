using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;

namespace Meshia.Client.Tests;

/// <summary>Large files: several connections, every fault of a storage host, and going on after a broken run.</summary>
public sealed class TransferTests : IDisposable
{
    private const int ChunkSize = 4 * 1024 * 1024;

    /// <summary>Six chunks, the last of which is short: large enough to be fetched in parts.</summary>
    private static readonly byte[] _bytes = NastyStorage.MakeBytes((5 * ChunkSize) + 123_457);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("meshia-transfer-");
    private readonly ConcurrentQueue<ClientMessage> _messages = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string FilePath => Path.Combine(_folder.FullName, "model.bin");

    private string PartialPath => FilePath + ".partial";

    private string JournalPath => FilePath + ".partial.journal";

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_large_file_comes_over_four_connections_at_once()
    {
        var all = new TaskCompletionSource();
        await using var storage = await NastyStorage.StartAsync(_bytes, request =>
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
        Assert.Equal(_bytes.Length, saved.BytesFetched);
        Assert.Single(storage.Api.Requests);
    }

    [Fact]
    public async Task One_connection_is_enough_where_no_more_are_wanted()
    {
        await using var storage = await NastyStorage.StartAsync(_bytes);

        var saved = await SaveAsync(storage, new() { Connections = 1 });

        AssertRight();
        Assert.Equal((1, _bytes.Length), (saved.Tries, storage.Sent));
    }

    [Fact]
    public async Task A_small_file_is_one_plain_request()
    {
        await using var storage = await NastyStorage.StartAsync(_bytes[..1000]);

        await SaveAsync(storage);

        Assert.Equal(_bytes[..1000], await File.ReadAllBytesAsync(FilePath, Cancel));
        Assert.DoesNotContain("Range", Assert.Single(storage.Requests).Seen.Headers.Keys);
    }

    [Fact]
    public async Task A_host_that_ignores_ranges_gives_one_stream()
    {
        await using var storage = await NastyStorage.StartAsync(_bytes, _ => new() { IgnoresRanges = true });

        var saved = await SaveAsync(storage);

        AssertRight();
        Assert.Equal(1, saved.Tries);
    }

    [Fact]
    public async Task A_host_that_promises_ranges_and_ignores_them_is_found_out()
    {
        await using var storage = await NastyStorage.StartAsync(_bytes, _ => new() { IgnoresRanges = true, SaysAcceptRanges = true });

        await SaveAsync(storage);

        AssertRight();
    }

    [Fact]
    public async Task A_host_that_ignores_ranges_and_cuts_is_read_again_past_what_is_there()
    {
        await using var storage = await NastyStorage.StartAsync(_bytes, request => new() { IgnoresRanges = true, CutAfter = request.Number * 6_000_000 });

        var saved = await SaveAsync(storage);

        AssertRight();
        Assert.Equal((4, _bytes.Length), (saved.Tries, saved.BytesFetched));
    }

    [Fact]
    public async Task Nobody_asks_with_HEAD()
    {
        await using var storage = await NastyStorage.StartAsync(_bytes, request => new() { Status = request.Seen.Method == "HEAD" ? 405 : 0 });

        await SaveAsync(storage);

        AssertRight();
        Each.Of(storage.Requests, request => Assert.Equal("GET", request.Seen.Method));
    }

    [Fact]
    public async Task Connections_that_are_cut_again_and_again_go_on_where_they_broke()
    {
        var random = new Random(3);
        await using var storage = await NastyStorage.StartAsync(_bytes, _ =>
        {
            lock (random)
                return new() { CutAfter = random.Next(1, 2_000_000) };
        });

        var saved = await SaveAsync(storage);

        AssertRight();
        Assert.Equal(_bytes.Length, saved.BytesFetched);
    }

    [Fact]
    public async Task One_byte_for_each_connection_is_progress_too()
    {
        await using var storage = await NastyStorage.StartAsync(_bytes[..30], _ => new() { CutAfter = 1 });

        var saved = await SaveAsync(storage);

        Assert.Equal(_bytes[..30], await File.ReadAllBytesAsync(FilePath, Cancel));
        Assert.InRange(saved.Tries, 30, 60);
    }

    [Fact]
    public async Task No_byte_any_more_ends_in_an_error_from_which_the_next_run_goes_on()
    {
        var isDead = true;
        await using var storage = await NastyStorage.StartAsync(_bytes, request => (isDead, request.Number) switch
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
        Assert.Equal((true, _bytes.Length - ChunkSize), (saved.Resumed, saved.BytesFetched));
    }

    [Fact]
    public async Task A_host_that_falls_silent_is_asked_again()
    {
        await using var storage = await NastyStorage.StartAsync(_bytes, request => request.Number == 1 ? new() { StallAfter = 5_000_000 } : new());
        using var client = new MeshiaClient(new ApiKey(TestClient.NewKey()), new() { BaseUri = storage.Api.BaseUri, RequestTimeout = TimeSpan.FromSeconds(1) });

        await client.SaveArtifactAsync(storage.Artifact, FilePath, new() { Connections = 1 }, new() { Observer = _messages.Enqueue }, cancellationToken: Cancel);

        AssertRight();
        Assert.Contains(_messages, message => message.Text.Contains("nothing arrived for 1 s", StringComparison.Ordinal));
        Assert.Equal([0, 5_000_000], storage.Requests.Select(request => request.From));
    }

    [Fact]
    public async Task A_host_that_refuses_any_range_gives_the_whole()
    {
        await using var storage = await NastyStorage.StartAsync(_bytes, request => new() { Status = request.Seen.Headers.ContainsKey("Range") ? 416 : 0 });

        await SaveAsync(storage);

        AssertRight();
    }

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    public async Task A_host_that_allows_one_connection_is_left_with_one(int status)
    {
        await using var storage = await NastyStorage.StartAsync(_bytes, request => new() { Status = request.Active == 1 ? 0 : status });

        await SaveAsync(storage);

        AssertRight();
    }

    [Fact]
    public async Task A_host_that_is_busy_is_asked_again_when_it_says()
    {
        await using var storage = await NastyStorage.StartAsync(_bytes, request => request.Number == 1 ? new() { Status = 503, RetryAfter = "17" } : new());
        var clock = new TestClock();

        await SaveAsync(storage, clock: clock);

        AssertRight();
        Assert.Contains(17.0, clock.Waits);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_file_that_changes_midway_is_fetched_anew(bool hasHash)
    {
        var other = NastyStorage.MakeBytes(_bytes.Length, 2);
        await using var storage = await NastyStorage.StartAsync(
            _bytes,
            request => request.Number <= 2 ? new() { CutAfter = 3_000_000 } : new() { Bytes = other, ETag = "\"two\"" },
            announced: other,
            hasHash);

        var saved = await SaveAsync(storage);

        AssertRight(other);
        Assert.Equal(hasHash ? ArtifactVerification.Sha256 : ArtifactVerification.SizeAndETag, saved.Verified);
        Assert.Contains(_messages.Warnings(), warning => warning.Contains(hasHash ? "starts over: Artifact art_1 did not arrive whole" : "starts over: Artifact art_1 changed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_file_that_changes_all_the_time_is_an_error()
    {
        await using var storage = await NastyStorage.StartAsync(_bytes, request => new() { ETag = $"\"{request.Number}\"", CutAfter = 1_000_000 }, hasHash: false);

        var failure = await TestClient.FailsAsync(() => SaveAsync(storage));

        Assert.Equal("artifact_changed", failure.Code);
        AssertNothing();
    }

    [Fact]
    public async Task Without_ETag_and_hash_two_answers_are_never_put_together()
    {
        var other = NastyStorage.MakeBytes(_bytes.Length, 2);
        await using var storage = await NastyStorage.StartAsync(
            _bytes,
            request => request.Number == 1 ? new() { ETag = null, CutAfter = 9_000_000 } : new() { ETag = null, Bytes = other },
            hasHash: false);

        var saved = await SaveAsync(storage);

        AssertRight(other);
        Assert.Equal(ArtifactVerification.Size, saved.Verified);
        Assert.Equal([0, 0], storage.Requests.Select(request => request.From));
    }

    [Fact]
    public async Task Bytes_of_another_place_are_not_taken()
    {
        await using var storage = await NastyStorage.StartAsync(_bytes, request => new() { Shift = request.From == 0 ? 0 : 7, CutAfter = 5_000_000 }, hasHash: false);

        var failure = await TestClient.FailsAsync(() => SaveAsync(storage));

        Assert.Equal("download_invalid", failure.Code);
        Assert.False(File.Exists(FilePath));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public async Task Another_length_than_announced_is_an_error_at_once(int more)
    {
        await using var storage = await NastyStorage.StartAsync(NastyStorage.MakeBytes(_bytes.Length + more), announced: _bytes);

        var failure = await TestClient.FailsAsync(() => SaveAsync(storage));

        Assert.Equal((MeshiaFailure.Corrupted, "artifact_corrupted"), (failure.Failure, failure.Code));
        Assert.Single(storage.Requests);
        AssertNothing();
    }

    [Fact]
    public async Task More_than_announced_is_not_cut_to_fit_where_the_host_does_not_say_how_much_it_is()
    {
        await using var storage = await NastyStorage.StartAsync(NastyStorage.MakeBytes(1001), _ => new() { HidesLength = true, IgnoresRanges = true, ETag = null }, announced: NastyStorage.MakeBytes(1000), hasHash: false);

        Assert.Equal("artifact_corrupted", (await TestClient.FailsAsync(() => SaveAsync(storage))).Code);

        AssertNothing();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(ChunkSize)]
    [InlineData(ChunkSize + 1)]
    public async Task A_file_of_which_nobody_says_how_long_it_is_arrives_whole(int size)
    {
        var bytes = _bytes[..size];
        await using var storage = await NastyStorage.StartAsync(bytes, _ => new() { HidesLength = true, IgnoresRanges = true }, hasHash: false, hasSize: false);

        var saved = await SaveAsync(storage);

        AssertRight(bytes);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(bytes)), saved.Sha256);
    }

    [Fact]
    public async Task Damage_on_the_way_that_keeps_the_size_is_found_and_fetched_anew()
    {
        var damaged = (byte[])_bytes.Clone();
        damaged[^5] ^= 1;
        await using var storage = await NastyStorage.StartAsync(_bytes, request => new() { Bytes = request.Number == 1 ? damaged : null });

        await SaveAsync(storage, new() { Connections = 1 });

        AssertRight();
        Assert.Contains(_messages.Warnings(), warning => warning.Contains("SHA-256", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Damage_that_stays_is_an_error_and_leaves_nothing()
    {
        var damaged = (byte[])_bytes.Clone();
        damaged[ChunkSize] ^= 1;
        await using var storage = await NastyStorage.StartAsync(damaged, announced: _bytes);

        var failure = await TestClient.FailsAsync(() => SaveAsync(storage, new() { Connections = 1 }));

        Assert.Equal((MeshiaFailure.Corrupted, "artifact_corrupted", 2), (failure.Failure, failure.Code, storage.Requests.Count));
        AssertNothing();
    }

    [Fact]
    public async Task The_next_run_fetches_what_is_missing_and_what_the_disk_has_damaged_and_no_more()
    {
        await using var storage = await NastyStorage.StartAsync(_bytes, request => request.Number == 1 ? new() { StallAfter = (4 * ChunkSize) + 1000 } : new());
        await StopMidwayAsync(storage, () => DoneChunks() == 4);
        await using (var partial = File.OpenWrite(PartialPath))
        {
            partial.Position = ChunkSize + 17;
            partial.WriteByte((byte)~_bytes[ChunkSize + 17]);
        }

        var saved = await SaveAsync(storage);

        AssertRight();
        Assert.True(saved.Resumed);
        Assert.Equal(_bytes.Length - (3 * ChunkSize), saved.BytesFetched);
        Assert.Contains(_messages.Warnings(), warning => warning.Contains($"damaged at byte {ChunkSize}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_was_done_is_not_fetched_again_and_without_a_hash_the_ETag_must_be_the_same()
    {
        await using var storage = await NastyStorage.StartAsync(_bytes, request => request.Number == 1 ? new() { StallAfter = (2 * ChunkSize) + 1000 } : new(), hasHash: false);
        await StopMidwayAsync(storage, () => DoneChunks() == 2);

        var saved = await SaveAsync(storage);

        AssertRight();
        Assert.Equal((true, _bytes.Length - (2 * ChunkSize), ArtifactVerification.SizeAndETag), (saved.Resumed, saved.BytesFetched, saved.Verified));
        Each.Of(storage.Requests.Skip(1), request => Assert.Equal("\"one\"", request.Seen.Headers["If-Range"]));
    }

    [Fact]
    public async Task A_file_that_changed_since_the_last_run_starts_over_and_says_so()
    {
        var other = NastyStorage.MakeBytes(_bytes.Length, 2);
        await using var storage = await NastyStorage.StartAsync(
            _bytes,
            request => request.Number == 1 ? new() { StallAfter = (2 * ChunkSize) + 1000 } : new() { Bytes = other, ETag = "\"two\"" },
            hasHash: false);
        await StopMidwayAsync(storage, () => DoneChunks() == 2);

        var saved = await SaveAsync(storage);

        AssertRight(other);
        Assert.False(saved.Resumed);
        Assert.Contains(_messages.Warnings(), warning => warning.Contains("starts over", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("not json\n")]
    [InlineData("")]
    [InlineData("""{"version":1,"artifact":"art_1","length":5}""" + "\n0 00\n")]
    [InlineData("""{"version":1,"artifact":"art_2","length":LENGTH,"chunk":4194304,"sha256":"HASH","etag":"\"one\""}""" + "\n0 00\n")]
    [InlineData("""{"version":1,"artifact":"art_1","length":LENGTH,"chunk":4194304,"sha256":"HASH","etag":"\"one\""}""" + "\n0 00\n99 00\n-1 00\nx\n1 0")]
    public async Task A_journal_that_is_of_other_bytes_or_of_none_does_no_harm(string journal)
    {
        await using var storage = await NastyStorage.StartAsync(_bytes);
        await File.WriteAllBytesAsync(PartialPath, new byte[_bytes.Length], Cancel);
        await File.WriteAllTextAsync(JournalPath, journal.Replace("LENGTH", $"{_bytes.Length}", StringComparison.Ordinal).Replace("HASH", storage.Artifact.Sha256, StringComparison.Ordinal), Cancel);

        await SaveAsync(storage);

        AssertRight();
    }

    [Fact]
    public async Task A_journal_of_a_newer_version_is_refused_and_left_as_it_is()
    {
        const string journal = """{"version":2,"what":"nobody knows yet"}""" + "\n";
        await using var storage = await NastyStorage.StartAsync(_bytes);
        await File.WriteAllBytesAsync(PartialPath, new byte[10], Cancel);
        await File.WriteAllTextAsync(JournalPath, journal, Cancel);

        var failure = await Assert.ThrowsAsync<IOException>(() => SaveAsync(storage));

        Assert.Contains(JournalPath, failure.Message, StringComparison.Ordinal);
        Assert.Contains("newer version", failure.Message, StringComparison.Ordinal);
        Assert.Equal((journal, 10L), (await File.ReadAllTextAsync(JournalPath, Cancel), new FileInfo(PartialPath).Length));
    }

    [Fact]
    public async Task A_journal_of_another_artifact_is_not_gone_on_with_and_that_is_said()
    {
        await using var storage = await NastyStorage.StartAsync(_bytes, request => request.Number == 1 ? new() { StallAfter = (2 * ChunkSize) + 1000 } : new());
        await StopMidwayAsync(storage, () => DoneChunks() == 2);
        await using var other = await NastyStorage.StartAsync(NastyStorage.MakeBytes(_bytes.Length, 9));

        var saved = await SaveAsync(other);

        Assert.Equal((false, _bytes.Length), (saved.Resumed, saved.BytesFetched));
        Assert.Contains(_messages.Warnings(), warning => warning.Contains("of other bytes", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Where_all_was_there_but_the_name_nothing_is_asked_for()
    {
        await using var storage = await NastyStorage.StartAsync(_bytes, request => request.Number == 1 ? new() { StallAfter = _bytes.Length - 1 } : new());
        await StopMidwayAsync(storage, () => DoneChunks() == 5);
        await File.WriteAllBytesAsync(PartialPath, _bytes, Cancel);
        var last = System.IO.Hashing.XxHash128.Hash(_bytes.AsSpan(5 * ChunkSize));
        await File.AppendAllTextAsync(JournalPath, $"5 {Convert.ToHexStringLower(last)}\n", Cancel);
        var before = storage.Requests.Count;

        var saved = await SaveAsync(storage);

        AssertRight();
        Assert.Equal((0, before), (saved.BytesFetched, storage.Requests.Count));
    }

    [Fact]
    public async Task An_address_that_is_refused_in_the_middle_is_asked_for_again()
    {
        await using var storage = await NastyStorage.StartAsync(_bytes, request =>
            request.Number == 1 ? new() { CutAfter = 5_000_000 } : new() { Status = request.Seen.Query.EndsWith("canary1", StringComparison.Ordinal) ? 403 : 0 });

        await SaveAsync(storage);

        AssertRight();
        Assert.Equal(2, storage.Api.Requests.Count);
        AssertSilentAboutSignature();
    }

    [Fact]
    public async Task An_address_that_is_about_to_end_is_replaced_before_anybody_refuses_it()
    {
        var clock = new TestClock();
        await using var storage = await NastyStorage.StartAsync(_bytes, request => request.Number == 1 ? new() { StallAfter = 5_000_000 } : new());
        storage.ExpiresAt = clock.GetUtcNow() + TimeSpan.FromSeconds(150);

        var saving = SaveAsync(storage, new() { Connections = 1 }, clock);
        await TestClient.UntilAsync(() => File.Exists(PartialPath) && new FileInfo(PartialPath).Length == 5_000_000);
        storage.ExpiresAt = clock.GetUtcNow() + TimeSpan.FromHours(2);
        clock.Advance(TimeSpan.FromSeconds(140));
        await saving;

        AssertRight();
        Assert.Equal(["?signature=canary1", "?signature=canary2"], storage.Requests.Select(request => request.Seen.Query));
    }

    [Fact]
    public async Task A_storage_that_refuses_every_address_is_an_error_without_the_signature()
    {
        await using var storage = await NastyStorage.StartAsync(_bytes, _ => new() { Status = 403 });

        var failure = await TestClient.FailsAsync(() => SaveAsync(storage));

        Assert.Equal((HttpStatusCode.Forbidden, "download_refused"), (failure.StatusCode, failure.Code));
        Assert.DoesNotContain("canary", failure.ToString(), StringComparison.Ordinal);
        AssertSilentAboutSignature();
        AssertNothing();
    }

    [Fact]
    public async Task A_storage_that_redirects_is_followed_without_the_key()
    {
        await using var storage = await NastyStorage.StartAsync(_bytes);
        await using var front = await NastyStorage.StartAsync(_bytes, _ => new() { Status = 302, Location = new Uri(storage.Files.Origin, "file?signature=canary9").AbsoluteUri });

        await SaveAsync(front);

        AssertRight();
        Each.Of(storage.Requests, request => Assert.DoesNotContain("Authorization", request.Seen.Headers.Keys));
        AssertSilentAboutSignature();
    }

    [Theory]
    [InlineData("http://storage.example.com/file")]
    [InlineData("ftp://127.0.0.1/file")]
    public async Task A_redirect_into_the_clear_is_not_followed(string location)
    {
        await using var storage = await NastyStorage.StartAsync(_bytes, _ => new() { Status = 307, Location = location });

        Assert.Equal("unexpected_redirect", (await TestClient.FailsAsync(() => SaveAsync(storage))).Code);

        AssertNothing();
    }

    [Fact]
    public async Task Where_there_is_no_room_nothing_is_asked_for()
    {
        await using var storage = await NastyStorage.StartAsync(_bytes);
        var huge = new Artifact { Id = "art_1", SizeBytes = long.MaxValue / 2 };
        using var client = storage.Api.Client();

        var failure = await Assert.ThrowsAsync<IOException>(() => client.SaveArtifactAsync(huge, FilePath, cancellationToken: Cancel));

        Assert.Contains("no room", failure.Message, StringComparison.Ordinal);
        Assert.Empty(storage.Api.Requests);
        AssertNothing();
    }

    [Fact]
    public async Task Progress_is_told_up_to_the_last_byte_and_begins_where_the_last_run_ended()
    {
        await using var storage = await NastyStorage.StartAsync(_bytes, request => request.Number == 1 ? new() { StallAfter = (2 * ChunkSize) + 1000 } : new());
        await StopMidwayAsync(storage, () => DoneChunks() == 2);
        var told = new Told();

        await SaveAsync(storage, new() { Progress = told });

        Assert.Equal(2 * ChunkSize, told.Values.First());
        Assert.Equal(_bytes.Length, told.Values.Max());
    }

    private int DoneChunks() => File.Exists(JournalPath) ? File.ReadAllLines(JournalPath).Length - 1 : 0;

    /// <summary>Cancels a download over one connection once it has come so far, as Ctrl+C does.</summary>
    private async Task StopMidwayAsync(NastyStorage storage, Func<bool> isFarEnough)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var saving = SaveAsync(storage, new() { Connections = 1 }, cancellationToken: stop.Token);
        await TestClient.UntilAsync(isFarEnough);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => saving);
        Assert.False(File.Exists(FilePath));
    }

    private async Task<SavedArtifact> SaveAsync(NastyStorage storage, ArtifactSaveOptions? options = null, TestClock? clock = null, CancellationToken? cancellationToken = null)
    {
        using var client = storage.Api.Client(clock);
        return await client.SaveArtifactAsync(storage.Artifact, FilePath, options, new() { Observer = _messages.Enqueue }, cancellationToken ?? Cancel);
    }

    private void AssertRight(byte[]? bytes = null)
    {
        Assert.True(File.ReadAllBytes(FilePath).AsSpan().SequenceEqual(bytes ?? _bytes), "The file is not the right one.");
        Assert.Equal(FilePath, Assert.Single(_folder.EnumerateFileSystemInfos()).FullName);
    }

    private void AssertNothing() => Assert.Empty(_folder.EnumerateFileSystemInfos());

    private void AssertSilentAboutSignature() => Assert.DoesNotContain(_messages, message => message.Text.Contains("canary", StringComparison.Ordinal));

    private sealed class Told : IProgress<long>
    {
        public ConcurrentQueue<long> Values { get; } = new();

        public void Report(long value) => Values.Enqueue(value);
    }
}
