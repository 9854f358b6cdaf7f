using System.Net;
using System.Net.Http.Headers;

namespace Meshia.Sandbox.Tests.Connection;

public class AuthenticationTests
{
    public static TheoryData<string> WrongHeaders => ["", "Bearer msh_other", "Bearer", "Bearer ", $"Basic {TestSandbox.Key}", TestSandbox.Key, $"Bearer {TestSandbox.Key}x"];

    [Theory]
    [Trait("Contract", "authorization")]
    [Trait("Contract", "error-statuses")]
    [MemberData(nameof(WrongHeaders))]
    public async Task A_request_without_the_key_gets_401(string header)
    {
        await using var sandbox = await TestSandbox.StartAsync();
        sandbox.Http.DefaultRequestHeaders.Authorization = null;
        if (header.Length > 0)
            sandbox.Http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", header);
        foreach (var path in new[] { "sessions", "nowhere", "/sandbox/deliveries" })
            await sandbox.AssertErrorAsync(HttpMethod.Get, path, null, HttpStatusCode.Unauthorized, "unauthorized", "");
    }

    [Fact]
    public async Task The_scheme_is_case_insensitive()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        sandbox.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("bearer", TestSandbox.Key);
        await sandbox.GetAsync("sessions");
    }
}
