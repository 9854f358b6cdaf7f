using System.Security.Cryptography;

namespace Meshia.Client.Tests;

/// <summary>Artifacts that change or are damaged while they are downloaded.</summary>
public sealed class TransferDamageTests : TransferTest
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_file_that_changes_midway_is_fetched_anew(bool hasHash)
    {
        var other = NastyStorage.MakeBytes(Bytes.Length, 2);
        await using var storage = await NastyStorage.StartAsync(
            Bytes,
            request => request.Number <= 2 ? new() { CutAfter = 3_000_000 } : new() { Bytes = other, ETag = "\"two\"" },
            announced: other,
            hasHash);

        var saved = await SaveAsync(storage);

        AssertRight(other);
        Assert.Equal(hasHash ? ArtifactVerification.Sha256 : ArtifactVerification.SizeAndETag, saved.Verified);
        Assert.Contains(Messages.Warnings(), warning => warning.Contains(hasHash ? "starts over: Artifact art_1 is damaged" : "starts over: Artifact art_1 changed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_file_that_changes_all_the_time_is_an_error()
    {
        await using var storage = await NastyStorage.StartAsync(Bytes, request => new() { ETag = $"\"{request.Number}\"", CutAfter = 1_000_000 }, hasHash: false);

        var failure = await TestClient.FailsAsync(() => SaveAsync(storage));

        Assert.Equal("artifact_changed", failure.Code);
        AssertNothing();
    }

    [Fact]
    public async Task Without_ETag_and_hash_two_answers_are_never_put_together()
    {
        var other = NastyStorage.MakeBytes(Bytes.Length, 2);
        await using var storage = await NastyStorage.StartAsync(
            Bytes,
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
        await using var storage = await NastyStorage.StartAsync(Bytes, request => new() { Shift = request.From == 0 ? 0 : 7, CutAfter = 5_000_000 }, hasHash: false);

        var failure = await TestClient.FailsAsync(() => SaveAsync(storage));

        Assert.Equal("download_invalid", failure.Code);
        Assert.False(File.Exists(FilePath));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public async Task Another_length_than_announced_is_an_error_at_once(int more)
    {
        await using var storage = await NastyStorage.StartAsync(NastyStorage.MakeBytes(Bytes.Length + more), announced: Bytes);

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
        var bytes = Bytes[..size];
        await using var storage = await NastyStorage.StartAsync(bytes, _ => new() { HidesLength = true, IgnoresRanges = true }, hasHash: false, hasSize: false);

        var saved = await SaveAsync(storage);

        AssertRight(bytes);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(bytes)), saved.Sha256);
    }

    [Fact]
    public async Task Damage_on_the_way_that_keeps_the_size_is_found_and_fetched_anew()
    {
        var damaged = (byte[])Bytes.Clone();
        damaged[^5] ^= 1;
        await using var storage = await NastyStorage.StartAsync(Bytes, request => new() { Bytes = request.Number == 1 ? damaged : null });

        await SaveAsync(storage, new() { Connections = 1 });

        AssertRight();
        Assert.Contains(Messages.Warnings(), warning => warning.Contains("SHA-256", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Damage_that_stays_is_an_error_and_leaves_nothing()
    {
        var damaged = (byte[])Bytes.Clone();
        damaged[ChunkSize] ^= 1;
        await using var storage = await NastyStorage.StartAsync(damaged, announced: Bytes);

        var failure = await TestClient.FailsAsync(() => SaveAsync(storage, new() { Connections = 1 }));

        Assert.Equal((MeshiaFailure.Corrupted, "artifact_corrupted", 2), (failure.Failure, failure.Code, storage.Requests.Count));
        AssertNothing();
    }
}
