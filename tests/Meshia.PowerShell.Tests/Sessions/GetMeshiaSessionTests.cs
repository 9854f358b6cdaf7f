namespace Meshia.PowerShell.Tests;

[Trait("Culture", "Dependent")]
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
}
