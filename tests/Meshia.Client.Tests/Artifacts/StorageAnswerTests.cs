using System.Collections.Concurrent;
using System.IO.Compression;
using System.Security.Cryptography;

namespace Meshia.Client.Tests;

/// <summary>Storage hosts differ in what they say about the bytes: what can be right is taken, what cannot is refused by name.</summary>
public sealed class StorageAnswerTests : IDisposable
{
    private const int ChunkSize = 4 * 1024 * 1024;

    private static readonly byte[] _bytes = NastyStorage.MakeBytes((5 * ChunkSize) + 1234);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("meshia-answers-");
    private readonly ConcurrentQueue<ClientMessage> _messages = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static MatrixTheoryData<string, bool, bool> Encodings => new(["gzip", "deflate", "br"], [false, true], [false, true]);

    public static MatrixTheoryData<string, int> Addresses => new(["a%2Db%7Ec%41%e2%98%83", "a%2fb/../c", "plain", "a//b"], [200, 302]);

    private string FilePath => Path.Combine(_folder.FullName, "model.bin");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Status_200_with_a_Content_Range_is_a_part(bool hasHash)
    {
        await using var storage = await NastyStorage.StartAsync(_bytes, request => new() { HasStatus200ForParts = true, CutAfter = request.Number == 1 ? 3_000_000 : long.MaxValue }, hasHash: hasHash);

        var saved = await SaveAsync(storage, storage.Artifact);

        AssertRight();
        Assert.Equal(_bytes.Length, saved.BytesFetched);
    }

    [Fact]
    public async Task With_a_hash_a_new_ETag_at_each_answer_does_not_matter()
    {
        await using var storage = await NastyStorage.StartAsync(_bytes, request => new() { ETag = $"\"{request.Number % 3}\"", CutAfter = 3_000_000 });

        var saved = await SaveAsync(storage, storage.Artifact);

        AssertRight();
        Assert.Equal((ArtifactVerification.Sha256, _bytes.Length), (saved.Verified, saved.BytesFetched));
    }

    [Theory]
    [InlineData("HEX")]
    [InlineData("sha256:hex")]
    [InlineData("SHA256:HEX")]
    [InlineData("sha-256=base64")]
    [InlineData("sha256-base64")]
    [InlineData("base64")]
    [InlineData("base64url")]
    [InlineData(" hex ")]
    public async Task Every_form_of_a_hash_is_read(string form)
    {
        var hash = SHA256.HashData(_bytes);
        var base64 = Convert.ToBase64String(hash);
        var text = form.Replace("base64url", base64.TrimEnd('=').Replace('+', '-').Replace('/', '_'), StringComparison.Ordinal)
            .Replace("base64", base64, StringComparison.Ordinal)
            .Replace("hex", Convert.ToHexStringLower(hash), StringComparison.Ordinal)
            .Replace("HEX", Convert.ToHexString(hash), StringComparison.Ordinal);
        await using var storage = await NastyStorage.StartAsync(_bytes);

        var artifact = await ListedAsync($$"""{"id":"art_1","name":"model.bin","size_bytes":{{_bytes.Length}},"sha256":"{{text}}"}""");

        Assert.Equal(Convert.ToHexStringLower(hash), artifact.Sha256);
        Assert.Equal(ArtifactVerification.Sha256, (await SaveAsync(storage, artifact)).Verified);
    }

    [Theory]
    [InlineData("md5:00112233445566778899aabbccddeeff")]
    [InlineData("?")]
    public async Task A_hash_that_nobody_can_read_is_said_and_is_no_proof(string text)
    {
        await using var storage = await NastyStorage.StartAsync(_bytes);
        var artifact = await ListedAsync($$"""{"id":"art_1","name":"model.bin","size_bytes":{{_bytes.Length}},"sha256":"{{text}}"}""");

        var saved = await SaveAsync(storage, artifact);

        Assert.Equal(ArtifactVerification.SizeAndETag, saved.Verified);
        Assert.Contains(_messages.Warnings(), warning => warning.Contains(text, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(-9000)]
    public async Task A_negative_size_is_an_unknown_size(int size)
    {
        await using var storage = await NastyStorage.StartAsync(_bytes);

        var artifact = await ListedAsync($$"""{"id":"art_1","name":"model.bin","size_bytes":{{size}}}""");
        await SaveAsync(storage, artifact);

        Assert.Null(artifact.SizeBytes);
        AssertRight();
    }

    [Theory]
    [MemberData(nameof(Encodings))]
    public async Task A_compressed_answer_is_decoded(string encoding, bool hasHash, bool hasSize)
    {
        await using var storage = await NastyStorage.StartAsync(
            _bytes,
            request => new() { Bytes = Compressed(_bytes, encoding), Encoding = encoding, CutAfter = request.Number == 1 ? 3_000_000 : long.MaxValue },
            hasHash: hasHash,
            hasSize: hasSize);

        await SaveAsync(storage, storage.Artifact);

        AssertRight();
    }

    [Fact]
    public async Task An_encoding_that_is_unknown_is_refused_by_name()
    {
        await using var storage = await NastyStorage.StartAsync(_bytes, _ => new() { Encoding = "zstd" }, hasHash: false, hasSize: false);

        var failure = await TestClient.FailsAsync(() => SaveAsync(storage, storage.Artifact));

        Assert.Contains("zstd", failure.Message, StringComparison.Ordinal);
        Assert.Empty(_folder.EnumerateFileSystemInfos());
    }

    [Fact]
    public async Task An_archive_that_is_called_encoded_is_kept_as_it_is_where_its_hash_says_so()
    {
        var archive = Compressed(_bytes, "gzip");
        await using var storage = await NastyStorage.StartAsync(archive, _ => new() { Encoding = "gzip" });

        await SaveAsync(storage, storage.Artifact);

        Assert.Equal(archive, await File.ReadAllBytesAsync(FilePath, Cancel));
    }

    [Fact]
    public async Task Nobody_asks_the_storage_for_compressed_bytes()
    {
        await using var storage = await NastyStorage.StartAsync(_bytes);

        await SaveAsync(storage, storage.Artifact);

        Each.Of(storage.Requests, request => Assert.Equal("identity", request.Seen.Headers["Accept-Encoding"]));
    }

    [Fact]
    public async Task A_web_page_in_place_of_an_announced_type_is_refused()
    {
        var page = "<html>Sign in</html>"u8.ToArray();
        await using var storage = await NastyStorage.StartAsync(page, _ => new() { ContentType = "text/html; charset=utf-8" });

        var failure = await TestClient.FailsAsync(() => SaveAsync(storage, new Artifact { Id = "art_1", Name = "model.safetensors", ContentType = "application/octet-stream" }));

        Assert.Contains("text/html", failure.Message, StringComparison.Ordinal);
        Assert.Empty(_folder.EnumerateFileSystemInfos());
    }

    [Theory]
    [InlineData("model.safetensors", null, true)]
    [InlineData("report.html", null, false)]
    [InlineData("report", "text/html", false)]
    public async Task A_web_page_where_nothing_is_announced_is_a_warning(string name, string? type, bool warns)
    {
        var page = "<html>Sign in</html>"u8.ToArray();
        await using var storage = await NastyStorage.StartAsync(page, _ => new() { ContentType = "text/html" });

        await SaveAsync(storage, new Artifact { Id = "art_1", Name = name, ContentType = type });

        Assert.Equal(warns, _messages.Warnings().Any(warning => warning.Contains("text/html", StringComparison.Ordinal)));
    }

    [Theory]
    [MemberData(nameof(Addresses))]
    public async Task A_signed_address_is_sent_byte_for_byte(string path, int status)
    {
        const string query = "?sig=a%2Bb%2d%7E%41%e2%98%83%20+c%3d=&X=~'()*!";
        await using var files = await ScriptedService.StartAsync(_ => new Reply(200, "hello", "application/octet-stream"));
        var url = $"{files.Origin}{path}{query}";
        await using var api = await ScriptedService.StartAsync(_ => status == 200 ? Reply.Ok($$"""{"url":"{{url}}"}""") : new Reply(status).With("Location", url));
        using var client = api.Client();

        await client.SaveArtifactAsync(new Artifact { Id = "art_1" }, FilePath, cancellationToken: Cancel);

        var asked = Assert.Single(files.Requests);
        Assert.Equal($"/{path}{query}", asked.Path + asked.Query);
    }

    [Fact]
    public async Task What_no_address_may_hold_is_escaped()
    {
        await using var files = await ScriptedService.StartAsync(_ => new Reply(200, "hello", "application/octet-stream"));
        await using var api = await ScriptedService.StartAsync(_ => Reply.Ok($$"""{"url":"{{files.Origin}}a b/\u2603?x= y#part"}"""));
        using var client = api.Client();

        await client.SaveArtifactAsync(new Artifact { Id = "art_1" }, FilePath, cancellationToken: Cancel);

        var asked = Assert.Single(files.Requests);
        Assert.Equal("/a%20b/%E2%98%83?x=%20y", asked.Path + asked.Query);
    }

    private static byte[] Compressed(byte[] bytes, string encoding)
    {
        using var compressed = new MemoryStream();
        using (Stream stream = encoding switch
        {
            "gzip" => new GZipStream(compressed, CompressionLevel.Fastest),
            "deflate" => new ZLibStream(compressed, CompressionLevel.Fastest),
            _ => new BrotliStream(compressed, CompressionLevel.Fastest),
        })
            stream.Write(bytes);
        return compressed.ToArray();
    }

    private static async Task<Artifact> ListedAsync(string json)
    {
        await using var list = await ScriptedService.StartAsync(Reply.Ok($"[{json}]"));
        using var client = list.Client();
        return Assert.Single(await client.GetArtifactsAsync("exp_1", cancellationToken: Cancel).AllAsync());
    }

    private async Task<SavedArtifact> SaveAsync(NastyStorage storage, Artifact artifact)
    {
        using var client = storage.Api.Client();
        return await client.SaveArtifactAsync(artifact, FilePath, null, new() { Observer = _messages.Enqueue }, Cancel);
    }

    private void AssertRight()
    {
        Assert.True(File.ReadAllBytes(FilePath).AsSpan().SequenceEqual(_bytes), "The file is not the right one.");
        Assert.Equal(FilePath, Assert.Single(_folder.EnumerateFileSystemInfos()).FullName);
    }
}
