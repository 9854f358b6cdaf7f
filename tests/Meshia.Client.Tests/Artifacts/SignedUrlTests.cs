namespace Meshia.Client.Tests;

[Trait("Culture", "Dependent")]
public sealed class SignedUrlTests
{
    private const string Url = "http://127.0.0.1:9/files/a?signature=canary";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<int, string, string?> Forms => new()
    {
        { 200, $$"""{"url":"{{Url}}","expires_at":"2025-06-01T13:00:00Z"}""", "application/json" },
        { 200, $$"""{"download_url":"{{Url}}","expires_at":1748782800}""", "application/json" },
        { 200, $$"""{"signed_url":"{{Url}}","expires_at":"2025-06-01T13:00:00+00:00"}""", "application/json" },
        { 200, """{"data":{"url":"URL","expires_at":"2025-06-01T13:00:00Z"}}""".Replace("URL", Url, StringComparison.Ordinal), "application/json" },
        { 200, $"\"{Url}\"", "application/json" },
        { 200, $"{Url}\n", "text/plain" },
        { 302, "", null },
        { 303, "", null },
        { 307, "<html>", "text/html" },
    };

    [Theory]
    [Trait("Contract", "artifact-download")]
    [Trait("Contract", "signed-url-forms")]
    [MemberData(nameof(Forms))]
    public async Task Every_form_of_it_is_read_and_none_is_followed_with_the_key(int status, string body, string? contentType)
    {
        await using var service = await ScriptedService.StartAsync(new Reply(status, body, contentType).With("Location", Url));
        using var client = service.Client();

        var url = await client.GetArtifactDownloadAsync("art_1", cancellationToken: Cancel);

        Assert.Equal(Url, url.Uri.AbsoluteUri);
        Assert.Equal(body.Contains("expires_at", StringComparison.Ordinal) ? new DateTimeOffset(2025, 6, 1, 13, 0, 0, TimeSpan.Zero) : null, url.ExpiresAt);
        Assert.Equal("GET /artifacts/art_1/download", Assert.Single(service.Requests).Endpoint);
        Assert.DoesNotContain("canary", url.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("{\"url\":\"\"}")]
    [InlineData("{\"url\":\"relative\"}")]
    [InlineData("{\"url\":\"http://elsewhere.example/a\"}")]
    [InlineData("{\"url\":\"file:///etc/passwd\"}")]
    [InlineData("<html>")]
    [InlineData("")]
    public async Task What_is_none_is_a_clear_error(string body)
    {
        await using var service = await ScriptedService.StartAsync(new Reply(200, body).With("X-Request-Id", "req_42"));
        using var client = service.Client();

        var failure = await TestClient.FailsAsync(() => client.GetArtifactDownloadAsync("art_1", cancellationToken: Cancel));

        Assert.Equal(MeshiaFailure.InvalidAnswer, failure.Failure);
        Assert.Contains("req_42", failure.Message, StringComparison.Ordinal);
    }
}
