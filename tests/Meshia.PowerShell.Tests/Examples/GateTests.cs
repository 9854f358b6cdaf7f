using System.Diagnostics;
using YamlDotNet.RepresentationModel;

namespace Meshia.PowerShell.Tests;

/// <summary>examples/gate.ps1, as the pipelines of docs/runbooks run it.</summary>
public sealed class GateTests : IDisposable
{
    private const string Worse = """{"loss":0.5,"val/accuracy":0.7}""";
    private const string Better = """{"loss":0.4,"val/accuracy":0.8}""";

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
        Assert.Contains("passed: loss of exp_2, at most 2% worse", output, StringComparison.Ordinal);
        Assert.Contains("passed: val/accuracy of exp_2, at most 2% worse", output, StringComparison.Ordinal);
        Assert.StartsWith("# Gate: all 2 rules passed\n", Summary(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("runbooks/github-actions.md", "\n::error title=Regression::loss of exp_2, at most 2% worse: ")]
    [InlineData("runbooks/azure-devops.md", "\n##vso[task.logissue type=error]loss of exp_2, at most 2% worse: ")]
    public async Task A_regression_fails_the_step_with_a_summary(string page, string message)
    {
        await using var service = await ServeAsync(Better, Worse);

        var (exitCode, output, error) = await RunAsync(page, service);

        Assert.Equal(1, exitCode);
        Assert.Contains("2 of 2 rules failed.", error, StringComparison.Ordinal);
        Assert.Contains(message, "\n" + output, StringComparison.Ordinal);
        var summary = Summary();
        Assert.StartsWith("# Gate: 2 of 2 rules failed\n", summary, StringComparison.Ordinal);
        var table = MarkdownTables.Parse(summary);
        Assert.Equal(["exp_2", "loss", "at most 2% worse", "0.5", "0.4"], table[0][1].Take(5));
        Assert.Contains("# Comparison", summary, StringComparison.Ordinal);
        if (page.Contains("azure", StringComparison.Ordinal))
            Assert.Contains($"##vso[task.uploadsummary]{_shell.Folder}/meshia-gate.md\n", output, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Pipelines))]
    public async Task A_name_from_the_service_is_no_command_to_the_platform(string page)
    {
        const string Metrics = """{"loss":0.4,"x\n##vso[task.setvariable variable=a]b accuracy":0.5,"\n::set-output name=a::b|`accuracy":0.5}""";
        await using var service = await ServeAsync(Metrics, Metrics.Replace("0.5", "0.1", StringComparison.Ordinal));

        var (exitCode, output, _) = await RunAsync(page, service);

        Assert.Equal(1, exitCode);
        Assert.DoesNotContain("##vso[task.setvariable", output, StringComparison.Ordinal);
        Assert.DoesNotContain("\n::set-output", "\n" + output, StringComparison.Ordinal);
        Assert.Equal([6, 6, 6, 6], MarkdownTables.Parse(Summary())[0].Select(row => row.Count));
    }

    [Theory]
    [MemberData(nameof(Pipelines))]
    public async Task What_cannot_be_tested_fails_the_step(string page)
    {
        await using var service = await ServeAsync(Better, "{}");

        var (exitCode, _, _) = await RunAsync(page, service);

        Assert.Equal(1, exitCode);
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
        var steps = isGitHub ? definition["jobs"]["gate"]["steps"] : definition["steps"];
        var step = steps[1];
        Directory.CreateDirectory(Path.Combine(_shell.Folder, "runbooks"));
        File.Copy(Path.Combine(Repository.Root, "examples", "gate.ps1"), Path.Combine(_shell.Folder, "runbooks", "gate.ps1"));
        var module = _shell.CopyModule();

        void Platform(ProcessStartInfo start)
        {
            ShellProcess.ImportFrom(start, module);
            start.Environment["MESHIA_BASE_URI"] = service.BaseUri.AbsoluteUri;
            foreach (var name in new[] { "GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "TF_BUILD", "AGENT_TEMPDIRECTORY" })
                start.Environment.Remove(name);
            foreach (var (name, value) in isGitHub
                ? new[] { ("GITHUB_ACTIONS", "true"), ("GITHUB_STEP_SUMMARY", Path.Combine(_shell.Folder, "meshia-gate.md")) }
                : [("TF_BUILD", "True"), ("AGENT_TEMPDIRECTORY", _shell.Folder)])
                start.Environment[name] = value;
            foreach (var (name, value) in ((YamlMappingNode)step["env"]).Children)
                start.Environment[Text(name)] = Text(value).Trim('$', '{', '}', '(', ')', ' ') switch
                {
                    "inputs.baseline" or "parameters.baseline" => "exp_1",
                    "inputs.experiment" or "parameters.experiment" => "exp_2",
                    "secrets.MESHIA_API_KEY" or "MeshiaApiKey" => ModuleSession.NewKey(),
                    var other => other,
                };
        }

        return await _shell.RunAsync("Set-StrictMode -Version 3\n" + Text(isGitHub ? step["run"] : step["inputs"]["script"]), Platform);
    }

    private string Summary() => File.ReadAllText(Path.Combine(_shell.Folder, "meshia-gate.md")).ReplaceLineEndings("\n");

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

    private static string Text(YamlNode node) => ((YamlScalarNode)node).Value!;
}
