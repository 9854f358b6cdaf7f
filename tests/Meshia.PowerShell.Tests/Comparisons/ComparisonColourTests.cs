namespace Meshia.PowerShell.Tests;

/// <summary>$PSStyle is the whole process's.</summary>
[Collection(SharedEnvironment.Name)]
public sealed class ComparisonColourTests : IAsyncLifetime
{
    private readonly ModuleSession _session = new();
    private ScriptedService _service = null!;

    public async ValueTask InitializeAsync()
    {
        _service = await ScriptedService.StartAsync(request => request.Endpoint == "POST /experiments/compare"
            ? Reply.Ok("{}")
            : request.Endpoint.EndsWith("exp_a", StringComparison.Ordinal) ? Experiment("exp_a", 0.4) : Experiment("exp_b", 0.3));
        _session.Connect(_service.BaseUri);
        _session.Output("$comparison = Compare-MeshiaExperiment exp_a, exp_b");
    }

    public async ValueTask DisposeAsync()
    {
        _session.Output("$PSStyle.OutputRendering = 'Host'");
        _session.Dispose();
        await _service.DisposeAsync();
    }

    [Fact]
    public void The_best_has_the_sessions_colour()
    {
        var green = Lines("$PSStyle.Foreground.BrightGreen");

        Assert.Contains(Shown("Ansi"), line => line.Contains($"{green[0]}* 0.3 (-25%)\u001b[0m", StringComparison.Ordinal));
    }

    [Fact]
    public void Each_line_has_its_own_colours_alone()
    {
        var lines = Shown("Ansi");

        // Of a text of several lines the engine repeats at each the codes of those before.
        Each.Of(lines, line => Assert.InRange(line.Split('\u001b').Length, 1, 3));
        Assert.Equal(3, lines.Count(line => line.Contains('\u001b', StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("PlainText")]
    [InlineData("Host")]
    public void A_session_or_a_host_without_colours_gets_none(string rendering) =>
        Assert.DoesNotContain(Shown(rendering), line => line.Contains('\u001b', StringComparison.Ordinal));

    private string[] Shown(string rendering)
    {
        _session.Output($"$PSStyle.OutputRendering = '{rendering}'");
        return _session.Shown("$comparison").Split('\n');
    }

    private List<string> Lines(string script) => [.. _session.Output(script).Select(line => (string)line.BaseObject)];

    private static Reply Experiment(string id, double loss) =>
        Reply.Ok(FormattableString.Invariant($$$"""{"id":"{{{id}}}","name":"run","status":"completed","config":{"seed":{{{loss}}} },"metrics":{"loss":{{{loss}}} } }"""));
}
