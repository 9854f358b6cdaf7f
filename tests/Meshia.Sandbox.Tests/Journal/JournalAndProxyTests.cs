using System.Text;
using System.Text.Json;

namespace Meshia.Sandbox.Tests.Journal;

/// <summary>The journal has what a proxy in front of the sandbox sees.</summary>
public class JournalAndProxyTests
{
    private const string Session = """{"name":"x","gpu":"a100"}""";

    [Fact]
    public async Task It_is_what_a_proxy_in_front_of_the_sandbox_logs()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        var (_, experiments) = await sandbox.CreateFinishedSessionAsync();
        var artifact = (await sandbox.GetAsync($"experiments/{experiments[0]}/artifacts")).GetProperty("artifacts")[0].GetProperty("id").GetString();
        var file = new Uri((await sandbox.GetAsync($"artifacts/{artifact}/download")).GetProperty("url").GetString()!);
        await Faults.FaultTests.AddAsync(sandbox, new { on = "POST /sessions", effect = "cut_after", skip = 3, count = 1 });
        await Faults.FaultTests.AddAsync(sandbox, new { on = "POST /sessions", effect = "cut_before", skip = 4, count = 1 });
        await Faults.FaultTests.AddAsync(sandbox, new { on = "GET /sessions", effect = "cut_body", skip = 8, count = 1 });
        await Faults.FaultTests.AddAsync(sandbox, new { on = "GET /sessions", effect = "cut_before", skip = 9, count = 1 });
        using (await sandbox.SendAsync(HttpMethod.Delete, "/sandbox/requests"))
        await using (var api = new RecordingProxy(sandbox.BaseUri))
        await using (var storage = new RecordingProxy(sandbox.StorageUri))
        {
            using (var handler = new SocketsHttpHandler { AllowAutoRedirect = false })
            using (var http = new HttpClient(handler) { BaseAddress = new(api.Address, "/api/v1/") })
            {
                await SendAsync(http, HttpMethod.Post, "sessions?a=1&b=%20c", Text(Session));
                await SendAsync(http, HttpMethod.Post, "sessions", Text(Session), request => request.Headers.TransferEncodingChunked = true);
                await SendAsync(http, HttpMethod.Post, "sessions", new ByteArrayContent([0xff, 0x00, 0xfe, .. "msh_canary_1"u8, 0x80]));
                await SendAsync(http, HttpMethod.Post, "sessions", Text(Session), isCut: true);
                await SendAsync(http, HttpMethod.Post, "sessions", Text(Session), isCut: true);
                await SendAsync(http, HttpMethod.Get, "sessions/s%2d%C3%BC%2Fx/%7e");
                await SendAsync(http, HttpMethod.Head, "sessions");
                await SendAsync(http, HttpMethod.Put, "sessions", Text("not read by anything"));
                await SendAsync(http, HttpMethod.Post, "nothing", new StreamContent(new MemoryStream(new byte[100_000])), request => request.Headers.TransferEncodingChunked = true);
                await SendAsync(http, HttpMethod.Post, "webhooks", Text("{}"), request => request.Headers.Authorization = null);
                await SendAsync(http, HttpMethod.Delete, "webhooks/none", null, request => request.Headers.Add("X-Many", ["a", "b, c"]));
                await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => SendAsync(http, HttpMethod.Get, "sessions")));
                await SendAsync(http, HttpMethod.Get, "sessions", isCut: true);
                await SendAsync(http, HttpMethod.Get, "sessions", isCut: true);
                // The page and what it asks for are no part of the API.
                await SendAsync(http, HttpMethod.Get, "/");
                await SendAsync(http, HttpMethod.Get, "/sandbox/clock");
                await SendAsync(http, HttpMethod.Get, new Uri(storage.Address, file.PathAndQuery).ToString(), null, request => request.Headers.Range = new(1, 5));
            }

            var logged = (await api.ExchangesAsync()).Where(exchange => exchange.Target.StartsWith("/api/v1/", StringComparison.Ordinal)).Concat(await storage.ExchangesAsync()).Select(Show);
            var entries = (await sandbox.GetAsync("/sandbox/requests")).GetProperty("requests").EnumerateArray().Select(Show);
            Assert.Equal(logged.Order(StringComparer.Ordinal), entries.Order(StringComparer.Ordinal));
            Assert.Equal(22, entries.Count());
        }
    }

    private static StringContent Text(string body) => new(body, Encoding.UTF8, "application/json");

    private static async Task SendAsync(HttpClient http, HttpMethod method, string path, HttpContent? body = null, Action<HttpRequestMessage>? change = null, bool isCut = false)
    {
        // As it stands here: an address is otherwise sent in its usual form.
        var uri = new Uri(path.StartsWith('/') ? $"{http.BaseAddress!.GetLeftPart(UriPartial.Authority)}{path}" : path.Contains("://", StringComparison.Ordinal) ? path : $"{http.BaseAddress}{path}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        using var request = new HttpRequestMessage(method, uri) { Content = body };
        request.Headers.Authorization = new("Bearer", TestSandbox.Key);
        change?.Invoke(request);
        try
        {
            using var response = await http.SendAsync(request, TestSandbox.Cancel);
            Assert.False(isCut);
        }
        catch (HttpRequestException)
        {
            Assert.True(isCut);
        }
    }

    private static string Show(Exchange exchange)
    {
        var isStorage = !exchange.Target.StartsWith("/api/v1/", StringComparison.Ordinal);
        var target = isStorage ? exchange.Target : exchange.Target["/api/v1".Length..];
        var query = target.IndexOf('?', StringComparison.Ordinal);
        if (exchange.Headers.ContainsKey("Authorization"))
            exchange.Headers["Authorization"] = "Bearer (redacted)";
        return string.Join('\n',
            isStorage ? "storage" : "api", exchange.Method, query < 0 ? target : target[..query], query < 0 ? "" : target[query..],
            Headers(exchange.Headers), Bytes(exchange.Body), $"{exchange.Status}", Headers(exchange.AnswerHeaders), isStorage ? "" : Bytes(exchange.AnswerBody),
            exchange.AnswerHeaders.GetValueOrDefault("X-Meshia-Sandbox-Fault"));
    }

    private static string Show(JsonElement entry) => string.Join('\n',
        entry.GetProperty("part").GetString(), entry.GetProperty("method").GetString(), entry.GetProperty("path").GetString(), entry.GetProperty("query").GetString(),
        Headers(entry.GetProperty("headers").Deserialize<Dictionary<string, string>>()!), Bytes(entry, "body"), $"{entry.GetProperty("status")}",
        Headers(entry.GetProperty("response_headers").Deserialize<Dictionary<string, string>>()!), Bytes(entry, "response_body"),
        entry.GetProperty("status").ValueKind == JsonValueKind.Null ? null : entry.GetProperty("fault").GetString());

    private static string Headers(Dictionary<string, string> headers) =>
        string.Join("; ", headers.Select(header => $"{header.Key.ToLowerInvariant()}={header.Value}").Order(StringComparer.Ordinal));

    /// <summary>The bytes, with the key in them left out.</summary>
    private static string Bytes(byte[] bytes) => Encoding.Latin1.GetString(bytes).Replace("msh_canary_1", "(redacted)", StringComparison.Ordinal);

    private static string Bytes(JsonElement entry, string name) => Encoding.Latin1.GetString(entry.GetProperty($"{name}_base64").GetString() is { } bytes
        ? Convert.FromBase64String(bytes)
        : Encoding.UTF8.GetBytes(entry.GetProperty(name).GetString()!));
}
