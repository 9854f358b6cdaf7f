using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Xml.Linq;

namespace Meshia.Sandbox.Tests.Artifacts;

public sealed class StorageTests : IDisposable
{
    private const int Size = 200_000;

    private readonly HttpClient _client = new();

    public void Dispose() => _client.Dispose();

    internal static async Task<Uri> SignedUrlAsync(TestSandbox sandbox, JsonElement artifact) =>
        new((await sandbox.GetAsync($"artifacts/{artifact.GetProperty("id").GetString()}/download")).GetProperty("url").GetString()!);

    [Fact]
    [Trait("Contract", "artifact-download")]
    [Trait("Contract", "signed-url-host")]
    public async Task The_signed_url_is_on_another_origin_and_valid_for_an_hour()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        var artifact = await AddAsync(sandbox);
        var answer = await sandbox.GetAsync($"artifacts/{artifact.GetProperty("id").GetString()}/download");
        Assert.Equal(["url", "expires_at"], answer.EnumerateObject().Select(member => member.Name));
        Assert.Equal(sandbox.Time.GetUtcNow() + TimeSpan.FromHours(1), answer.GetProperty("expires_at").GetDateTimeOffset());
        var url = new Uri(answer.GetProperty("url").GetString()!);
        Assert.Equal(sandbox.StorageUri.Authority, url.Authority);
        Assert.NotEqual(sandbox.BaseUri.Authority, url.Authority);

        sandbox.Time.Advance(TimeSpan.FromMinutes(60) - TimeSpan.FromMilliseconds(1));
        using (var response = await _client.GetAsync(url, TestSandbox.Cancel))
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        sandbox.Time.Advance(TimeSpan.FromMilliseconds(1));
        await AssertErrorAsync(new(HttpMethod.Get, url), HttpStatusCode.Forbidden, "AccessDenied");
    }

    [Fact]
    [Trait("Contract", "signed-url-host")]
    public async Task A_url_that_was_tampered_with_is_refused()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        var url = (await SignedUrlAsync(sandbox, await AddAsync(sandbox))).ToString();
        var other = (await AddAsync(sandbox)).GetProperty("id").GetString();
        var expires = url.Split("expires=")[1].Split('&')[0];
        foreach (var tampered in new[]
        {
            url + "0",
            url[..^1],
            url.Split('?')[0],
            url.Split("&signature")[0],
            url.Replace(expires, "9999999999", StringComparison.Ordinal),
            url.Replace(url.Split("/artifacts/")[1].Split('?')[0], other, StringComparison.Ordinal),
        })
        {
            await AssertErrorAsync(new(HttpMethod.Get, tampered), HttpStatusCode.Forbidden, "SignatureDoesNotMatch");
        }
    }

    [Fact]
    public async Task A_request_that_carries_the_key_is_refused()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        var request = new HttpRequestMessage(HttpMethod.Get, await SignedUrlAsync(sandbox, await AddAsync(sandbox)));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", TestSandbox.Key);
        await AssertErrorAsync(request, HttpStatusCode.BadRequest, "InvalidArgument");
    }

    [Fact]
    public async Task It_serves_nothing_else_and_takes_nothing()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        var url = await SignedUrlAsync(sandbox, await AddAsync(sandbox));
        await AssertErrorAsync(new(HttpMethod.Get, sandbox.StorageUri), HttpStatusCode.NotFound, "NoSuchKey");
        await AssertErrorAsync(new(HttpMethod.Get, new Uri(sandbox.StorageUri, "/api/v1/sessions")), HttpStatusCode.NotFound, "NoSuchKey");
        await AssertErrorAsync(new(HttpMethod.Put, url), HttpStatusCode.MethodNotAllowed, "MethodNotAllowed");
        // Nor does the API serve what is the storage's.
        await sandbox.AssertErrorAsync(HttpMethod.Get, url.PathAndQuery, null, HttpStatusCode.NotFound, "not_found", "/artifacts/");
    }

    [Theory]
    [Trait("Contract", "signed-url-host")]
    [InlineData("bytes=0-0", 0, 0)]
    [InlineData("bytes=17-65600", 17, 65_600)]
    [InlineData("bytes=65537-", 65_537, Size - 1)]
    [InlineData("bytes=-100", Size - 100, Size - 1)]
    [InlineData("bytes=199999-500000", Size - 1, Size - 1)]
    public async Task A_range_is_the_same_bytes_as_in_the_whole(string range, int from, int to)
    {
        await using var sandbox = await TestSandbox.StartAsync();
        var url = await SignedUrlAsync(sandbox, await AddAsync(sandbox));
        var whole = await _client.GetByteArrayAsync(url, TestSandbox.Cancel);
        using var response = await GetAsync(url, ("Range", range));
        Assert.Equal(HttpStatusCode.PartialContent, response.StatusCode);
        Assert.Equal($"bytes {from}-{to}/{Size}", response.Content.Headers.ContentRange?.ToString());
        Assert.Equal(whole[from..(to + 1)], await response.Content.ReadAsByteArrayAsync(TestSandbox.Cancel));
    }

    [Fact]
    public async Task A_range_beyond_the_end_answers_416()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        using var response = await GetAsync(await SignedUrlAsync(sandbox, await AddAsync(sandbox)), ("Range", $"bytes={Size}-"));
        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, response.StatusCode);
        Assert.Equal($"bytes */{Size}", response.Content.Headers.ContentRange?.ToString());
    }

    [Fact]
    public async Task If_range_resumes_only_what_has_not_changed()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        var artifact = await AddAsync(sandbox);
        var url = await SignedUrlAsync(sandbox, artifact);
        using var first = await GetAsync(url);
        var etag = first.Headers.ETag!.ToString();
        Assert.Equal($"\"{artifact.GetProperty("sha256").GetString()}\"", etag);
        Assert.Equal("bytes", Assert.Single(first.Headers.AcceptRanges));

        using var same = await GetAsync(url, ("Range", "bytes=100-"), ("If-Range", etag));
        Assert.Equal(HttpStatusCode.PartialContent, same.StatusCode);
        using var changed = await GetAsync(url, ("Range", "bytes=100-"), ("If-Range", "\"other\""));
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
        Assert.Equal(Size, changed.Content.Headers.ContentLength);
        using var known = await GetAsync(url, ("If-None-Match", etag));
        Assert.Equal(HttpStatusCode.NotModified, known.StatusCode);
    }

    [Fact]
    public async Task Head_tells_the_size()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Head, await SignedUrlAsync(sandbox, await AddAsync(sandbox)));
        using var response = await _client.SendAsync(request, TestSandbox.Cancel);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(Size, response.Content.Headers.ContentLength);
        Assert.NotNull(response.Headers.ETag);
    }

    private static async Task<JsonElement> AddAsync(TestSandbox sandbox)
    {
        var (_, ids) = await sandbox.CreateFinishedSessionAsync();
        return await sandbox.PostAsync("/sandbox/artifacts", new { experiment_id = ids[0], name = "x.bin", size_bytes = Size });
    }

    private async Task<HttpResponseMessage> GetAsync(Uri url, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return await _client.SendAsync(request, TestSandbox.Cancel);
    }

    private async Task AssertErrorAsync(HttpRequestMessage request, HttpStatusCode status, string code)
    {
        using (request)
        {
            using var response = await _client.SendAsync(request, TestSandbox.Cancel);
            Assert.Equal(status, response.StatusCode);
            Assert.NotEmpty(response.Headers.GetValues("X-Request-Id"));
            Assert.Equal("application/xml", response.Content.Headers.ContentType?.MediaType);
            var error = XElement.Parse(await response.Content.ReadAsStringAsync(TestSandbox.Cancel));
            Assert.Equal(("Error", code), (error.Name.LocalName, error.Element("Code")?.Value));
        }
    }
}
