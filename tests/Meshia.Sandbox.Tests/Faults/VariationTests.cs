using System.Net;
using System.Text.Json;

namespace Meshia.Sandbox.Tests.Faults;

/// <summary>With <c>Vary</c>, every form that the contract assumes comes sooner or later.</summary>
public class VariationTests
{
    [Fact]
    [Trait("Contract", "list-forms")]
    public async Task Every_form_of_a_list_comes()
    {
        var forms = new HashSet<string>();
        await using var sandbox = await StartAsync();
        for (var i = 0; i < 60; i++)
        {
            var root = await sandbox.GetAsync("sessions");
            forms.Add(root.ValueKind == JsonValueKind.Array ? "array" : root.EnumerateObject().First().Name);
        }

        Assert.Equal(["array", "data", "items", "sessions"], forms.Order());
    }

    [Fact]
    [Trait("Contract", "session-stop")]
    public async Task Every_form_of_a_stop_comes_and_it_stops()
    {
        var forms = new HashSet<(HttpStatusCode, bool)>();
        await using var sandbox = await StartAsync();
        for (var i = 0; i < 60; i++)
        {
            using var response = await sandbox.SendAsync(HttpMethod.Post, $"sessions/{await CreateAsync(sandbox)}/stop", "");
            forms.Add((response.StatusCode, (await response.Content.ReadAsStringAsync(TestSandbox.Cancel)).Length == 0));
        }

        Assert.Equal([(HttpStatusCode.OK, false), (HttpStatusCode.OK, true), (HttpStatusCode.Accepted, true), (HttpStatusCode.NoContent, true)], forms.Order());
    }

    [Fact]
    [Trait("Contract", "signed-url-forms")]
    public async Task Every_form_of_a_signed_address_comes()
    {
        var forms = new HashSet<string>();
        await using var sandbox = await TestSandbox.StartAsync();
        var (_, ids) = await sandbox.CreateFinishedSessionAsync();
        var artifact = (await sandbox.GetAsync($"experiments/{ids[0]}")).GetProperty("artifacts")[0].GetProperty("id").GetString();
        await FaultTests.AddAsync(sandbox, new { on = "*", effect = "vary" });
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
        client.DefaultRequestHeaders.Authorization = sandbox.Http.DefaultRequestHeaders.Authorization;
        for (var i = 0; i < 120; i++)
        {
            using var response = await client.GetAsync($"{sandbox.BaseUri}/artifacts/{artifact}/download", TestSandbox.Cancel);
            var text = await response.Content.ReadAsStringAsync(TestSandbox.Cancel);
            forms.Add((int)response.StatusCode != 200 ? $"{(int)response.StatusCode}"
                : response.Content.Headers.ContentType!.MediaType == "text/plain" ? "text"
                : TestSandbox.Parse(text) is { ValueKind: JsonValueKind.Object } members ? members.EnumerateObject().First().Name
                : "string");
            Assert.Contains("signature=", response.Headers.Location?.OriginalString ?? text, StringComparison.Ordinal);
        }

        Assert.Equal(["302", "303", "307", "download_url", "signed_url", "string", "text", "url"], forms.Order());
    }

    [Fact]
    [Trait("Contract", "error-others")]
    public async Task Errors_come_in_other_forms()
    {
        var forms = new HashSet<string>();
        await using var sandbox = await StartAsync();
        for (var i = 0; i < 60; i++)
        {
            using var response = await sandbox.SendAsync(HttpMethod.Get, "sessions/sess_none");
            Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
            var text = await response.Content.ReadAsStringAsync(TestSandbox.Cancel);
            forms.Add(text.Length == 0 ? "empty" : text[..Math.Min(9, text.Length)] is var begin && begin == "{\"error\":" ? text.EndsWith("}}", StringComparison.Ordinal) ? "documented" : "cut" : begin);
        }

        Assert.Equal(["<html><bo", "cut", "documented", "empty", "{\"message"], forms.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_same_seed_chooses_the_same()
    {
        var texts = new List<string>();
        for (var i = 0; i < 2; i++)
        {
            await using var sandbox = await StartAsync();
            var text = "";
            for (var look = 0; look < 20; look++)
            {
                await CreateAsync(sandbox);
                text += (await sandbox.GetAsync("sessions")).GetRawText();
            }

            texts.Add(text);
        }

        Assert.Equal(texts[0], texts[1]);
    }

    private static async Task<TestSandbox> StartAsync()
    {
        var sandbox = await TestSandbox.StartAsync(TestSandbox.Options with { Provisioning = TimeSpan.FromHours(1) });
        await FaultTests.AddAsync(sandbox, new { on = "*", effect = "vary" });
        return sandbox;
    }

    private static async Task<string> CreateAsync(TestSandbox sandbox)
    {
        var session = await sandbox.PostAsync("sessions", new { name = "x", gpu = "a100" });
        return (session.TryGetProperty("session", out var wrapped) ? wrapped : session).GetProperty("id").GetString()!;
    }
}
