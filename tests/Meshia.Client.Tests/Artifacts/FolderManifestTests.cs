namespace Meshia.Client.Tests;

/// <summary>A file that is there already is not fetched again; one that is another is not lost.</summary>
[Trait("Culture", "Dependent")]
public sealed class FolderManifestTests : IDisposable
{
    private static readonly byte[] _bytes = NastyStorage.MakeBytes(100_000);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("meshia-manifest-");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_was_saved_is_not_fetched_again_with_or_without_a_hash_of_the_service(bool hasHash)
    {
        await using var storage = await NastyStorage.StartAsync(_bytes, hasHash: hasHash);
        var first = await SaveAsync(storage);

        var again = await SaveAsync(storage);

        Assert.Equal((true, false), (first.Downloaded, again.Downloaded));
        Assert.Equal((first.Path, first.Sha256, ArtifactVerification.Manifest, 0, 0L), (again.Path, again.Sha256, again.Verified, again.Tries, again.BytesFetched));
        Assert.Single(storage.Requests);
        Assert.Single(storage.Api.Requests);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_file_that_was_only_touched_is_hashed_and_kept(bool hasHash)
    {
        await using var storage = await NastyStorage.StartAsync(_bytes, hasHash: hasHash);
        var first = await SaveAsync(storage);
        File.SetLastWriteTimeUtc(first.Path, DateTime.UtcNow.AddDays(-1));

        Assert.False((await SaveAsync(storage)).Downloaded);

        Assert.Single(storage.Requests);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_file_that_was_changed_and_kept_its_size_is_an_error_and_no_loss(bool hasHash)
    {
        await using var storage = await NastyStorage.StartAsync(_bytes, hasHash: hasHash);
        var path = (await SaveAsync(storage)).Path;
        var mine = (byte[])_bytes.Clone();
        mine[7] ^= 1;
        await File.WriteAllBytesAsync(path, mine, Cancel);

        var failure = await Assert.ThrowsAsync<IOException>(() => SaveAsync(storage));

        Assert.Contains(path, failure.Message, StringComparison.Ordinal);
        Assert.Equal(mine, await File.ReadAllBytesAsync(path, Cancel));
        Assert.True((await SaveAsync(storage, overwrite: true)).Downloaded);
        Assert.Equal(_bytes, await File.ReadAllBytesAsync(path, Cancel));
    }

    [Fact]
    public async Task What_the_manifest_says_does_not_count_where_the_service_has_other_bytes_now()
    {
        await using var storage = await NastyStorage.StartAsync(_bytes);
        await SaveAsync(storage);
        await using var changed = await NastyStorage.StartAsync(NastyStorage.MakeBytes(_bytes.Length, 2));

        await Assert.ThrowsAsync<IOException>(() => SaveAsync(changed));

        Assert.Empty(changed.Requests);
    }

    [Fact]
    public async Task Without_a_manifest_a_file_is_kept_by_its_hash_and_without_a_hash_it_is_an_error()
    {
        await using var storage = await NastyStorage.StartAsync(_bytes);
        await using var hashless = await NastyStorage.StartAsync(_bytes, hasHash: false);
        await SaveAsync(storage);
        File.Delete(Path.Combine(_folder.FullName, FolderManifest.FileName));

        Assert.Contains("no hash", (await Assert.ThrowsAsync<IOException>(() => SaveAsync(hashless))).Message, StringComparison.Ordinal);
        Assert.False((await SaveAsync(storage)).Downloaded);
        Assert.Single(storage.Requests);
        // It is in the manifest again.
        Assert.False((await SaveAsync(hashless)).Downloaded);
    }

    [Fact]
    public async Task A_run_that_dies_when_the_file_has_its_name_leaves_one_that_the_next_run_knows()
    {
        var path = Path.Combine(_folder.FullName, "model.bin");
        await using var storage = await NastyStorage.StartAsync(NastyStorage.MakeBytes(5_000_000), hasHash: false, behave: _ => new() { Before = File.WriteAllTextAsync(path, "in the way", Cancel) });
        await Assert.ThrowsAsync<IOException>(() => SaveAsync(storage));
        // Its last step before it dies, which the other file did not allow.
        File.Move(path + ".partial", path, overwrite: true);

        var next = await SaveAsync(storage);

        Assert.Equal((false, ArtifactVerification.Manifest), (next.Downloaded, next.Verified));
        Assert.Single(storage.Requests);
        Assert.Equal([FolderManifest.FileName, "model.bin"], _folder.EnumerateFileSystemInfos().Select(file => file.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Force_fetches_what_is_there()
    {
        await using var storage = await NastyStorage.StartAsync(_bytes);
        await SaveAsync(storage);

        Assert.True((await SaveAsync(storage, overwrite: true)).Downloaded);

        Assert.Equal(2, storage.Requests.Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData("not json\n{\"file\":\"model.bin\"}\n{\"file\":3,\"id\":[],\"length\":\"x\"}\n{\"file\":\"model.bin\",\"id\":\"art_1\",\"len")]
    [InlineData("{\"file\":\"../../evil\",\"id\":\"art_1\",\"name\":\"model.bin\",\"length\":1,\"modified\":\"2025-01-01T00:00:00Z\",\"sha256\":\"00\",\"verified\":\"Sha256\"}\n")]
    public async Task A_manifest_that_is_damaged_or_forged_leads_nowhere(string text)
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, FolderManifest.FileName), text, Cancel);
        await using var storage = await NastyStorage.StartAsync(_bytes);

        var saved = await SaveAsync(storage);

        Assert.Equal((Path.Combine(_folder.FullName, "model.bin"), true), (saved.Path, saved.Downloaded));
        Assert.False((await SaveAsync(storage)).Downloaded);
    }

    [Theory]
    [InlineData("Model.bin", "model.bin")]
    [InlineData("caf\u00e9", "cafe\u0301")]
    [InlineData("same", "same")]
    public void Names_that_a_file_system_may_take_for_one_are_kept_apart_in_the_next_run_too(string one, string other)
    {
        var (first, second) = (new Artifact { Id = "art_1", Name = one }, new Artifact { Id = "art_2", Name = other });
        var manifest = FolderManifest.Read(_folder.FullName);
        string[] paths = [manifest.PathFor(first), manifest.PathFor(second)];
        Assert.Equal([one, Path.GetFileName(ArtifactFileName.Distinct(other, "art_2"))], paths.Select(Path.GetFileName));
        Assert.Equal([one, other], paths.Select(path => manifest.NameOf(Path.GetFileName(path))));
        foreach (var (artifact, path) in new[] { first, second }.Zip(paths))
        {
            File.WriteAllText(path, "x");
            manifest.Remember(new() { ArtifactId = artifact.Id, Name = artifact.Name, Path = path, Length = 1, Sha256 = "00", Verified = ArtifactVerification.Size, Downloaded = true }, path);
        }

        // In the other order: each has its file.
        var next = FolderManifest.Read(_folder.FullName);
        Assert.Equal(paths.Reverse(), [next.PathFor(second), next.PathFor(first)]);
        // A file that is gone leaves its name to the other.
        File.Delete(paths[0]);
        Assert.Equal(paths[0], FolderManifest.Read(_folder.FullName).PathFor(new Artifact { Id = "art_3", Name = one }));
    }

    [Fact]
    public async Task A_file_that_was_changed_and_kept_its_size_and_time_is_not_called_hashed()
    {
        await using var storage = await NastyStorage.StartAsync(_bytes);
        var path = (await SaveAsync(storage)).Path;
        await ChangeAsync(path, File.GetLastWriteTimeUtc(path));

        Assert.Equal(ArtifactVerification.Manifest, (await SaveAsync(storage)).Verified);
        await Assert.ThrowsAsync<IOException>(() => SaveAsync(storage, verify: true));
    }

    [Theory]
    [InlineData(true, ArtifactVerification.Sha256)]
    [InlineData(false, ArtifactVerification.SizeAndETag)]
    public async Task On_request_a_file_is_hashed_again(bool hasHash, ArtifactVerification verified)
    {
        await using var storage = await NastyStorage.StartAsync(_bytes, hasHash: hasHash);
        await SaveAsync(storage);

        var again = await SaveAsync(storage, verify: true);

        Assert.Equal((verified, false), (again.Verified, again.Downloaded));
        // What was proved at first is not forgotten.
        Assert.Equal(ArtifactVerification.Manifest, (await SaveAsync(storage)).Verified);
        Assert.Equal(verified, (await SaveAsync(storage, verify: true)).Verified);
    }

    [Fact]
    public async Task Where_time_stamps_are_coarse_a_file_is_hashed_by_default()
    {
        await using var storage = await NastyStorage.StartAsync(_bytes);
        var path = (await SaveAsync(storage)).Path;
        // As on a file system that keeps whole seconds: the manifest learns of the time stamp.
        var whole = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(path, whole);
        Assert.Equal(ArtifactVerification.Sha256, (await SaveAsync(storage)).Verified);
        await ChangeAsync(path, whole);

        await Assert.ThrowsAsync<IOException>(() => SaveAsync(storage));
    }

    [Fact]
    public async Task A_manifest_of_a_newer_version_is_not_used_and_not_changed()
    {
        await using var storage = await NastyStorage.StartAsync(_bytes);
        var path = Path.Combine(_folder.FullName, FolderManifest.FileName);
        await File.WriteAllTextAsync(path, """{"version":2,"file":"model.bin","id":"art_1","length":1,"modified":"2025-01-01T00:00:00Z","sha256":"00","verified":"Sha256"}""" + "\n", Cancel);
        var before = await File.ReadAllTextAsync(path, Cancel);
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "model.bin"), "x", Cancel);

        Assert.Contains("newer version", FolderManifest.Read(_folder.FullName).Problem, StringComparison.Ordinal);
        await SaveAsync(storage, overwrite: true);

        Assert.Equal(before, await File.ReadAllTextAsync(path, Cancel));
    }

    private static async Task ChangeAsync(string path, DateTime modifiedAt)
    {
        var other = (byte[])_bytes.Clone();
        other[7] ^= 1;
        await File.WriteAllBytesAsync(path, other, Cancel);
        File.SetLastWriteTimeUtc(path, modifiedAt);
    }

    private async Task<SavedArtifact> SaveAsync(NastyStorage storage, bool overwrite = false, bool verify = false)
    {
        // Read anew each time, as each run of a script does.
        var manifest = FolderManifest.Read(_folder.FullName);
        using var client = storage.Api.Client();
        return await client.SaveArtifactAsync(storage.Artifact, manifest.PathFor(storage.Artifact), new() { Manifest = manifest, Overwrite = overwrite, Verify = verify }, cancellationToken: Cancel);
    }
}
