using System.Net;
using System.Net.Sockets;

namespace Meshia.PowerShell.Tests;

/// <summary>A choice of account that failed is not made up for by another account.</summary>
[Collection(SharedEnvironment.Name)]
public sealed class AccountChoiceTests
{
    public static TheoryData<string> Failing =>
    [
        "Start-MeshiaSandbox -Connect -Port $taken",
        "Start-MeshiaSandbox -Connect -Port 70000",
        "Connect-Meshia -Profile nosuch",
        "Connect-Meshia -ApiKey 'no key'",
        "Connect-Meshia -ApiKey $null",
        "Connect-Meshia -ApiKey ''",
        "Connect-Meshia -ApiKey msh_other_account -BaseUri http://example.com/api/v1",
        "Connect-Meshia -ApiKey msh_other_account -BaseUri ftp://example.com/api/v1",
        "Connect-Meshia -ApiKey msh_other_account -NoSuchParameter",
        "Connect-Meshia -ApiKey msh_other_account -Save -Vault nosuch",
    ];

    [Theory, MemberData(nameof(Failing))]
    public async Task After_a_failed_choice_nothing_is_sent_until_somebody_chooses(string choice)
    {
        await using var service = await ScriptedAccount.StartAsync();
        using var listener = Taken();
        using var account = new Account();
        (Account.Key, Account.Address) = (ModuleSession.NewKey(), service.BaseUri.AbsoluteUri);
        foreach (var before in new[] { "", "Connect-Meshia" })
        {
            account.Session.Output(before);
            account.Session.Invoke($"try {{ {choice} }} catch {{ }}", ("taken", ((IPEndPoint)listener.LocalEndPoint!).Port));

            foreach (var command in new[] { "New-MeshiaSession x rtx4090", "Get-MeshiaSession", "Disconnect-Meshia; Stop-MeshiaSession sess_1" })
                Assert.StartsWith("AccountNotChosen,", account.Failure(command).FullyQualifiedErrorId, StringComparison.Ordinal);
            Assert.Contains("Connect-Meshia", account.Failure("Get-MeshiaSession").ToString(), StringComparison.Ordinal);
            Assert.Empty(account.Session.Invoke("Get-MeshiaConnection").Output);
            Assert.Equal(false, account.Session.Output("Test-MeshiaConnection -Quiet").Single().BaseObject);
            Assert.Empty(service.Requests);

            account.Session.Output("Connect-Meshia");
        }

        Assert.NotEmpty(account.Session.Output("Get-MeshiaSession"));
    }

    [Theory]
    [InlineData("Connect-Meshia -Profile nosuch -WhatIf")]
    [InlineData("Connect-Meshia -ApiKey msh_other_account -WhatIf")]
    [InlineData("Start-MeshiaSandbox -Connect -WhatIf")]
    [InlineData("Start-MeshiaSandbox -Port $taken")]
    [InlineData("Get-MeshiaConnection -Profile nosuch")]
    [InlineData("Get-MeshiaSession -Profile nosuch")]
    [InlineData("Connect-Meshia -?")]
    public async Task What_is_no_choice_changes_nothing(string command)
    {
        await using var service = await ScriptedAccount.StartAsync();
        using var listener = Taken();
        using var account = new Account();
        account.Session.Connect(service.BaseUri);

        account.Session.Invoke($"try {{ {command} }} catch {{ }}", ("taken", ((IPEndPoint)listener.LocalEndPoint!).Port));

        Assert.NotEmpty(account.Session.Output("Get-MeshiaSession"));
    }

    [Fact]
    public async Task A_connection_does_not_outlive_the_reset_of_its_runspace()
    {
        await using var service = await ScriptedAccount.StartAsync();
        using var account = new Account();

        var results = account.Session.Output(
            """
            1..2 | ForEach-Object -ThrottleLimit 1 -Parallel {
                Import-Module $using:path
                if ($_ -eq 1) { Connect-Meshia -ApiKey $using:key -BaseUri $using:uri }
                try { (Get-MeshiaSession).Count } catch { $_.FullyQualifiedErrorId }
            }
            """,
            ("path", ModuleSession.ModulePath), ("key", ModuleSession.NewKey()), ("uri", service.BaseUri));

        Assert.Equal(["2", "NotConnected,Meshia.PowerShell.GetMeshiaSession"], results.Select(result => result.ToString()));
        Assert.Single(service.Requests);
    }

    [Fact]
    public async Task After_a_reset_the_environment_counts_and_not_the_connection_before()
    {
        await using var one = await ScriptedAccount.StartAsync();
        await using var other = await ScriptedAccount.StartAsync();
        using var account = new Account();
        account.Session.Connect(one.BaseUri);
        account.Session.Output("Get-MeshiaSession");
        (Account.Key, Account.Address) = (ModuleSession.NewKey(), other.BaseUri.AbsoluteUri);

        account.Session.Runspace.ResetRunspaceState();
        account.Session.Output("Get-MeshiaSession");

        Assert.Single(one.Requests);
        Assert.Single(other.Requests);
    }

    [Fact]
    public async Task A_connection_serves_in_the_runspaces_of_its_process()
    {
        await using var service = await ScriptedAccount.StartAsync();
        using var account = new Account();
        account.Session.Connect(service.BaseUri);

        var names = account.Session.Output(
            """
            $connection = Get-MeshiaConnection
            1..2 | ForEach-Object -Parallel { Import-Module $using:path; (Get-MeshiaSession -Connection $using:connection)[0].Id }
            """,
            ("path", ModuleSession.ModulePath));

        Assert.Equal(["sess_2", "sess_2"], names.Select(name => name.ToString()));
        Assert.Equal(2, service.Requests.Count);
    }

    [Fact]
    public void A_connection_that_went_through_another_process_is_refused_with_what_to_do_there()
    {
        using var account = new Account();
        account.Session.Connect(new("http://127.0.0.1:9/api/v1"));

        var error = account.Failure("$copy = [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize((Get-MeshiaConnection))); Get-MeshiaSession -Connection $copy");

        Assert.Matches("another process.*-Profile.*MESHIA_API_KEY", error.ToString());
    }

    [Fact]
    public void Every_cmdlet_that_takes_a_profile_for_one_call_takes_a_connection()
    {
        var names = ModuleSurface.Cmdlets.Where(cmdlet => cmdlet.Parameters.ContainsKey("Profile") && cmdlet.Name is not ("Connect-Meshia" or "Disconnect-Meshia" or "Get-MeshiaConnection")).Select(cmdlet => cmdlet.Name).ToList();
        using var account = new Account();

        Assert.NotEmpty(names);
        Each.Of(names, name => Assert.Equal("MeshiaConnection", account.Session.Output($"(Get-Command {name}).Parameters['Connection'].ParameterType.Name").Single().ToString()));
    }

    [Fact]
    public void A_profile_and_a_connection_are_not_both_taken()
    {
        using var account = new Account();
        account.Session.Connect(new("http://127.0.0.1:9/api/v1"));

        Assert.StartsWith("InvalidArgument,", account.Failure("Get-MeshiaSession -Connection (Get-MeshiaConnection) -Profile x").FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void A_quiet_test_without_a_connection_says_false()
    {
        using var account = new Account();

        Assert.Equal([false, false], account.Session.Output("Test-MeshiaConnection -Quiet; Test-MeshiaConnection -Quiet -Profile nosuch").Select(answer => answer.BaseObject));
    }

    private static Socket Taken()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        socket.Listen();
        return socket;
    }
}
