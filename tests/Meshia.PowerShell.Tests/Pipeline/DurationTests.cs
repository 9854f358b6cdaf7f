namespace Meshia.PowerShell.Tests;

/// <summary>Times as people type them. PowerShell reads 1d and 90s as numbers with a suffix: 1 and 90.</summary>
[Trait("Culture", "Dependent")]
public sealed class DurationTests
{
    [Theory]
    [InlineData("90s", 90)]
    [InlineData("90S", 90)]
    [InlineData("'90s'", 90)]
    [InlineData("30m", 30 * 60)]
    [InlineData("2h", 2 * 3600)]
    [InlineData("1d", 24 * 3600)]
    [InlineData("1D", 24 * 3600)]
    [InlineData("1h30m", 90 * 60)]
    [InlineData("02:00:00", 2 * 3600)]
    [InlineData("([timespan]::FromDays(1))", 24 * 3600)]
    public async Task A_time_is_taken_as_it_is_typed(string typed, int seconds)
    {
        var (now, limit, margin) = (DateTimeOffset.UtcNow, TimeSpan.FromSeconds(seconds), TimeSpan.FromSeconds(60));
        await using var service = await ScriptedService.StartAsync(_ => Reply.Ok(SessionJson.List(
            [SessionJson.Of("younger", createdAt: now - limit + margin), SessionJson.Of("older", createdAt: now - limit - margin)])));
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);

        Assert.Equal(["older"], session.Output($"(Get-MeshiaSession -OlderThan {typed}).Id").Select(id => id.BaseObject));
    }

    [Theory]
    [InlineData("Get-MeshiaSession -OlderThan 2")]
    [InlineData("Get-MeshiaSession -OlderThan '2'")]
    [InlineData("Get-MeshiaSession -OlderThan 1.5")]
    [InlineData("Get-MeshiaSession -OlderThan 5ul")]
    [InlineData("$number = 90s; Get-MeshiaSession -OlderThan $number")]
    [InlineData("Test-MeshiaWebhookSignature -Body '' -Signature x -Secret x -MaximumAge 600")]
    [InlineData("Receive-MeshiaWebhook http://localhost:0 -MaximumAge 600")]
    public async Task A_bare_number_is_refused_with_the_valid_forms(string command)
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok("""{"sessions":[]}"""));
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);

        var result = session.Invoke(command);

        Assert.Contains("is not a time. Valid values: 90s, 30m, 2h, 1d", result.Error.ToString(), StringComparison.Ordinal);
        Assert.Empty(service.Requests);
    }

    [Fact]
    public void An_age_is_taken_as_it_is_typed()
    {
        using var session = new ModuleSession();

        var refused = session.Invoke("Test-MeshiaWebhookSignature -Body '{}' -Signature 'sha256=00' -Secret 'q7w8e9r0t1' -MaximumAge 0s");
        var taken = session.Invoke("Test-MeshiaWebhookSignature -Body '{}' -Signature 'sha256=00' -Secret 'q7w8e9r0t1' -MaximumAge 1d");

        Assert.Contains("less than a second", refused.Error.ToString(), StringComparison.Ordinal);
        Assert.False((bool)taken.Output.Single().BaseObject);
    }
}
