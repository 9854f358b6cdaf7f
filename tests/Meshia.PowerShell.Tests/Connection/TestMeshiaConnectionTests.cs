namespace Meshia.PowerShell.Tests;

public sealed class TestMeshiaConnectionTests
{
    [Fact]
    public async Task Reports_a_service_that_takes_the_key()
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok("""{"sessions":[]}""").With("X-RateLimit-Remaining", "41"));
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);

        var test = Assert.Single(session.Output("Test-MeshiaConnection"));

        Assert.Equal(true, test.Properties["IsReachable"].Value);
        Assert.Equal(true, test.Properties["IsAuthenticated"].Value);
        Assert.Equal(service.BaseUri, test.Properties["BaseUri"].Value);
        Assert.Equal(41, test.Properties["RequestsLeft"].Value);
        Assert.True(Assert.IsType<TimeSpan>(test.Properties["Latency"].Value) > TimeSpan.Zero);
        Assert.Null(test.Properties["Error"].Value);
        Assert.Single(service.Requests);
    }

    [Fact]
    public async Task Counts_the_requests_if_the_service_does_not()
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok("""{"sessions":[]}"""));
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);

        var left = session.Output("Get-MeshiaSession; (Test-MeshiaConnection).RequestsLeft; (Test-MeshiaConnection).RequestsLeft").Select(item => item.BaseObject);

        Assert.Equal([58, 57], left);
    }

    [Fact]
    public async Task A_refused_key_is_a_result_and_no_error()
    {
        await using var service = await ScriptedService.StartAsync(Reply.Error(401, "unauthorized", "The key was revoked."));
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);

        var test = Assert.Single(session.Output("Test-MeshiaConnection"));
        var quiet = Assert.Single(session.Output("Test-MeshiaConnection -Quiet"));

        Assert.Equal(true, test.Properties["IsReachable"].Value);
        Assert.Equal(false, test.Properties["IsAuthenticated"].Value);
        Assert.Contains("The key was revoked.", (string)test.Properties["Error"].Value, StringComparison.Ordinal);
        Assert.Equal(false, quiet.BaseObject);
    }

    [Theory]
    [InlineData("http://127.0.0.1:9/api/v1", 15)]
    [InlineData("https://nowhere.invalid/api/v1", 15)]
    public void An_unreachable_service_is_false_and_nothing_else(string address, int seconds)
    {
        using var session = new ModuleSession();
        session.Output("Connect-Meshia -ApiKey $key -BaseUri $uri -MaximumRetryCount 1", ("key", ModuleSession.NewKey()), ("uri", address));

        var quiet = session.Invoke($"Test-MeshiaConnection -Quiet -TimeoutSeconds {seconds}");
        var test = Assert.Single(session.Output($"Test-MeshiaConnection -TimeoutSeconds {seconds}"));

        Assert.Equal(false, Assert.Single(quiet.Output).BaseObject);
        Assert.Empty(quiet.Errors);
        Assert.Empty(quiet.Warnings);
        Assert.Null(quiet.Terminating);
        Assert.Equal(false, test.Properties["IsReachable"].Value);
        Assert.Null(test.Properties["Latency"].Value);
        Assert.NotNull(test.Properties["Error"].Value);
    }

    [Fact]
    public async Task A_service_that_does_not_answer_times_out()
    {
        await using var service = new RawService(connection => connection.StaySilentAsync());
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);

        var test = Assert.Single(session.Output("Test-MeshiaConnection -TimeoutSeconds 1"));

        Assert.Equal(false, test.Properties["IsReachable"].Value);
        Assert.Contains("within 1 s", (string)test.Properties["Error"].Value, StringComparison.Ordinal);
    }
}
