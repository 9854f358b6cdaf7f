using System.Collections.Concurrent;

namespace Meshia.Client.Tests;

/// <summary>Downloads that continue what an earlier run left.</summary>
public sealed class TransferResumeTests : TransferTest
{
    [Fact]
    public async Task The_next_run_fetches_what_is_missing_and_what_the_disk_has_damaged_and_no_more()
    {
        await using var storage = await NastyStorage.StartAsync(Bytes, request => request.Number == 1 ? new() { StallAfter = (4 * ChunkSize) + 1000 } : new());
        await StopMidwayAsync(storage, () => DoneChunks() == 4);
        await using (var partial = File.OpenWrite(PartialPath))
        {
            partial.Position = ChunkSize + 17;
            partial.WriteByte((byte)~Bytes[ChunkSize + 17]);
        }

        var saved = await SaveAsync(storage);

        AssertRight();
        Assert.True(saved.Resumed);
        Assert.Equal(Bytes.Length - (3 * ChunkSize), saved.BytesFetched);
        Assert.Contains(Messages.Warnings(), warning => warning.Contains($"damaged at byte {ChunkSize}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_was_done_is_not_fetched_again_and_without_a_hash_the_ETag_must_be_the_same()
    {
        await using var storage = await NastyStorage.StartAsync(Bytes, request => request.Number == 1 ? new() { StallAfter = (2 * ChunkSize) + 1000 } : new(), hasHash: false);
        await StopMidwayAsync(storage, () => DoneChunks() == 2);

        var saved = await SaveAsync(storage);

        AssertRight();
        Assert.Equal((true, Bytes.Length - (2 * ChunkSize), ArtifactVerification.SizeAndETag), (saved.Resumed, saved.BytesFetched, saved.Verified));
        Each.Of(storage.Requests.Skip(1), request => Assert.Equal("\"one\"", request.Seen.Headers["If-Range"]));
    }

    [Fact]
    public async Task A_file_that_changed_since_the_last_run_starts_over_and_says_so()
    {
        var other = NastyStorage.MakeBytes(Bytes.Length, 2);
        await using var storage = await NastyStorage.StartAsync(
            Bytes,
            request => request.Number == 1 ? new() { StallAfter = (2 * ChunkSize) + 1000 } : new() { Bytes = other, ETag = "\"two\"" },
            hasHash: false);
        await StopMidwayAsync(storage, () => DoneChunks() == 2);

        var saved = await SaveAsync(storage);

        AssertRight(other);
        Assert.False(saved.Resumed);
        Assert.Contains(Messages.Warnings(), warning => warning.Contains("starts over", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("not json\n")]
    [InlineData("")]
    [InlineData("""{"version":1,"artifact":"art_1","length":5}""" + "\n0 00\n")]
    [InlineData("""{"version":1,"artifact":"art_2","length":LENGTH,"chunk":4194304,"sha256":"HASH","etag":"\"one\""}""" + "\n0 00\n")]
    [InlineData("""{"version":1,"artifact":"art_1","length":LENGTH,"chunk":4194304,"sha256":"HASH","etag":"\"one\""}""" + "\n0 00\n99 00\n-1 00\nx\n1 0")]
    public async Task A_journal_that_is_of_otherBytes_or_of_none_does_no_harm(string journal)
    {
        await using var storage = await NastyStorage.StartAsync(Bytes);
        await File.WriteAllBytesAsync(PartialPath, new byte[Bytes.Length], Cancel);
        await File.WriteAllTextAsync(JournalPath, journal.Replace("LENGTH", $"{Bytes.Length}", StringComparison.Ordinal).Replace("HASH", storage.Artifact.Sha256, StringComparison.Ordinal), Cancel);

        await SaveAsync(storage);

        AssertRight();
    }

    [Fact]
    public async Task A_journal_of_a_newer_version_is_refused_and_left_as_it_is()
    {
        const string journal = """{"version":2,"what":"nobody knows yet"}""" + "\n";
        await using var storage = await NastyStorage.StartAsync(Bytes);
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
        await using var storage = await NastyStorage.StartAsync(Bytes, request => request.Number == 1 ? new() { StallAfter = (2 * ChunkSize) + 1000 } : new());
        await StopMidwayAsync(storage, () => DoneChunks() == 2);
        await using var other = await NastyStorage.StartAsync(NastyStorage.MakeBytes(Bytes.Length, 9));

        var saved = await SaveAsync(other);

        Assert.Equal((false, Bytes.Length), (saved.Resumed, saved.BytesFetched));
        Assert.Contains(Messages.Warnings(), warning => warning.Contains("is of another version of the file", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Where_all_was_there_but_the_name_nothing_is_asked_for()
    {
        await using var storage = await NastyStorage.StartAsync(Bytes, request => request.Number == 1 ? new() { StallAfter = Bytes.Length - 1 } : new());
        await StopMidwayAsync(storage, () => DoneChunks() == 5);
        await File.WriteAllBytesAsync(PartialPath, Bytes, Cancel);
        var last = System.IO.Hashing.XxHash128.Hash(Bytes.AsSpan(5 * ChunkSize));
        await File.AppendAllTextAsync(JournalPath, $"5 {Convert.ToHexStringLower(last)}\n", Cancel);
        var before = storage.Requests.Count;

        var saved = await SaveAsync(storage);

        AssertRight();
        Assert.Equal((0, before), (saved.BytesFetched, storage.Requests.Count));
    }

    [Fact]
    public async Task Progress_is_told_up_to_the_last_byte_and_begins_where_the_last_run_ended()
    {
        await using var storage = await NastyStorage.StartAsync(Bytes, request => request.Number == 1 ? new() { StallAfter = (2 * ChunkSize) + 1000 } : new());
        await StopMidwayAsync(storage, () => DoneChunks() == 2);
        var told = new Told();

        await SaveAsync(storage, new() { Progress = told });

        Assert.Equal(2 * ChunkSize, told.Values.First());
        Assert.Equal(Bytes.Length, told.Values.Max());
    }

    private sealed class Told : IProgress<long>
    {
        public ConcurrentQueue<long> Values { get; } = new();

        public void Report(long value) => Values.Enqueue(value);
    }
}
