namespace Meshia.PowerShell.Tests;

public sealed class GetMeshiaSessionTests
{
    [Fact]
    public async Task Lists_the_sessions_newest_first()
    {
        await using var sandbox = await LocalSandbox.StartAsync();
        var first = await sandbox.CreateFinishedSessionAsync("first");
        var second = await sandbox.CreateFinishedSessionAsync("second");
        using var session = sandbox.Connect();

        var listed = session.Output("Get-MeshiaSession");

        Assert.Equal([second, first], listed.Select(item => item.Properties["Id"].Value));
    }

    [Fact]
    public async Task Filters_by_name_and_state_whatever_the_case()
    {
        await using var sandbox = await LocalSandbox.StartAsync();
        var stopped = await sandbox.CreateFinishedSessionAsync("train-1");
        var running = await sandbox.CreateFinishedSessionAsync("Train-2");
        await sandbox.CreateFinishedSessionAsync("eval");
        using var session = sandbox.Connect();
        session.Output("Stop-MeshiaSession $id", ("id", stopped));
        sandbox.Time.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal([running, stopped], session.Output("(Get-MeshiaSession -Name train-*).Id").Select(id => id.BaseObject));
        Assert.Equal([stopped], session.Output("(Get-MeshiaSession -Status STOPPED).Id").Select(id => id.BaseObject));
        Assert.Equal([running], session.Output("(Get-MeshiaSession -Name train-*, other -Status running, failed).Id").Select(id => id.BaseObject));
        Assert.Empty(session.Output("Get-MeshiaSession -Name none"));
    }

    [Fact]
    public async Task A_connection_that_is_never_made_is_one_clear_error()
    {
        // It takes the connection, but never answers the handshake: the time for connecting is over after 20 s.
        await using var service = new RawService(connection => connection.StaySilentAsync());
        using var session = new ModuleSession();
        session.Output("Connect-Meshia -ApiKey $key -BaseUri $uri -MaximumRetryCount 0", ("key", ModuleSession.NewKey()), ("uri", new UriBuilder(service.BaseUri) { Scheme = "https" }.Uri));

        var result = session.Invoke("Get-MeshiaSession");

        Assert.StartsWith("unreachable,", result.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("within 20 s", result.Error.ToString(), StringComparison.Ordinal);
    }
}
