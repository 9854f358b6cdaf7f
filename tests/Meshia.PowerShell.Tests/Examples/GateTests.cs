using System.Diagnostics;
using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace Meshia.PowerShell.Tests;

/// <summary>The gate as the pipelines of docs/runbooks run it: the GitHub action, the steps for Azure DevOps, and examples/gate.ps1.</summary>
public sealed partial class GateTests : IDisposable
{
    private const string Worse = """{"loss":0.5,"val/accuracy":0.7}""";
    private const string Better = """{"loss":0.4,"val/accuracy":0.8}""";

    /// <summary>No gallery is here. The module is found by its name, as after an installation.</summary>
    private const string Gallery = """
        Set-StrictMode -Version 3
        function Install-PSResource([Parameter(Position = 0)] $Name, $Version, $Repository, [switch] $TrustRepository) { "installed $Name $Version from $Repository" }

        """;

    private static readonly string[] _folders = ["examples", "docs", ".github"];

    private readonly ShellProcess _shell = new();

    public static TheoryData<string> Pipelines => ["runbooks/github-actions.md", "runbooks/azure-devops.md"];

    public void Dispose() => _shell.Dispose();

    [Theory]
    [MemberData(nameof(Pipelines))]
    public async Task A_pipeline_passes_what_is_not_worse(string page)
    {
        await using var service = await ServeAsync(Worse, Better);

        var (exitCode, output, error) = await RunAsync(page, service);

        Assert.Equal((0, ""), (exitCode, error));
        Assert.StartsWith("installed Meshia [0.1.0] from PSGallery\n", output, StringComparison.Ordinal);
        Assert.Matches(@"True +loss", output);
        Assert.Matches(@"True +val/accuracy", output);
        Assert.StartsWith("\n# Nightly gate: all 2 rules passed\n", Summary(), StringComparison.Ordinal);
        // Azure Pipelines is told of the file; no line is an error.
        Assert.Equal(page.Contains("github", StringComparison.Ordinal) ? 0 : 1, Commands(output).Count);
    }

    [Theory]
    [InlineData("runbooks/github-actions.md", "::error title=Nightly gate::loss of exp_2, at most 2% worse: ")]
    [InlineData("runbooks/azure-devops.md", "##vso[task.logissue type=error]Nightly gate: loss of exp_2, at most 2% worse: ")]
    public async Task A_regression_fails_the_step_with_a_summary(string page, string message)
    {
        await using var service = await ServeAsync(Better, Worse);

        var (exitCode, output, error) = await RunAsync(page, service);

        Assert.Equal((1, ""), (exitCode, error));
        Assert.Contains(Commands(output), line => line.Replace("%25", "%", StringComparison.Ordinal).Replace("%AZP25", "%", StringComparison.Ordinal).StartsWith(message, StringComparison.Ordinal));
        var summary = Summary();
        Assert.StartsWith("\n# Nightly gate: 2 of 2 rules failed\n", summary, StringComparison.Ordinal);
        Assert.Equal(["exp_2", "loss", "at most 2% worse", "0.5", "0.4"], MarkdownTables.Parse(summary)[0][1].Take(5));
        Assert.Contains("## Comparison", summary, StringComparison.Ordinal);
        if (page.Contains("azure", StringComparison.Ordinal))
            Assert.Contains($"##vso[task.uploadsummary]{SummaryFile()}", Commands(output));
    }

    [Theory]
    [MemberData(nameof(Pipelines))]
    public async Task What_cannot_be_judged_ends_with_2_and_says_so(string page)
    {
        await using var service = await ScriptedService.StartAsync(_ => Reply.Error(404, "experiment_not_found"));

        var (exitCode, output, error) = await RunAsync(page, service);

        Assert.Equal(2, exitCode);
        Assert.Contains("As the test says.", error, StringComparison.Ordinal);
        Assert.StartsWith("\n# Nightly gate: nothing could be judged\n", Summary(), StringComparison.Ordinal);
        Assert.Contains(Commands(output), line => line.Contains("Not judged: ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_script_ends_with_the_exit_code_that_its_help_says()
    {
        await using var service = await ServeAsync(Better, Worse);
        var gate = Path.Combine(Repository.Root, "examples", "gate.ps1");

        var (exitCode, output, _) = await _shell.RunAsync(
            $$"""
            function Show($Name) { "$Name ends with $LASTEXITCODE" }
            & '{{gate}}'; Show 'Nothing given'
            & '{{gate}}' -Baseline exp_1 -ExperimentId exp_2 -MaxRegression much; Show 'No tolerance'
            & '{{gate}}' -Baseline exp_2 -ExperimentId exp_1; Show 'Better'
            & '{{gate}}' -Baseline exp_1 -ExperimentId exp_2; Show 'Worse'
            & '{{gate}}' -Baseline exp_1 -ExperimentId 'exp_2, exp_9'; Show 'Worse and unknown'
            & '{{gate}}' -Baseline exp_2 -ExperimentId exp_1, exp_9; Show 'Better and unknown'
            Remove-Item Env:MESHIA_API_KEY; Disconnect-Meshia
            & '{{gate}}' -Baseline exp_1 -ExperimentId exp_2; Show 'No key'
            # No cmdlet ends the process.
            exit 42
            """,
            start =>
            {
                Detach(start);
                start.Environment["MESHIA_BASE_URI"] = service.BaseUri.AbsoluteUri;
                start.Environment["MESHIA_API_KEY"] = ModuleSession.NewKey();
            });

        Assert.Equal(42, exitCode);
        Assert.Equal(
            ["Nothing given 2", "No tolerance 2", "Better 0", "Worse 1", "Worse and unknown 1", "Better and unknown 2", "No key 2"],
            output.Split('\n').Where(line => line.Contains(" ends with ", StringComparison.Ordinal)).Select(line => line.Replace(" ends with", "", StringComparison.Ordinal)));
        Assert.Contains("# Gate: all 1 rules passed, but not everything could be judged\n", await File.ReadAllTextAsync(Path.Combine(_shell.Folder, "meshia-gate.md"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public void No_cmdlet_ends_its_host()
    {
        var files = Directory.GetFiles(Path.Combine(Repository.Root, "src", "Meshia.PowerShell"), "*.cs", SearchOption.AllDirectories).Where(file => !file.Contains("/obj/", StringComparison.Ordinal)).ToList();

        Each.Of(files, file => Assert.DoesNotMatch(@"SetShouldExit|Environment\.(Exit|FailFast)", File.ReadAllText(file)));
    }

    [Fact]
    public void No_input_is_part_of_a_script()
    {
        var scripts = new[] { GitHubStep(), AzureStep() }.Select(step => step.Script).ToList();

        Each.Of(scripts, script =>
        {
            Assert.DoesNotContain("${{", script, StringComparison.Ordinal);
            // A macro of Azure Pipelines is one too.
            Assert.DoesNotContain("$(", script, StringComparison.Ordinal);
            Assert.Contains("$env:MESHIA_BASELINE", script, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void Nothing_here_runs_the_code_of_a_fork_with_secrets()
    {
        var files = _folders.SelectMany(folder => Directory.GetFiles(Path.Combine(Repository.Root, folder), "*", SearchOption.AllDirectories)).Where(file => Path.GetExtension(file) is ".yml" or ".yaml" or ".md" or ".ps1").ToList();

        Each.Of(files, file => Assert.DoesNotContain("pull_request_target", File.ReadAllText(file), StringComparison.Ordinal));
    }

    [Fact]
    public void Every_pipeline_of_the_guides_is_YAML()
    {
        var blocks = GuidePage.OfKeys.SelectMany(page => new GuidePage(page).Blocks("yaml")).ToList();

        Assert.NotEmpty(blocks);
        Each.Of(blocks, block => Assert.IsType<YamlMappingNode>(Parse(block)));
    }

    /// <summary>Does what the platform does with its definition: sets the variables of the step, and runs its script.</summary>
    private async Task<(int ExitCode, string Output, string Error)> RunAsync(string page, ScriptedService service)
    {
        var isGitHub = page.Contains("github", StringComparison.Ordinal);
        var definition = Parse(new GuidePage(page).Named("yaml", isGitHub ? ".github/workflows/gate.yml" : "gate.yml"));
        var steps = ((YamlSequenceNode)(isGitHub ? definition["jobs"]["gate"]["steps"] : definition["steps"])).Children.Cast<YamlMappingNode>();
        var step = Assert.Single(steps, step => step.Children.ContainsKey(isGitHub ? "with" : "template"));
        Assert.EndsWith(isGitHub ? "/.github/actions/gate@v0.1.0" : "runbooks/gate-steps.yml", Text(step[isGitHub ? "uses" : "template"]), StringComparison.Ordinal);
        var given = Pairs(step[isGitHub ? "with" : "parameters"]);
        var (script, variables, inputs) = isGitHub ? GitHubStep() : AzureStep();
        Assert.Empty(given.Keys.Except(inputs.Keys));
        Directory.CreateDirectory(Path.Combine(_shell.Folder, "runbooks"));
        File.Copy(Path.Combine(Repository.Root, "examples", "gate.ps1"), Path.Combine(_shell.Folder, "runbooks", "gate.ps1"));

        return await _shell.RunAsync(Gallery + script, Platform);

        void Platform(ProcessStartInfo start)
        {
            Detach(start);
            start.Environment["MESHIA_BASE_URI"] = service.BaseUri.AbsoluteUri;
            foreach (var (name, value) in isGitHub
                ? new[] { ("GITHUB_ACTIONS", "true"), ("GITHUB_STEP_SUMMARY", Path.Combine(_shell.Folder, "meshia-nightly-gate.md")), ("GITHUB_ACTION_PATH", Path.Combine(Repository.Root, ".github", "actions", "gate")) }
                : [("TF_BUILD", "True"), ("AGENT_TEMPDIRECTORY", _shell.Folder)])
                start.Environment[name] = value;
            foreach (var (name, value) in variables)
                start.Environment[name] = Value(value);
        }

        string Value(string value) => Expression().Match(value) is not { Success: true } match ? value : match.Groups[1].Value switch
        {
            "secrets.MESHIA_API_KEY" or "MeshiaApiKey" => ModuleSession.NewKey(),
            "github.token" or "System.AccessToken" => "a-token-of-the-run",
            "vars.MESHIA_BASELINE" => "exp_1",
            "steps.train.outputs.experiment" => "exp_2",
            var input => Input(input.Split('.')[1]),
        };

        // The parameters of the page's own pipeline have the same names as those of the template.
        string Input(string name) => (name, isGitHub) switch
        {
            ("baseline", false) => "exp_1",
            ("experiment", false) => "exp_2",
            _ => Value(given.GetValueOrDefault(name) ?? inputs[name] ?? throw new InvalidOperationException($"{name} has no value.")),
        };
    }

    /// <summary>The script of the action, its variables, and the inputs with their defaults.</summary>
    private static (string Script, Dictionary<string, string> Variables, Dictionary<string, string?> Inputs) GitHubStep()
    {
        var action = Parse(File.ReadAllText(Path.Combine(Repository.Root, ".github", "actions", "gate", "action.yml")));
        Assert.Equal("composite", Text(action["runs"]["using"]));
        var step = Assert.Single((YamlSequenceNode)action["runs"]["steps"]);
        var inputs = ((YamlMappingNode)action["inputs"]).Children.ToDictionary(pair => Text(pair.Key), pair => ((YamlMappingNode)pair.Value).Children.TryGetValue("default", out var value) ? Text(value) : null);
        return (Text(step["run"]), Pairs(step["env"]), inputs);
    }

    private static (string Script, Dictionary<string, string> Variables, Dictionary<string, string?> Inputs) AzureStep()
    {
        var template = Parse(File.ReadAllText(Path.Combine(Repository.Root, "examples", "azure-devops", "gate-steps.yml")));
        var step = Assert.Single((YamlSequenceNode)template["steps"]);
        var inputs = ((YamlSequenceNode)template["parameters"]).Children.ToDictionary(parameter => Text(parameter["name"]), parameter => ((YamlMappingNode)parameter).Children.TryGetValue("default", out var value) ? Text(value) : null);
        return (Text(step["inputs"]["script"]), Pairs(step["env"]), inputs);
    }

    /// <summary>The tests may run in a pipeline themselves.</summary>
    private static void Detach(ProcessStartInfo start)
    {
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("GITHUB_", StringComparison.Ordinal) || name.StartsWith("SYSTEM_", StringComparison.Ordinal) || name is "GH_TOKEN" or "TF_BUILD").ToList())
            start.Environment.Remove(name);
    }

    private static List<string> Commands(string output) => [.. output.Split('\n').Where(line => line.StartsWith("::", StringComparison.Ordinal) || line.StartsWith("##vso[", StringComparison.Ordinal))];

    private string SummaryFile() => Assert.Single(Directory.GetFiles(_shell.Folder, "meshia-nightly-gate*.md"));

    private string Summary() => File.ReadAllText(SummaryFile()).ReplaceLineEndings("\n");

    private static Task<ScriptedService> ServeAsync(string baseline, string experiment) => ScriptedService.StartAsync(request => request.Endpoint.Split(' ')[1] switch
    {
        "/experiments/compare" => Reply.Ok("{}"),
        "/experiments/exp_1" => Experiment("exp_1", baseline),
        "/experiments/exp_2" => Experiment("exp_2", experiment),
        _ => Reply.Error(404, "experiment_not_found"),
    });

    private static Reply Experiment(string id, string metrics) =>
        Reply.Ok($$$"""{"id":"{{{id}}}","session_id":"sess_1","name":"run","status":"completed","config":{},"metrics":{{{metrics}}},"created_at":"2026-01-02T03:04:05Z"}""");

    private static YamlNode Parse(string yaml)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(yaml));
        return Assert.Single(stream.Documents).RootNode;
    }

    private static Dictionary<string, string> Pairs(YamlNode node) => ((YamlMappingNode)node).Children.ToDictionary(pair => Text(pair.Key), pair => Text(pair.Value));

    private static string Text(YamlNode node) => ((YamlScalarNode)node).Value!;

    /// <summary>An expression of GitHub or of a template, or a macro of Azure Pipelines, that is all of a value.</summary>
    [GeneratedRegex(@"^\$(?:\{\{|\()\s*([\w.-]+)\s*(?:\}\}|\))$")]
    private static partial Regex Expression();
}
