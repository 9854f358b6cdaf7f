using System.Globalization;
using System.Management.Automation;

namespace Meshia.PowerShell.Tests;

[Trait("Culture", "Dependent")]
public sealed class CompareMeshiaExperimentTests
{
    private const string A = """{"id":"exp_a","name":"first","status":"completed","config":{"lr":0.01,"opt":{"name":"adam","beta":0.9},"seed":1,"note":null},"metrics":{"loss":0.4,"val":{"acc":0.8},"norm":1.0,"steps":100,"history":[3,2,1]}}""";
    private const string B = """{"id":"exp_b","name":"second","status":"failed","config":{"lr":0.001,"opt":{"name":"adam","beta":0.9},"seed":"1"},"metrics":{"loss":0.3,"val":{"acc":0.7},"norm":NaN,"steps":100.2,"history":[3,null,2]}}""";
    private const string C = """{"id":"exp_c","name":"\u001b[31mthird","status":"completed","config":{"lr":0.01,"opt":{"name":"adam","beta":0.9},"seed":1,"note":null},"metrics":{"loss":0.3004,"val":{"acc":0.9},"norm":Infinity,"steps":100,"history":[3,2]}}""";

    [Fact]
    public async Task Only_what_differs_is_compared_unless_all_is_asked_for()
    {
        using var session = await Session.StartAsync();

        Assert.Equal(["lr", "note", "seed"], session.Keys("Compare-MeshiaExperiment exp_a, exp_b, exp_c", "Config"));
        Assert.Equal(["history", "loss", "norm", "steps", "val.acc"], session.Keys("Compare-MeshiaExperiment exp_a, exp_b, exp_c", "Metrics"));
        Assert.Equal(["lr", "note", "opt.beta", "opt.name", "seed"], session.Keys("Compare-MeshiaExperiment exp_a, exp_b, exp_c -All", "Config"));
        Assert.Equal(["lr"], session.Keys("Compare-MeshiaExperiment exp_a, exp_b -Config L*", "Config"));
        Assert.Equal(["loss", "val.acc"], session.Keys("Compare-MeshiaExperiment exp_a, exp_b -Metric val*, loss", "Metrics"));
        Assert.Equal(["loss"], session.Keys("Compare-MeshiaExperiment exp_b, exp_c -Metric loss", "Metrics"));
        Assert.Empty(session.Keys("Compare-MeshiaExperiment exp_b, exp_c -Metric loss -Tolerance 1%", "Metrics"));
        Assert.Empty(session.Keys("Compare-MeshiaExperiment exp_a, exp_b -Metric steps -Tolerance 0.2", "Metrics"));
        Assert.Equal(["steps"], session.Keys("Compare-MeshiaExperiment exp_a, exp_b -Metric steps -Tolerance 0.19", "Metrics"));
    }

    [Fact]
    public async Task Deltas_and_percents_are_against_the_baseline_which_need_not_be_named_twice()
    {
        using var session = await Session.StartAsync();

        var first = session.Row("Compare-MeshiaExperiment exp_a, exp_b", "loss");
        var given = session.Row("'exp_b', 'exp_c' | Compare-MeshiaExperiment -Baseline exp_a", "loss");

        Assert.Equal("exp_a", session.Value("$comparison.BaselineId"));
        Assert.Equal((-0.1, -25.0), (Math.Round((double)first.Delta["exp_b"], 12), Math.Round((double)first.Percent["exp_b"], 9)));
        Assert.Equal((double)first.Delta["exp_b"], (double)given.Delta["exp_b"]);
        Assert.Equal(["exp_b", "exp_c"], ((IDictionary<string, double>)given.Delta).Keys.Order());
    }

    [Fact]
    public async Task The_users_goal_counts_before_the_services_and_that_before_the_name()
    {
        using var session = await Session.StartAsync("""[{"metric":"steps","best":"exp_b"},{"metric":"loss","best":"exp_a"}]""");

        Assert.Equal("Maximize, Service, exp_b", Goal("Compare-MeshiaExperiment exp_a, exp_b", "steps"));
        Assert.Equal("Maximize, Service, exp_a", Goal("Compare-MeshiaExperiment exp_a, exp_b", "loss"));
        Assert.Equal("Minimize, Given, exp_b", Goal("Compare-MeshiaExperiment exp_a, exp_b -Goal @{ loss = 'minimize'; 'l*' = 'Maximize' }", "loss"));
        Assert.Equal("Minimize, Given, exp_b", Goal("Compare-MeshiaExperiment exp_a, exp_b -Goal @{ '*' = 'Maximize'; 'val*' = 'Minimize' }", "val.acc"));
        Assert.Equal("Maximize, Guessed, exp_a", Goal("Compare-MeshiaExperiment exp_a, exp_b", "val.acc"));
        Assert.Equal(", , ", Goal("Compare-MeshiaExperiment exp_a, exp_b", "norm"));

        string Goal(string script, string key)
        {
            var row = session.Row(script, key);
            return $"{row.Goal}, {row.GoalSource}, {string.Join(',', (IReadOnlyList<string>)row.Best)}";
        }
    }

    [Fact]
    public async Task NaN_is_shown_and_is_never_the_best()
    {
        using var session = await Session.StartAsync();

        var norm = session.Row("Compare-MeshiaExperiment exp_a, exp_b, exp_c -Goal @{ norm = 'Maximize' }", "norm");

        Assert.Equal([1.0, double.NaN, double.PositiveInfinity], ((IDictionary<string, double>)norm.Numbers).Values);
        Assert.Equal(["exp_a"], (IReadOnlyList<string>)norm.Best);
        Assert.Equal((1.0, 1.0, 1.0), ((double)norm.Min, (double)norm.Max, (double)norm.Mean));
        Assert.Empty((IDictionary<string, double>)norm.Delta);
    }

    [Theory]
    [InlineData("-Goal @{ loss = 'down' }", "InvalidGoal", "'down' is not a goal for loss. Valid values: Minimize, Maximize")]
    [InlineData("-Goal @{ 'loss[' = 'Minimize' }", "InvalidGoal", "'loss[' is not a wildcard pattern: a bracket is not closed.")]
    [InlineData("-Config 'lr['", "ParameterArgumentValidationError", "'lr[' is not a wildcard pattern: a bracket is not closed.")]
    [InlineData("-Tolerance -1", "ParameterArgumentTransformationError", "Valid values: 0.01 (an amount), 2% (a percentage)")]
    [InlineData("-Tolerance 'a bit'", "ParameterArgumentTransformationError", "'a bit' is not a margin.")]
    [InlineData("-Tolerance '1,5'", "ParameterArgumentTransformationError", "'1,5' is not a margin.")]
    public async Task A_bad_goal_or_tolerance_is_refused_with_a_right_one(string arguments, string id, string message)
    {
        using var session = await Session.StartAsync();

        var error = session.Module.Invoke($"Compare-MeshiaExperiment exp_a, exp_b {arguments}").Error;

        Assert.Equal($"{id},Meshia.PowerShell.CompareMeshiaExperiment", error.FullyQualifiedErrorId);
        Assert.Contains(message, error.ToString(), StringComparison.Ordinal);
        Assert.Empty(session.Service.Requests);
    }

    [Fact]
    public async Task An_unknown_name_gives_a_warning()
    {
        using var session = await Session.StartAsync();

        var result = session.Module.Invoke("$WarningPreference = 'SilentlyContinue'; Compare-MeshiaExperiment exp_a, exp_b -Metric acuracy, loss -Config nosuch* -Goal @{ los = 'Minimize'; steps = 'Minimize'; 'val*' = 'Maximize' } -WarningVariable said; $said");

        Assert.Equal(
            [
                "-Metric 'acuracy' is not a metric of these experiments. Available: history, loss, norm, steps, val.acc",
                "-Goal 'los' is not a metric of these experiments. Available: history, loss, norm, steps, val.acc",
                "-Config 'nosuch*' is not a configuration key of these experiments. Available: lr, note, opt.beta, opt.name, seed",
            ],
            result.Output.Skip(1).Select(warning => warning.ToString()));
    }

    [Fact]
    public async Task More_than_a_hundred_are_refused()
    {
        using var session = await Session.StartAsync();

        var error = session.Module.Invoke("1..101 | & { process { \"exp_$_\" } } | Compare-MeshiaExperiment").Error;

        Assert.Equal("InvalidArgument,Meshia.PowerShell.CompareMeshiaExperiment", error.FullyQualifiedErrorId);
        Assert.Contains("101 experiments are too many for a comparison. The maximum is 100.", error.ToString(), StringComparison.Ordinal);
        Assert.Empty(session.Service.Requests);
    }

    [Fact]
    public async Task The_table_has_a_column_for_each_experiment_and_marks_the_best()
    {
        using var session = await Session.StartAsync();

        Assert.Equal(
            """
                        exp_a     exp_b          exp_c
                        first     second         �[31mthird
                        baseline  failed
            Config
            lr          0.01      0.001 (-90%)   0.01
            note        null      -              null
            seed        1         "1"            1
            Metrics
            history     █▅▁ 1     █ ▁ 2          █▁ 2
            loss ↓?     0.4       * 0.3 (-25%)   0.3004 (-25%)
            norm        1         NaN            Infinity
            steps       100       100.2 (+0.2%)  100
            val.acc ↑?  0.8       0.7 (-13%)     * 0.9 (+13%)

            * best · ↓ less is better · ↑ more is better · ? guessed from the name (-Goal says it)
            % against exp_a
            """.ReplaceLineEndings("\n"),
            session.Table("Compare-MeshiaExperiment exp_a, exp_b, exp_c", 100));
    }

    [Fact]
    public async Task A_table_that_is_too_wide_goes_page_by_page_with_the_baseline_on_each()
    {
        using var session = await Session.StartAsync();

        var pages = session.Table("Compare-MeshiaExperiment exp_a, exp_b, exp_c -Baseline exp_b", 50).Split("\n\n");

        Assert.Equal(3, pages.Length);
        Each.Of(pages[..2], page => Assert.Contains("exp_b", page.Split('\n')[0], StringComparison.Ordinal));
        Assert.Contains("exp_a", pages[0], StringComparison.Ordinal);
        Assert.Contains("exp_c", pages[1], StringComparison.Ordinal);
        Each.Of(pages.SelectMany(page => page.Split('\n')), line => Assert.True(line.Length < 50, line));
    }

    [Fact]
    public async Task Many_experiments_and_few_keys_get_a_line_for_each()
    {
        using var session = await Session.StartAsync();

        var lines = session.Table("Compare-MeshiaExperiment (1..40 | & { process { \"exp_$_\" } }) -Metric loss -Config none", 80).Split('\n');

        Assert.StartsWith("loss", lines[0].TrimStart(), StringComparison.Ordinal);
        Assert.Equal("exp_1 run 1 baseline  * 0.01", lines[1]);
        Assert.Equal(40, lines.Count(line => line.StartsWith("exp_", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task No_difference_is_said_in_words()
    {
        using var session = await Session.StartAsync();

        Assert.Equal("2 experiments without differences.", session.Table("Compare-MeshiaExperiment exp_a, exp_b -Metric steps -Config opt* -Tolerance 1", 80));
    }

    [Fact]
    public async Task After_a_job_it_looks_the_same()
    {
        using var session = await Session.StartAsync();
        const string Compare = "Compare-MeshiaExperiment exp_a, exp_b, exp_c -All -Tolerance 2% -Goal @{ norm = 'Minimize' }";

        var live = session.Table(Compare, 100);

        Assert.Equal(live, session.Table($"[System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize(({Compare})))", 100));
    }

    [Fact]
    public async Task A_constrained_session_sees_the_same_facts_plainly()
    {
        using var session = await Session.StartAsync();
        session.Module.Output("$comparison = Compare-MeshiaExperiment exp_a, exp_b -Metric loss -Config none");
        session.Module.Runspace.SessionStateProxy.LanguageMode = PSLanguageMode.ConstrainedLanguage;

        Assert.Equal("loss: exp_a 0.4, exp_b 0.3; best: exp_b", session.Module.Shown("$comparison").Trim());
    }

    /// <summary>A module beside a service that knows three experiments, and as many others as anybody asks for.</summary>
    private sealed class Session(ScriptedService service, ModuleSession module) : IDisposable
    {
        public ScriptedService Service => service;

        public ModuleSession Module => module;

        public static async Task<Session> StartAsync(string summaries = "[]")
        {
            var service = await ScriptedService.StartAsync(request => Reply.Ok(request.Endpoint == "POST /experiments/compare"
                ? $$"""{"experiments":[{{A}},{{B}},{{C}}],"config_diffs":null,"metric_summaries":{{summaries}}}"""
                : Numbered(request.Endpoint.Split('_')[1])));
            var module = new ModuleSession();
            module.Connect(service.BaseUri);
            return new(service, module);
        }

        public IEnumerable<object> Keys(string script, string part) => module.Output($"$comparison = {script}; $comparison.{part}.Key").Where(key => key is not null).Select(key => key.BaseObject);

        /// <summary>A row; its type is one of the module's own, which a test knows as little as a script does.</summary>
        public dynamic Row(string script, string key) =>
            module.Output($"$comparison = {script}; @($comparison.Config) + @($comparison.Metrics) | & {{ process {{ if ($_.Key -eq $key) {{ $_ }} }} }}", ("key", key)).Single().BaseObject;

        public object Value(string script) => module.Output(script).Single().BaseObject;

        public string Table(string script, int width)
        {
            module.Output($"$Host.UI.RawUI.BufferSize = [System.Management.Automation.Host.Size]::new({width}, 50)");
            return string.Join('\n', module.Shown(script).ReplaceLineEndings("\n").Trim('\n').Split('\n').Select(line => line.TrimEnd())).Trim('\n');
        }

        public void Dispose()
        {
            module.Dispose();
            service.DisposeAsync().AsTask().Wait();
        }

        private static string Numbered(string number) =>
            string.Create(CultureInfo.InvariantCulture, $$"""{"id":"exp_{{number}}","name":"run {{number}}","status":"completed","config":{"seed":{{number}} },"metrics":{"loss":{{int.Parse(number, CultureInfo.InvariantCulture) / 100.0}} } }""");
    }
}
