using System.Collections.ObjectModel;
using System.Diagnostics;
using System.Management.Automation;

namespace Meshia.PowerShell.Tests;

/// <summary>What the Tab key offers.</summary>
public sealed class CompletionTests
{
    /// <summary>Command lines whose completion asks the service.</summary>
    public static TheoryData<string> Asking =>
    [
        "Get-MeshiaSession ",
        "Stop-MeshiaSession -Id ",
        "Get-MeshiaExperiment -SessionId ",
        "Get-MeshiaExperiment ",
        "Compare-MeshiaExperiment exp_1, ",
        "Get-MeshiaArtifact ",
        "Save-MeshiaArtifact art_1 -ExperimentId ",
        "Get-MeshiaWebhook ",
        "Unregister-MeshiaWebhook ",
    ];

    [Theory]
    [InlineData("Get-MeshiaSession ", "sess_2 sess_1")]
    [InlineData("Get-MeshiaSession sess_1, ", "sess_2 sess_1")]
    [InlineData("Get-MeshiaSession SESS_2", "sess_2")]
    [InlineData("Get-MeshiaSession 'sess_2", "sess_2")]
    [InlineData("Get-MeshiaSession other", "")]
    [InlineData("Stop-MeshiaSession -Id ", "sess_2 sess_1")]
    [InlineData("Get-MeshiaExperiment -SessionId ", "sess_2 sess_1")]
    [InlineData("Get-MeshiaExperiment ", "exp_1 exp_2")]
    [InlineData("Compare-MeshiaExperiment exp_1, exp_2", "exp_2")]
    [InlineData("Get-MeshiaArtifact ", "exp_1 exp_2")]
    [InlineData("Get-MeshiaArtifact exp_1 -Id ", "art_1 art_2")]
    [InlineData("Save-MeshiaArtifact -ExperimentId exp_1 -Id ", "art_1 art_2")]
    [InlineData("Get-MeshiaWebhook ", "wh_1 wh_2")]
    [InlineData("Unregister-MeshiaWebhook -Id wh_2", "wh_2")]
    [InlineData("Get-MeshiaSession -Status ", "provisioning running stopping stopped failed")]
    [InlineData("Get-MeshiaSession -Status running, sto", "stopping stopped")]
    [InlineData("Get-MeshiaExperiment -Status ", "queued running completed failed")]
    [InlineData("New-MeshiaSession x -Gpu h", "h100 h200")]
    [InlineData("Register-MeshiaWebhook https://x.com -Event session.", "session.started session.stopped")]
    [InlineData("Register-MeshiaWebhook https://x.com -Event session.started, plan.", "plan.completed plan.needs_input")]
    public async Task Offers_what_fits(string line, string expected)
    {
        await using var service = await ScriptedAccount.StartAsync();
        using var session = Connect(service.BaseUri);

        Assert.Equal(expected.Split(' ', StringSplitOptions.RemoveEmptyEntries), Complete(session, line).Distinct());
    }

    [Fact]
    public async Task Says_which_session_an_id_is_of()
    {
        await using var service = await ScriptedAccount.StartAsync();
        using var session = Connect(service.BaseUri);

        var matches = Matches(session, "Get-MeshiaSession ");

        Assert.All(matches, match => Assert.Equal("llama-finetune (running)", match.ToolTip));
    }

    [Fact]
    public async Task A_long_list_is_one_request_of_its_newest()
    {
        await using var service = await ScriptedService.StartAsync(request => Reply.Ok(SessionJson.List(Enumerable.Range(0, 150).Select(number => SessionJson.Of($"sess_{number}")), request.Query.Length == 0 ? "1" : null)));
        using var session = Connect(service.BaseUri);

        var offered = Complete(session, "Get-MeshiaSession ");

        Assert.Equal(Enumerable.Range(0, 100).Select(number => $"sess_{number}"), offered);
        Assert.Equal(["GET /sessions"], service.Requests.Select(request => request.Endpoint));
    }

    [Theory, MemberData(nameof(Asking))]
    public async Task A_service_that_is_broken_means_nothing_and_no_second_try(string line)
    {
        await using var service = await ScriptedService.StartAsync(Reply.Error(500, "broken"));
        using var session = Connect(service.BaseUri);

        AssertOffersNoneOfTheService(session, line);

        Assert.Single(service.Requests);
    }

    [Theory, MemberData(nameof(Asking))]
    public void No_connection_means_nothing(string line)
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable("MESHIA_API_KEY") is not null, "This machine has a key.");
        using var session = new ModuleSession();

        AssertOffersNoneOfTheService(session, line);
    }

    [Fact]
    public async Task A_service_that_is_silent_does_not_keep_the_prompt()
    {
        await using var service = new RawService(connection => connection.StaySilentAsync());
        using var session = Connect(service.BaseUri);
        var watch = Stopwatch.StartNew();

        AssertOffersNoneOfTheService(session, "Get-MeshiaSession ");

        // It waits two seconds; a busy machine may add some.
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"{watch.Elapsed}");
    }

    private static void AssertOffersNoneOfTheService(ModuleSession session, string line)
    {
        // PowerShell offers files where a completer offers nothing.
        Assert.DoesNotContain(Matches(session, line), match => match.ResultType == CompletionResultType.ParameterValue);
        Assert.Empty(session.Output("$Error"));
    }

    private static ModuleSession Connect(Uri baseUri)
    {
        var session = new ModuleSession();
        session.Connect(baseUri);
        return session;
    }

    private static IEnumerable<string> Complete(ModuleSession session, string line) =>
        Matches(session, line).Where(match => match.ResultType == CompletionResultType.ParameterValue).Select(match => match.CompletionText);

    private static Collection<CompletionResult> Matches(ModuleSession session, string line)
    {
        using var shell = System.Management.Automation.PowerShell.Create(session.Runspace);
        return CommandCompletion.CompleteInput(line, line.Length, null, shell).CompletionMatches;
    }
}
