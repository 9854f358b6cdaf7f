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
}
