namespace Meshia.PowerShell.Tests;

/// <summary>Runspaces of one process are strangers to each other; importing again changes nothing.</summary>
public sealed class RunspaceTests
{
    [Fact]
    public async Task Two_runspaces_work_for_two_accounts_at_the_same_time()
    {
        await using var one = await LocalSandbox.StartAsync();
        await using var other = await LocalSandbox.StartAsync();
        await one.CreateFinishedSessionAsync("one");
        await other.CreateFinishedSessionAsync("other");
        using var first = one.Connect();
        using var second = other.Connect();

        // In turns and at once: whichever connected last must not be what the other uses.
        var names = await Task.WhenAll(Task.Run(() => Names(first)), Task.Run(() => Names(second)));

        Assert.Equal([.. Enumerable.Repeat("one", 20)], names[0]);
        Assert.Equal([.. Enumerable.Repeat("other", 20)], names[1]);

        static string[] Names(ModuleSession session) => [.. session.Output("foreach ($i in 1..20) { (Get-MeshiaSession).Name }").Select(item => item.ToString())];
    }

    [Fact]
    public async Task Disconnecting_one_runspace_leaves_the_other_connected()
    {
        await using var sandbox = await LocalSandbox.StartAsync();
        using var first = sandbox.Connect();
        using var second = sandbox.Connect();

        first.Output("Disconnect-Meshia");

        Assert.Equal(sandbox.BaseUri.AbsoluteUri, second.Output("(Get-MeshiaConnection).BaseUri.AbsoluteUri")[0].ToString());
        Assert.Equal("False", first.Output("(Get-MeshiaConnection).BaseUri.AbsoluteUri -eq $uri", ("uri", sandbox.BaseUri.AbsoluteUri))[0].ToString());
    }

    [Fact]
    public void Stopping_the_sandboxes_of_one_runspace_leaves_those_of_the_other()
    {
        using var first = new ModuleSession();
        using var second = new ModuleSession();
        first.Output("$mine = Start-MeshiaSandbox");
        second.Output("$mine = Start-MeshiaSandbox -Connect");

        first.Output("Stop-MeshiaSandbox");
        first.Output("Remove-Module Meshia.Sandbox");

        Assert.True((bool)second.Output("Test-MeshiaConnection -Quiet")[0].BaseObject);
        second.Output("Stop-MeshiaSandbox $mine.ProcessId");
    }

    [Theory]
    [InlineData("Import-Module $path")]
    [InlineData("Import-Module $path -Force")]
    [InlineData("Remove-Module Meshia; Import-Module $path")]
    public async Task Importing_again_changes_nothing(string import)
    {
        await using var sandbox = await LocalSandbox.StartAsync();
        await sandbox.CreateFinishedSessionAsync();
        using var session = sandbox.Connect();
        session.Output("$before = Get-MeshiaSession");

        session.Output(import, ("path", ModuleSession.ModulePath));

        Assert.Equal("True", session.Output("$before.Id -eq (Get-MeshiaSession).Id -and $before -is [Meshia.Session]")[0].ToString());
        Assert.Equal(ModuleSurface.Of("Meshia").Count(), session.Output("Get-Command -Module Meshia").Count);
        Assert.Single(session.Output("Get-Module Meshia"));
    }

    [Fact]
    public void Removing_the_module_ends_the_sandboxes_that_it_started()
    {
        using var session = new ModuleSession();
        var processId = (int)session.Output("(Start-MeshiaSandbox).ProcessId")[0].BaseObject;

        session.Output("Remove-Module Meshia.Sandbox");

        Assert.DoesNotContain(System.Diagnostics.Process.GetProcesses(), process => process.Id == processId);
    }
}
