using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Meshia.Sandbox.Tests.Artifacts;

[Trait("Culture", "Dependent")]
public class ArtifactTests
{
    [Fact]
    [Trait("Contract", "list-artifacts")]
    [Trait("Contract", "artifact-object")]
    public async Task They_are_listed_with_the_documented_shape()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        var (_, ids) = await sandbox.CreateFinishedSessionAsync();
        var list = await sandbox.GetAsync($"experiments/{ids[0]}/artifacts");
        Assert.Equal("artifacts", Assert.Single(list.EnumerateObject()).Name);
        var artifact = list.GetProperty("artifacts")[1];
        Assert.Equal(
            ["id", "experiment_id", "name", "size_bytes", "content_type", "sha256", "created_at"],
            artifact.EnumerateObject().Select(member => member.Name));
        Assert.Matches("^art_[0-9a-f]{16}$", artifact.GetProperty("id").GetString());
        Assert.Equal(ids[0], artifact.GetProperty("experiment_id").GetString());
        Assert.Equal("application/json", artifact.GetProperty("content_type").GetString());
    }

    [Fact]
    public async Task Each_downloads_to_the_size_and_the_hash_it_is_listed_with()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        var (_, ids) = await sandbox.CreateFinishedSessionAsync();
        foreach (var artifact in (await sandbox.GetAsync($"experiments/{ids[0]}/artifacts")).GetProperty("artifacts").EnumerateArray())
        {
            var bytes = await DownloadAsync(sandbox, artifact);
            Assert.Equal(artifact.GetProperty("size_bytes").GetInt64(), bytes.Length);
            Assert.InRange(bytes.Length, 100, 1_100_000);
            Assert.Equal(artifact.GetProperty("sha256").GetString(), Convert.ToHexStringLower(SHA256.HashData(bytes)));
        }
    }

    [Fact]
    public async Task They_are_what_their_names_say()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        var (_, ids) = await sandbox.CreateFinishedSessionAsync();
        var experiment = await sandbox.GetAsync($"experiments/{ids[0]}");
        var artifacts = experiment.GetProperty("artifacts");

        var checkpoint = await DownloadAsync(sandbox, artifacts[0]);
        var headerLength = (int)BitConverter.ToInt64(checkpoint);
        var tensor = JsonDocument.Parse(checkpoint.AsMemory(8, headerLength)).RootElement.GetProperty("lora_weight");
        Assert.Equal(checkpoint.Length - 8 - headerLength, tensor.GetProperty("data_offsets")[1].GetInt32());
        Assert.Equal(experiment.GetProperty("metrics").GetRawText(), Encoding.UTF8.GetString(await DownloadAsync(sandbox, artifacts[1])));
        Assert.StartsWith("step    1 loss ", Encoding.UTF8.GetString(await DownloadAsync(sandbox, artifacts[2])), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("ünï/数据 🚀.bin")]
    [InlineData("CON:\"<>|?*\r\n.txt")]
    public async Task One_of_any_name_can_be_added(string name)
    {
        await using var sandbox = await TestSandbox.StartAsync();
        var (_, ids) = await sandbox.CreateFinishedSessionAsync();
        var artifact = await sandbox.PostAsync("/sandbox/artifacts", new { experiment_id = ids[2], name, size_bytes = 70_001 });
        Assert.Equal(name, artifact.GetProperty("name").GetString());
        var listed = Assert.Single((await sandbox.GetAsync($"experiments/{ids[2]}")).GetProperty("artifacts").EnumerateArray());
        Assert.Equal(artifact.GetRawText(), listed.GetRawText());

        var bytes = await DownloadAsync(sandbox, artifact);
        Assert.Equal(70_001, bytes.Length);
        Assert.Equal(artifact.GetProperty("sha256").GetString(), Convert.ToHexStringLower(SHA256.HashData(bytes)));
    }

    [Fact]
    [Trait("Contract", "artifact-size")]
    public async Task One_may_be_empty_or_two_gigabytes_but_no_more()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        var (_, ids) = await sandbox.CreateFinishedSessionAsync();
        var empty = await sandbox.PostAsync("/sandbox/artifacts", new { experiment_id = ids[0], name = "empty", size_bytes = 0 });
        Assert.Empty(await DownloadAsync(sandbox, empty));

        const long Max = 2L * 1024 * 1024 * 1024;
        var largest = await sandbox.PostAsync("/sandbox/artifacts", new { experiment_id = ids[0], name = "largest", size_bytes = Max });
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, await StorageTests.SignedUrlAsync(sandbox, largest));
        request.Headers.Range = new(Max - 10, null);
        using var response = await client.SendAsync(request, TestSandbox.Cancel);
        Assert.Equal(Max, response.Content.Headers.ContentRange?.Length);
        Assert.Equal(10, (await response.Content.ReadAsByteArrayAsync(TestSandbox.Cancel)).Length);

        foreach (var size in new[] { Max + 1, -1 })
        {
            await sandbox.AssertErrorAsync(
                HttpMethod.Post, "/sandbox/artifacts", JsonSerializer.Serialize(new { experiment_id = ids[0], name = "x", size_bytes = size }),
                HttpStatusCode.BadRequest, "invalid_request", "'size_bytes'");
        }
    }

    [Fact]
    public async Task The_same_seed_gives_the_same_bytes()
    {
        var hashes = new List<string?>();
        foreach (var seed in new[] { 1, 1, 2 })
        {
            await using var sandbox = await TestSandbox.StartAsync(TestSandbox.Options with { Seed = seed });
            var (_, ids) = await sandbox.CreateFinishedSessionAsync();
            var artifact = await sandbox.PostAsync("/sandbox/artifacts", new { experiment_id = ids[0], name = "x", size_bytes = 1000 });
            hashes.Add(artifact.GetProperty("sha256").GetString());
        }

        Assert.Equal(hashes[0], hashes[1]);
        Assert.NotEqual(hashes[0], hashes[2]);
    }

    private static async Task<byte[]> DownloadAsync(TestSandbox sandbox, JsonElement artifact)
    {
        using var client = new HttpClient();
        return await client.GetByteArrayAsync(await StorageTests.SignedUrlAsync(sandbox, artifact), TestSandbox.Cancel);
    }
}
