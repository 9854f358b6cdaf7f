using System.Collections.ObjectModel;
using System.Diagnostics;
using System.Management.Automation;

namespace Meshia.PowerShell.Tests;

/// <summary>What the Tab key offers.</summary>
public sealed class CompletionTests
{
    /// <summary>A machine that is busy with other tests; a prompt itself waits 300 ms.</summary>
    private static readonly TimeSpan _busy = TimeSpan.FromSeconds(60);

    /// <summary>Command lines whose completion asks the service.</summary>
    public static TheoryData<string> Asking =>
    [
        "Get-MeshiaSession ",
        "Get-MeshiaSession -Name ",
        "Stop-MeshiaSession -Id ",
        "Get-MeshiaExperiment -SessionId ",
        "Get-MeshiaExperiment -SessionId sess_1 -Name ",
        "Get-MeshiaExperiment ",
        "Compare-MeshiaExperiment exp_1, ",
        "Get-MeshiaArtifact ",
        "Get-MeshiaArtifact exp_1 -Name ",
        "Save-MeshiaArtifact art_1 -ExperimentId ",
        "Get-MeshiaWebhook ",
        "Unregister-MeshiaWebhook ",
    ];

    [Theory]
    [InlineData("Get-MeshiaSession ", "sess_2 sess_1")]
    [InlineData("Get-MeshiaSession sess_1, ", "sess_2 sess_1")]
    [InlineData("Get-MeshiaSession SESS_2", "sess_2")]
    [InlineData("Get-MeshiaSession 'sess_2", "sess_2")]
    [InlineData("Get-MeshiaSession *_1", "sess_1")]
    [InlineData("Get-MeshiaSession s*[2-3]", "sess_2")]
    [InlineData("Get-MeshiaSession -Name ", "llama-finetune")]
    [InlineData("Get-MeshiaSession -Name *tune", "llama-finetune")]
    [InlineData("Stop-MeshiaSession -Id ", "sess_2 sess_1")]
    [InlineData("Get-MeshiaExperiment -SessionId ", "sess_2 sess_1")]
    [InlineData("Get-MeshiaExperiment -SessionId sess_1 -Name ", "baseline")]
    [InlineData("Get-MeshiaExperiment ", "exp_1 exp_2")]
    [InlineData("Compare-MeshiaExperiment exp_1, exp_2", "exp_2")]
    [InlineData("Get-MeshiaArtifact ", "exp_1 exp_2")]
    [InlineData("Get-MeshiaArtifact exp_1 -Id ", "art_1 art_2")]
    [InlineData("Get-MeshiaArtifact exp_1, exp_2 -Id ", "art_1 art_2")]
    [InlineData("Get-MeshiaArtifact exp_1 -Name ", "art_1.txt art_2.txt")]
    [InlineData("Save-MeshiaArtifact -ExperimentId exp_1 -Id ", "art_1 art_2")]
    [InlineData("Save-MeshiaArtifact -ExperimentId exp_1 -Id x -Include art_2", "art_2.txt")]
    [InlineData("Get-MeshiaWebhook ", "wh_1 wh_2")]
    [InlineData("Unregister-MeshiaWebhook -Id wh_2", "wh_2")]
    [InlineData("Get-MeshiaSession -Status ", "provisioning running stopping stopped failed")]
    [InlineData("Get-MeshiaSession -Status running, sto", "stopping stopped")]
    [InlineData("Get-MeshiaExperiment -Status ", "queued running completed failed")]
    [InlineData("New-MeshiaSession x -Gpu h", "h100 h200")]
    [InlineData("Register-MeshiaWebhook https://x.com -Event session.", "session.started session.stopped")]
    [InlineData("Register-MeshiaWebhook https://x.com -Event session.started, plan.", "plan.completed plan.needs_input")]
    [InlineData("Invoke-MeshiaRequest ", "/sessions /experiments/compare /webhooks")]
    [InlineData("Send-MeshiaWebhook https://x.com -Event p", "plan.completed plan.needs_input ping")]
    [Trait("Culture", "Dependent")]
    public async Task Offers_what_fits(string line, string expected)
    {
        await using var service = await ScriptedAccount.StartAsync();
        using var session = Connect(service.BaseUri);

        Assert.Equal(expected.Split(' '), (await CompleteAsync(session, line)).Select(match => match.CompletionText));
    }

    [Theory]
    [InlineData("Get-MeshiaSession ", "llama-finetune, rtx4090, running, 3h ago")]
    [InlineData("Get-MeshiaSession -Name ", "sess_1, rtx4090, running, 3h ago")]
    [InlineData("Get-MeshiaExperiment -SessionId sess_1 -Name ", "exp_1, completed, 1m 01s, 3h ago")]
    [InlineData("Get-MeshiaArtifact exp_1 -Id ", "model.safetensors, 1.5 GB, 3h ago")]
    [InlineData("Get-MeshiaWebhook ", "https://your-server.com/hook, plan.completed, not active, 3h ago")]
    [InlineData("Get-MeshiaSession -Status run", "running: its pod is ready, and costs money")]
    [InlineData("Register-MeshiaWebhook https://x.com -Event plan.n", "plan.needs_input: a plan waits for a person")]
    [Trait("Culture", "Dependent")]
    public async Task Says_what_helps_to_choose(string line, string hint)
    {
        var then = DateTimeOffset.UtcNow.AddHours(-3.5).ToString("O");
        await using var service = await ScriptedService.StartAsync(request => request.Endpoint switch
        {
            "GET /sessions" => Reply.Ok($$"""[{"id":"sess_1","name":"llama-finetune","gpu":"rtx4090","status":"running","created_at":"{{then}}"}]"""),
            "GET /sessions/sess_1/experiments" => Reply.Ok($$"""[{"id":"exp_1","name":"baseline","status":"completed","duration_seconds":61.5,"created_at":"{{then}}"}]"""),
            "GET /experiments/exp_1/artifacts" => Reply.Ok($$"""[{"id":"art_1","name":"model.safetensors","size_bytes":1610612736,"created_at":"{{then}}"}]"""),
            _ => Reply.Ok($$"""[{"id":"wh_1","url":"https://user:pass@your-server.com/hook?key=secret","events":["plan.completed"],"active":false,"created_at":"{{then}}"}]"""),
        });
        using var session = Connect(service.BaseUri);

        Assert.Equal(hint, Assert.Single(await CompleteAsync(session, line)).ToolTip);
    }

    [Fact]
    public async Task Only_a_session_that_can_be_stopped_is_offered_for_stopping()
    {
        string[] states = ["provisioning", "running", "stopping", "stopped", "failed"];
        await using var service = await ScriptedService.StartAsync(Reply.Ok($"[{string.Join(",", states.Select(state => $$"""{"id":"{{state}}_1","status":"{{state}}"}"""))}]"));
        using var session = Connect(service.BaseUri);

        Assert.Equal(["provisioning_1", "running_1", "failed_1"], (await CompleteAsync(session, "Stop-MeshiaSession ")).Select(match => match.CompletionText));
    }

    [Theory]
    [InlineData("two words")]
    [InlineData("it's")]
    [InlineData("$(Stop-MeshiaSession *)")]
    [InlineData("run[1]")]
    [InlineData("a`b; exit")]
    [InlineData("what*?")]
    [InlineData("-Force")]
    [InlineData("@x")]
    [InlineData("a,b")]
    [Trait("Culture", "Dependent")]
    public async Task A_name_is_written_so_that_it_means_itself(string name)
    {
        var json = System.Text.Json.JsonSerializer.Serialize(name);
        await using var service = await ScriptedService.StartAsync(Reply.Ok($$"""[{"id":"right","name":{{json}}},{"id":"wrong","name":"run1 what a b x"}]"""));
        using var session = Connect(service.BaseUri);

        var offered = (await CompleteAsync(session, "Get-MeshiaSession -Name "))[0];

        Assert.Equal(name, offered.ListItemText);
        Assert.Equal("right", session.Output($"(Get-MeshiaSession -Name {offered.CompletionText}).Id").Single().ToString());
        // What was completed completes to itself again.
        Assert.Equal(offered.CompletionText, (await CompleteAsync(session, $"Get-MeshiaSession -Name {offered.CompletionText}"))[0].CompletionText);
    }

    [Fact]
    public async Task A_text_that_would_control_the_terminal_does_not_reach_it()
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok("""[{"id":"a\u001b[2J","name":"x"},{"id":"b","name":"bad\u001b[2J\r\nname"}]"""));
        using var session = Connect(service.BaseUri);

        var offered = Assert.Single(await CompleteAsync(session, "Get-MeshiaSession "));

        Assert.Equal(("b", "bad\uFFFD[2J  name"), (offered.CompletionText, offered.ToolTip));
    }

    [Fact]
    [Trait("Culture", "Dependent")]
    public async Task Metrics_and_config_keys_are_offered_by_the_names_that_a_comparison_gives_them()
    {
        await using var service = await ScriptedAccount.StartAsync();
        using var session = Connect(service.BaseUri);

        Assert.Equal([("eval.loss", "baseline: 0.4"), ("loss", "baseline: 0.31")], await KeysAsync("Compare-MeshiaExperiment exp_1, exp_2 -Metric "));
        Assert.Equal([("optimizer.betas", "baseline: [0.9, 0.95]"), ("optimizer.lr", "baseline: 0.01")], await KeysAsync("Compare-MeshiaExperiment exp_1, exp_2 -Config "));
        Assert.Equal([("loss", "baseline: 0.31")], await KeysAsync("Test-MeshiaExperiment exp_1 -Metric lo"));
        Assert.Equal(["GET /experiments/exp_1"], service.Requests.Select(request => request.Endpoint));
        // Without -Id, those that were asked for a moment ago.
        Assert.Equal([("loss", "baseline: 0.31")], await KeysAsync("$experiments | Compare-MeshiaExperiment -Metric l"));
        Assert.Single(service.Requests);

        async Task<IEnumerable<(string, string)>> KeysAsync(string line) => (await CompleteAsync(session, line)).Select(match => (match.CompletionText, match.ToolTip));
    }

    [Fact]
    public async Task An_object_in_a_variable_serves_as_its_id()
    {
        await using var service = await ScriptedAccount.StartAsync();
        using var session = Connect(service.BaseUri);
        session.Output("$experiment = Get-MeshiaExperiment exp_2; $session = Get-MeshiaSession sess_7");

        await CompleteAsync(session, "Get-MeshiaArtifact $experiment -Id ");
        await CompleteAsync(session, "Get-MeshiaExperiment -SessionId $session -Name ");

        Assert.Equal(["GET /experiments/exp_2/artifacts", "GET /sessions/sess_7/experiments"], service.Requests.Select(request => request.Endpoint).Skip(2));
    }

    [Fact]
    public async Task Asking_again_within_a_moment_asks_nobody()
    {
        await using var service = await ScriptedAccount.StartAsync();
        using var session = Connect(service.BaseUri);

        await CompleteAsync(session, "Get-MeshiaSession ");
        foreach (var line in new[] { "Get-MeshiaSession -Name ", "Stop-MeshiaSession ", "Get-MeshiaExperiment -SessionId sess_", "Get-MeshiaSession " })
            Assert.NotEmpty(Offered(session, line));

        Assert.Equal(["GET /sessions"], service.Requests.Select(request => request.Endpoint));
    }

    [Fact]
    public async Task Another_account_is_asked_anew()
    {
        await using var service = await ScriptedAccount.StartAsync();
        using var session = Connect(service.BaseUri);
        await CompleteAsync(session, "Get-MeshiaSession ");

        session.Connect(service.BaseUri);
        await CompleteAsync(session, "Get-MeshiaSession ");

        Assert.Equal(2, service.Requests.Select(request => request.Headers["Authorization"]).Distinct().Count());
    }

    [Theory, MemberData(nameof(Asking))]
    public async Task A_completion_is_one_request_at_most(string line)
    {
        await using var service = await ScriptedAccount.StartAsync();
        using var session = Connect(service.BaseUri);

        Offered(session, line);
        await UntilAsync(() => service.Requests.Count > 0);
        // Whatever a second request needed, it had time to come.
        await Task.Delay(TimeSpan.FromMilliseconds(300), TestContext.Current.CancellationToken);

        Assert.Single(service.Requests);
    }

    [Fact]
    public async Task A_long_list_is_one_request_of_its_newest()
    {
        await using var service = await ScriptedService.StartAsync(request => Reply.Ok(SessionJson.List(Enumerable.Range(0, 150).Select(number => SessionJson.Of($"sess_{number}")), request.Query.Length == 0 ? "1" : null)));
        using var session = Connect(service.BaseUri);

        var offered = await CompleteAsync(session, "Get-MeshiaSession ");

        Assert.Equal(Enumerable.Range(0, 100).Select(number => $"sess_{number}"), offered.Select(match => match.CompletionText));
        Assert.Equal(["GET /sessions"], service.Requests.Select(request => request.Endpoint));
    }

    [Theory, MemberData(nameof(Asking))]
    public async Task A_service_that_is_broken_means_nothing_and_no_second_try(string line)
    {
        await using var service = await ScriptedService.StartAsync(Reply.Error(500, "broken"));
        using var session = Connect(service.BaseUri);

        AssertOffersNoneOfTheService(session, line);
        await UntilAsync(() => service.Requests.Count > 0);

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
    public async Task Where_few_requests_are_left_none_is_sent()
    {
        await using var service = await ScriptedService.StartAsync(request => Reply.Ok(SessionJson.List([SessionJson.Of("sess_1")], null)).With("X-RateLimit-Remaining", "9"));
        using var session = Connect(service.BaseUri);
        session.Output("Get-MeshiaSession");

        AssertOffersNoneOfTheService(session, "Get-MeshiaSession ");
        await Task.Delay(TimeSpan.FromMilliseconds(300), TestContext.Current.CancellationToken);

        Assert.Single(service.Requests);
    }

    [Fact]
    public async Task A_service_that_is_slow_does_not_keep_the_prompt_and_the_next_Tab_has_its_answer()
    {
        using var answer = new SemaphoreSlim(0);
        await using var service = await ScriptedService.StartAsync(async (request, context) =>
        {
            await answer.WaitAsync(context.RequestAborted);
            await ScriptedAccount.AnswerAsync(request, context);
        });
        using var session = Connect(service.BaseUri);
        var times = new List<TimeSpan>();
        for (var press = 0; press < 4; press++)
        {
            var watch = Stopwatch.StartNew();
            AssertOffersNoneOfTheService(session, "Get-MeshiaSession ");
            times.Add(watch.Elapsed);
        }

        answer.Release(10);
        Assert.Equal(["sess_2", "sess_1"], (await CompleteAsync(session, "Get-MeshiaSession ")).Select(match => match.CompletionText));

        Assert.Single(service.Requests);
        // The first one may find a cold module, and any of them a machine that is busy.
        Assert.True(times.Min() < TimeSpan.FromSeconds(1), string.Join(" ", times));
    }

    [Fact]
    public async Task The_first_Tab_on_a_slow_line_has_suggestions()
    {
        await using var service = await ScriptedService.StartAsync(async (request, context) =>
        {
            await Task.Delay(400, context.RequestAborted);
            await ScriptedAccount.AnswerAsync(request, context);
        });
        using var session = Connect(service.BaseUri);
        // Another account: whatever the module has to load is loaded.
        await CompleteAsync(session, "Get-MeshiaSession ");

        // On a busy machine the answer may come too late, but not each time.
        Assert.Contains(Enumerable.Range(0, 5), _ =>
        {
            session.Connect(service.BaseUri);
            return Offered(session, "Get-MeshiaSession ").Count > 0;
        });
    }

    [Fact]
    public async Task A_service_that_is_silent_does_not_keep_the_prompt()
    {
        await using var service = new RawService(connection => connection.StaySilentAsync());
        using var session = Connect(service.BaseUri);
        var watch = Stopwatch.StartNew();

        AssertOffersNoneOfTheService(session, "Get-MeshiaSession ");

        // It waits 300 ms; a busy machine may add some.
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), $"{watch.Elapsed}");
    }

    [Fact]
    public void Vaults_of_the_session_are_offered()
    {
        using var session = new ModuleSession();
        session.Output($". '{Account.StandIn}'; Register-SecretVault Store InMemory; Register-SecretVault 'My Keys' Other");

        var offered = Offered(session, "Connect-Meshia -Save -Vault ").OrderBy(match => match.ListItemText).ToList();

        Assert.Equal([("'My Keys'", "Other"), ("Store", "InMemory, default")], offered.Select(match => (match.CompletionText, match.ToolTip)));
        Assert.Equal("Store", Assert.Single(Offered(session, "Register-MeshiaWebhook https://x.com -Vault st")).CompletionText);
    }

    [Fact]
    public void Where_there_is_no_SecretManagement_there_are_no_vaults_and_no_error()
    {
        using var session = new ModuleSession();
        Assert.SkipWhen(session.Output("Get-Module -ListAvailable Microsoft.PowerShell.SecretManagement").Count > 0, "SecretManagement is installed here.");

        AssertOffersNoneOfTheService(session, "Connect-Meshia -Save -Vault ");
    }

    private static void AssertOffersNoneOfTheService(ModuleSession session, string line)
    {
        Assert.Empty(Offered(session, line));
        Assert.Empty(session.Output("$Error"));
    }

    private static ModuleSession Connect(Uri baseUri)
    {
        var session = new ModuleSession();
        session.Connect(baseUri);
        return session;
    }

    /// <summary>Presses Tab until something is offered, as a person does where the service was slow.</summary>
    private static async Task<List<CompletionResult>> CompleteAsync(ModuleSession session, string line)
    {
        List<CompletionResult> offered = [];
        await UntilAsync(() => (offered = Offered(session, line)).Count > 0);
        return offered;
    }

    private static async Task UntilAsync(Func<bool> isSo)
    {
        for (var watch = Stopwatch.StartNew(); !isSo(); await Task.Delay(20, TestContext.Current.CancellationToken))
            Assert.True(watch.Elapsed < _busy, "It never came.");
    }

    /// <summary>PowerShell offers files where a completer offers nothing.</summary>
    private static List<CompletionResult> Offered(ModuleSession session, string line) =>
        [.. Matches(session, line).Where(match => match.ResultType == CompletionResultType.ParameterValue)];

    private static Collection<CompletionResult> Matches(ModuleSession session, string line)
    {
        using var shell = System.Management.Automation.PowerShell.Create(session.Runspace);
        return CommandCompletion.CompleteInput(line, line.Length, null, shell).CompletionMatches;
    }
}
