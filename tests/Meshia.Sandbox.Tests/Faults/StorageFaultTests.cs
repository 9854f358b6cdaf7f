using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Meshia.Sandbox.Tests.Artifacts;

namespace Meshia.Sandbox.Tests.Faults;

public sealed class StorageFaultTests : IDisposable
{
    private const int Size = 300_000;

    private readonly HttpClient _client = new();

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task CutBody_cuts_in_the_middle_and_the_rest_can_be_had()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        var (url, _, whole) = await ArtifactAsync(sandbox);
        await FaultTests.AddAsync(sandbox, new { on = "storage", effect = "cut_body", count = 1 });
        using var response = await _client.GetAsync(url, HttpCompletionOption.ResponseHeadersRead, TestSandbox.Cancel);
        await using var stream = await response.Content.ReadAsStreamAsync(TestSandbox.Cancel);
        using var begun = new MemoryStream();
        await Assert.ThrowsAnyAsync<IOException>(() => stream.CopyToAsync(begun, TestSandbox.Cancel));
        // What was still on its way when the connection was cut is lost too.
        Assert.InRange(begun.Length, 1, Size / 2);
        Assert.Equal(whole, begun.ToArray().Concat(await RangeAsync(url, begun.Length)).ToArray());
    }

    [Fact]
    public async Task Corrupt_changes_one_bit_and_the_same_one_each_time()
    {
        var places = new List<int>();
        for (var i = 0; i < 2; i++)
        {
            await using var sandbox = await TestSandbox.StartAsync();
            var (url, _, whole) = await ArtifactAsync(sandbox);
            await FaultTests.AddAsync(sandbox, new { on = "storage GET", effect = "corrupt" });
            var spoilt = await _client.GetByteArrayAsync(url, TestSandbox.Cancel);
            places.Add(Assert.Single(Enumerable.Range(0, Size), place => spoilt[place] != whole[place]));
        }

        Assert.Equal(places[0], places[1]);
    }

    [Fact]
    public async Task IgnoreRange_answers_with_the_whole()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        var (url, _, _) = await ArtifactAsync(sandbox);
        await FaultTests.AddAsync(sandbox, new { on = "storage", effect = "ignore_range" });
        using var request = new HttpRequestMessage(HttpMethod.Get, url) { Headers = { Range = new RangeHeaderValue(100, 199) } };
        using var response = await _client.SendAsync(request, TestSandbox.Cancel);
        Assert.Equal((HttpStatusCode.OK, (long?)Size), (response.StatusCode, response.Content.Headers.ContentLength));
    }

    [Fact]
    public async Task Expire_ends_the_address_midway_and_a_new_one_works()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        var (url, artifact, whole) = await ArtifactAsync(sandbox);
        await FaultTests.AddAsync(sandbox, new { on = "storage", effect = "expire", count = 1 });
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => _client.GetByteArrayAsync(url, TestSandbox.Cancel));
        using (var again = await _client.GetAsync(url, TestSandbox.Cancel))
            Assert.Equal(HttpStatusCode.Forbidden, again.StatusCode);
        Assert.Equal(whole, await _client.GetByteArrayAsync(await StorageTests.SignedUrlAsync(sandbox, artifact), TestSandbox.Cancel));
    }

    [Theory]
    [InlineData("status", 503)]
    [InlineData("throttle", 429)]
    [InlineData("html", 502)]
    public async Task The_storage_can_fail(string effect, int status)
    {
        await using var sandbox = await TestSandbox.StartAsync();
        var (url, _, _) = await ArtifactAsync(sandbox);
        var id = await FaultTests.AddAsync(sandbox, new { on = "storage", effect });
        using var response = await _client.GetAsync(url, TestSandbox.Cancel);
        Assert.Equal(status, (int)response.StatusCode);
        Assert.StartsWith($"{id} ", response.Headers.GetValues("X-Meshia-Sandbox-Fault").Single(), StringComparison.Ordinal);
    }

    private async Task<(Uri Url, JsonElement Artifact, byte[] Whole)> ArtifactAsync(TestSandbox sandbox)
    {
        var (_, ids) = await sandbox.CreateFinishedSessionAsync();
        var artifact = await sandbox.PostAsync("/sandbox/artifacts", new { experiment_id = ids[0], name = "x.bin", size_bytes = Size });
        var url = await StorageTests.SignedUrlAsync(sandbox, artifact);
        return (url, artifact, await _client.GetByteArrayAsync(url, TestSandbox.Cancel));
    }

    private async Task<byte[]> RangeAsync(Uri url, long from)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url) { Headers = { Range = new RangeHeaderValue(from, null) } };
        using var response = await _client.SendAsync(request, TestSandbox.Cancel);
        Assert.Equal(HttpStatusCode.PartialContent, response.StatusCode);
        return await response.Content.ReadAsByteArrayAsync(TestSandbox.Cancel);
    }
}
