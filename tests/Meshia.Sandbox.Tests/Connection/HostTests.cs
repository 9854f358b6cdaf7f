using System.Net;

namespace Meshia.Sandbox.Tests.Connection;

public class HostTests
{
    [Theory]
    [InlineData("evil.example", null, null, HttpStatusCode.MisdirectedRequest)]
    [InlineData("evil.example:80", null, null, HttpStatusCode.MisdirectedRequest)]
    [InlineData("10.0.0.7", null, null, HttpStatusCode.MisdirectedRequest)]
    [InlineData("127.0.0.1.evil.example", null, null, HttpStatusCode.MisdirectedRequest)]
    [InlineData(null, "https://evil.example", null, HttpStatusCode.Forbidden)]
    [InlineData(null, "null", null, HttpStatusCode.Forbidden)]
    [InlineData(null, "http://127.0.0.1:1", null, HttpStatusCode.Forbidden)]
    [InlineData(null, null, "cross-site", HttpStatusCode.Forbidden)]
    public async Task A_page_from_elsewhere_is_kept_out(string? host, string? origin, string? site, HttpStatusCode status)
    {
        await using var sandbox = await TestSandbox.StartAsync();
        foreach (var path in new[] { "sessions", "/sandbox/faults", "/health" })
        {
            foreach (var method in new[] { HttpMethod.Get, HttpMethod.Post })
            {
                using var response = await SendAsync(sandbox, method, new(sandbox.BaseUri, path == "sessions" ? "/api/v1/sessions" : path), host, origin, site);
                Assert.Equal((path, method, status), (path, method, response.StatusCode));
            }
        }

        using var stored = await SendAsync(sandbox, HttpMethod.Get, new(sandbox.StorageUri, "/artifacts/x"), host, origin, site);
        Assert.Equal(status, stored.StatusCode);
        Assert.Empty((await sandbox.GetAsync("sessions")).GetProperty("sessions").EnumerateArray());
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("[::1]")]
    [InlineData("localhost")]
    public async Task Both_loopback_addresses_answer(string host)
    {
        if (host == "[::1]" && !System.Net.Sockets.Socket.OSSupportsIPv6)
            Assert.Skip("This machine has no IPv6.");
        await using var sandbox = await TestSandbox.StartAsync();
        foreach (var uri in new[] { new UriBuilder(sandbox.BaseUri) { Host = host, Path = "/api/v1/sessions" }.Uri, new UriBuilder(sandbox.BaseUri) { Host = host, Path = "/health" }.Uri })
        {
            using var response = await SendAsync(sandbox, HttpMethod.Get, uri, null, null, null);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
    }

    [Fact]
    public async Task A_page_of_its_own_may_use_it()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        var origin = sandbox.BaseUri.GetLeftPart(UriPartial.Authority);
        using var response = await SendAsync(sandbox, HttpMethod.Get, new(sandbox.BaseUri, "/sandbox/faults"), null, origin, "same-origin");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task A_host_that_is_not_this_machine_is_an_error()
    {
        var refused = await Assert.ThrowsAsync<IOException>(() => TestSandbox.StartAsync(TestSandbox.Options with { Host = "no-such-host.invalid" }));
        Assert.Contains("no-such-host.invalid", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Asked_for_it_listens_on_all_addresses()
    {
        await using var sandbox = await TestSandbox.StartAsync(TestSandbox.Options with { Host = "0.0.0.0" });
        using var response = await SendAsync(sandbox, HttpMethod.Get, new UriBuilder(sandbox.BaseUri) { Host = "127.0.0.1", Path = "/health" }.Uri, "192.0.2.1", null, null);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    private static async Task<HttpResponseMessage> SendAsync(TestSandbox sandbox, HttpMethod method, Uri uri, string? host, string? origin, string? site)
    {
        using var request = new HttpRequestMessage(method, uri);
        request.Headers.Host = host;
        if (origin is not null)
            request.Headers.Add("Origin", origin);
        if (site is not null)
            request.Headers.Add("Sec-Fetch-Site", site);
        return await sandbox.Http.SendAsync(request, TestSandbox.Cancel);
    }
}
