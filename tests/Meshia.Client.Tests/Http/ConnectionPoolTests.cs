namespace Meshia.Client.Tests;

public class ConnectionPoolTests
{
    [Fact]
    public async Task A_cookie_is_not_sent_back()
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok("""{"id":"sess_1"}""").With("Set-Cookie", "account=canary; Path=/"));
        using var client = service.Client();

        for (var call = 0; call < 2; call++)
            await client.GetSessionAsync("sess_1", cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(2, service.Requests.Count);
        Each.Of(service.Requests, request => Assert.DoesNotContain("Cookie", request.Headers.Keys));
    }
}
