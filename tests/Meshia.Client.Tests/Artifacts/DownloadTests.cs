using System.Globalization;
using System.Net;
using System.Security.Cryptography;

namespace Meshia.Client.Tests;

/// <summary>Every fault of a storage host ends in the right file or in a clear error, and never in a wrong file under the final name.</summary>
public sealed class DownloadTests : IDisposable
{
    private static readonly byte[] _bytes = MakeBytes(3_000_000, 1);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("meshia-download-");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string FilePath => Path.Combine(_folder.FullName, "model.bin");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    [Trait("Contract", "artifact-object")]
    [Trait("Contract", "signed-url-host")]
    public async Task A_file_arrives_whole_and_the_key_goes_to_the_API_alone()
    {
        await using var storage = await Storage.StartAsync(_bytes);

        var saved = await storage.SaveAsync(FilePath);

        Assert.Equal(_bytes, await File.ReadAllBytesAsync(FilePath, Cancel));
        Assert.Equal((FilePath, _bytes.Length, ArtifactVerification.Sha256, true), (saved.Path, saved.Length, saved.Verified, saved.Downloaded));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(_bytes)), saved.Sha256);
        Each.Of(storage.Files.Requests, request => Assert.False(request.Headers.ContainsKey("Authorization")));
        Each.Of(storage.Api.Requests, request => Assert.True(request.Headers.ContainsKey("Authorization")));
        AssertNothingElseIsLeft();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(131_072)]
    public async Task A_file_of_any_size_arrives_whole(int size)
    {
        var bytes = MakeBytes(size, 2);
        await using var storage = await Storage.StartAsync(bytes);

        await storage.SaveAsync(FilePath);

        Assert.Equal(bytes, await File.ReadAllBytesAsync(FilePath, Cancel));
        AssertNothingElseIsLeft();
    }

    [Fact]
    public async Task A_connection_that_is_cut_again_and_again_is_continued_where_it_broke()
    {
        await using var storage = await Storage.StartAsync(_bytes, cutAfter: 400_000);

        await storage.SaveAsync(FilePath);

        Assert.Equal(_bytes, await File.ReadAllBytesAsync(FilePath, Cancel));
        Assert.InRange(storage.Files.Requests.Count, 7, 30);
        Each.Of(storage.Files.Requests.Skip(1), request => Assert.StartsWith("bytes=", request.Headers["Range"], StringComparison.Ordinal));
        Each.Of(storage.Files.Requests.Skip(1), request => Assert.Equal("\"one\"", request.Headers["If-Range"]));
        AssertNothingElseIsLeft();
    }

    [Fact]
    public async Task A_host_that_ignores_ranges_gives_it_all_again()
    {
        await using var storage = await Storage.StartAsync(_bytes, cutAfter: 400_000, cuts: 1, ignoresRanges: true);

        await storage.SaveAsync(FilePath);

        Assert.Equal(_bytes, await File.ReadAllBytesAsync(FilePath, Cancel));
        Assert.Equal(2, storage.Files.Requests.Count);
    }

    [Fact]
    public async Task Bytes_of_two_versions_are_never_mixed()
    {
        var other = MakeBytes(_bytes.Length, 3);
        await using var storage = await Storage.StartAsync(_bytes, cutAfter: 400_000, cuts: 1, then: other, announced: other);

        await storage.SaveAsync(FilePath);

        Assert.Equal(other, await File.ReadAllBytesAsync(FilePath, Cancel));
    }

    [Fact]
    public async Task An_address_that_has_expired_is_asked_for_again_in_the_middle_too()
    {
        await using var storage = await Storage.StartAsync(_bytes, cutAfter: 1_000_000, usesOfAnAddress: 1);

        await storage.SaveAsync(FilePath);

        Assert.Equal(_bytes, await File.ReadAllBytesAsync(FilePath, Cancel));
        Assert.InRange(storage.Api.Requests.Count, 3, 30);
    }

    [Theory]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(416)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task A_host_that_only_refuses_ends_in_an_error_and_leaves_nothing(int status)
    {
        await using var storage = await Storage.StartAsync(_bytes, status: status);

        var failure = await TestClient.FailsAsync(() => storage.SaveAsync(FilePath));

        Assert.Equal((HttpStatusCode)status, failure.StatusCode);
        Assert.DoesNotContain("signature", failure.ToString(), StringComparison.Ordinal);
        Assert.Empty(_folder.EnumerateFileSystemInfos());
    }

    [Fact]
    public async Task Bytes_of_the_right_number_that_are_wrong_are_not_kept()
    {
        var damaged = (byte[])_bytes.Clone();
        damaged[1_234_567] ^= 1;
        await using var storage = await Storage.StartAsync(damaged, announced: _bytes);

        var failure = await TestClient.FailsAsync(() => storage.SaveAsync(FilePath));

        Assert.Equal((MeshiaFailure.Corrupted, "artifact_corrupted"), (failure.Failure, failure.Code));
        Assert.Empty(_folder.EnumerateFileSystemInfos());
    }

    [Fact]
    public async Task Fewer_bytes_than_announced_are_not_kept()
    {
        await using var storage = await Storage.StartAsync(_bytes[..^1], announced: _bytes);

        Assert.Equal(MeshiaFailure.Corrupted, (await TestClient.FailsAsync(() => storage.SaveAsync(FilePath))).Failure);
        Assert.Empty(_folder.EnumerateFileSystemInfos());
    }

    [Fact]
    public async Task A_failure_leaves_the_old_file_as_it_was()
    {
        await File.WriteAllTextAsync(FilePath, "old", Cancel);
        await using var storage = await Storage.StartAsync(_bytes[..^1], announced: _bytes);

        await TestClient.FailsAsync(() => storage.SaveAsync(FilePath, overwrite: true));

        Assert.Equal("old", await File.ReadAllTextAsync(FilePath, Cancel));
        AssertNothingElseIsLeft();
    }

    [Fact]
    public async Task Another_file_of_that_name_is_not_overwritten_unless_asked_for()
    {
        await File.WriteAllTextAsync(FilePath, "mine", Cancel);
        await using var storage = await Storage.StartAsync(_bytes);

        var failure = await Assert.ThrowsAsync<IOException>(() => storage.SaveAsync(FilePath));
        Assert.Contains(FilePath, failure.Message, StringComparison.Ordinal);
        Assert.Equal("mine", await File.ReadAllTextAsync(FilePath, Cancel));

        await storage.SaveAsync(FilePath, overwrite: true);
        Assert.Equal(_bytes, await File.ReadAllBytesAsync(FilePath, Cancel));
    }

    [Fact]
    public async Task A_file_that_is_there_already_is_not_fetched()
    {
        await File.WriteAllBytesAsync(FilePath, _bytes, Cancel);
        await using var storage = await Storage.StartAsync(_bytes);

        var saved = await storage.SaveAsync(FilePath);

        Assert.False(saved.Downloaded);
        Assert.Empty(storage.Files.Requests);
        Assert.Empty(storage.Api.Requests);
    }

    [Fact]
    public async Task Killed_between_its_naming_and_the_end_of_its_journal_the_next_run_clears_it_up()
    {
        await using var storage = await Storage.StartAsync(_bytes);
        await File.WriteAllBytesAsync(FilePath, _bytes, Cancel);
        await File.WriteAllTextAsync(FilePath + ".partial.journal", "{}\n", Cancel);

        Assert.False((await storage.SaveAsync(FilePath)).Downloaded);

        AssertNothingElseIsLeft();
    }

    [Fact]
    [Trait("Contract", "artifact-size")]
    public async Task A_size_of_two_gigabytes_is_read()
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok("""[{"id":"art_1","experiment_id":"exp_1","name":"a","size_bytes":2147483648}]"""));
        using var client = service.Client();

        Assert.Equal(2_147_483_648, Assert.Single(await client.GetArtifactsAsync("exp_1", cancellationToken: Cancel).AllAsync()).SizeBytes);
    }

    private static byte[] MakeBytes(int count, int seed)
    {
        var bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private void AssertNothingElseIsLeft() => Assert.Equal(FilePath, Assert.Single(_folder.EnumerateFileSystemInfos()).FullName);

    /// <summary>An API that gives addresses, and a storage host of another origin that misbehaves as told.</summary>
    private sealed class Storage : IAsyncDisposable
    {
        private byte[] _announced = [];

        public required ScriptedService Api { get; init; }

        public required ScriptedService Files { get; init; }

        public static async Task<Storage> StartAsync(byte[] bytes, byte[]? announced = null, int cutAfter = int.MaxValue, int cuts = int.MaxValue, bool ignoresRanges = false, byte[]? then = null, int usesOfAnAddress = int.MaxValue, int status = 200)
        {
            var served = new System.Collections.Concurrent.ConcurrentDictionary<string, int>();
            var requests = 0;
            var files = await ScriptedService.StartAsync(async (request, context) =>
            {
                var response = context.Response;
                var number = Interlocked.Increment(ref requests);
                if (status != 200)
                {
                    response.StatusCode = status;
                    return;
                }

                if (request.Headers.ContainsKey("Authorization"))
                {
                    response.StatusCode = 400;
                    return;
                }

                if (served.AddOrUpdate(request.Query, 1, (_, times) => times + 1) > usesOfAnAddress)
                {
                    response.StatusCode = 403;
                    return;
                }

                var (content, tag) = number > 1 && then is not null ? (then, "\"two\"") : (bytes, "\"one\"");
                var from = 0;
                var isSame = !request.Headers.TryGetValue("If-Range", out var known) || known == tag;
                if (!ignoresRanges && isSame && request.Headers.TryGetValue("Range", out var range))
                {
                    from = int.Parse(range["bytes=".Length..].Split('-')[0], CultureInfo.InvariantCulture);
                    response.StatusCode = 206;
                    response.Headers.ContentRange = $"bytes {from}-{content.Length - 1}/{content.Length}";
                }

                response.Headers.ETag = tag;
                response.ContentLength = content.Length - from;
                var isCut = number <= cuts && content.Length - from > cutAfter;
                await response.Body.WriteAsync(content.AsMemory(from, isCut ? cutAfter : content.Length - from), context.RequestAborted);
                if (isCut)
                {
                    await response.Body.FlushAsync(context.RequestAborted);
                    context.Abort();
                }
            });
            var addresses = 0;
            var api = await ScriptedService.StartAsync(_ => Reply.Ok($$"""{"url":"{{files.Origin}}a?signature={{Interlocked.Increment(ref addresses)}}"}"""));
            return new() { Api = api, Files = files, _announced = announced ?? bytes };
        }

        public async Task<SavedArtifact> SaveAsync(string path, bool overwrite = false)
        {
            await using var list = await ScriptedService.StartAsync(Reply.Ok($$"""[{"id":"art_1","experiment_id":"exp_1","name":"model.bin","size_bytes":{{_announced.Length}},"sha256":"{{Convert.ToHexStringLower(SHA256.HashData(_announced))}}"}]"""));
            using var lister = list.Client();
            var artifact = Assert.Single(await lister.GetArtifactsAsync("exp_1", cancellationToken: Cancel).AllAsync());
            using var client = Api.Client();
            return await client.SaveArtifactAsync(artifact, path, new() { Overwrite = overwrite }, cancellationToken: Cancel);
        }

        public async ValueTask DisposeAsync()
        {
            await Api.DisposeAsync();
            await Files.DisposeAsync();
        }
    }
}
