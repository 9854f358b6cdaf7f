using System.Management.Automation;

namespace Meshia.PowerShell.Tests;

/// <summary>Whatever a cmdlet emits binds to every cmdlet that takes an id of it: read from the built module, not from a list.</summary>
[Trait("Culture", "Dependent")]
public sealed class BindingTests
{
    /// <summary>What gets one object of each type.</summary>
    private static readonly Dictionary<string, string> _sources = new()
    {
        ["Session"] = "Get-MeshiaSession sess_1",
        ["Experiment"] = "Get-MeshiaExperiment exp_1",
        ["Artifact"] = "Get-MeshiaArtifact exp_1 -Id art_1",
        ["Webhook"] = "Get-MeshiaWebhook wh_1",
    };

    private static readonly Dictionary<string, string> _ids = new() { ["Session"] = "sess_1", ["Experiment"] = "exp_1", ["Artifact"] = "art_1", ["Webhook"] = "wh_1" };

    /// <summary>Source type, cmdlet, and the id that the cmdlet must take from it.</summary>
    public static TheoryData<string, string, string> Pairs
    {
        get
        {
            using var session = new ModuleSession();
            var pairs = new TheoryData<string, string, string>();
            foreach (var command in session.Output("Get-Command -Module Meshia").Select(item => (CmdletInfo)item.BaseObject))
            {
                var wanted = WantedBy(command);
                // It only helps with an experiment: a session by itself is refused.
                if (command.Name == "Wait-MeshiaExperiment")
                    wanted.Remove("Session");
                foreach (var source in _sources.Keys.Where(source => wanted.Contains(source) || wanted.Any(other => Holds(source, other))))
                    pairs.Add(source, command.Name, wanted.Contains(source) ? _ids[source] : _ids[wanted.Single(other => Holds(source, other))]);
            }

            return pairs;
        }
    }

    [Fact]
    public void The_surface_has_the_pairs_that_the_documentation_shows()
    {
        var pairs = Pairs.Select(pair => $"{pair.Data.Item1} | {pair.Data.Item2}").ToList();

        Assert.Contains("Session | Get-MeshiaExperiment", pairs);
        Assert.Contains("Session | Stop-MeshiaSession", pairs);
        Assert.Contains("Experiment | Get-MeshiaArtifact", pairs);
        Assert.Contains("Experiment | Compare-MeshiaExperiment", pairs);
        Assert.Contains("Artifact | Save-MeshiaArtifact", pairs);
        Assert.Contains("Webhook | Unregister-MeshiaWebhook", pairs);
    }

    [Theory, MemberData(nameof(Pairs))]
    public Task An_object_binds_to_every_cmdlet_that_takes_an_id_of_it(string source, string cmdlet, string id) => AssertBindsAsync(_sources[source], cmdlet, id);

    [Theory, MemberData(nameof(Pairs))]
    public Task So_does_one_that_came_through_a_job_or_a_remote_session(string source, string cmdlet, string id) =>
        AssertBindsAsync($"{_sources[source]} | ForEach-Object {{ [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($_)) }}", cmdlet, id);

    private static async Task AssertBindsAsync(string source, string cmdlet, string id)
    {
        await using var service = await ScriptedAccount.StartAsync();
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);
        session.Output($"$source = @({source}); if ($source.Count -ne 1) {{ throw 'not one' }}");
        var before = service.Requests.Count;
        var isChange = session.Output($"(Get-Command {cmdlet}).Parameters.ContainsKey('WhatIf')").Single().BaseObject is true;
        var second = cmdlet == "Compare-MeshiaExperiment" ? ", 'exp_2'" : "";
        var others = cmdlet == "Send-MeshiaWebhook" ? "-Uri https://your-server.com/hook" : "";

        if (cmdlet == "Sync-MeshiaExperiment")
            cmdlet += " -Path Temp:/meshia-binding";

        if (cmdlet == "Test-MeshiaExperiment")
            cmdlet += " -Rule @{ loss = '< 1' }";

        // It takes an address too; what it does there, the test has to see.
        var isSent = cmdlet == "Send-MeshiaWebhook";
        if (isSent)
            cmdlet += $" -Uri {service.BaseUri}/hook -EventType session.started";

        if (isChange && !isSent)
        {
            var shown = session.Shown($"$source | {cmdlet} {others} -WhatIf");

            Assert.StartsWith("What if: ", shown, StringComparison.Ordinal);
            Assert.Contains(id, shown, StringComparison.Ordinal);
            Assert.Equal(before, service.Requests.Count);
        }
        else
        {
            Assert.NotEmpty(session.Output($"$source{second} | {cmdlet}"));

            var request = service.Requests[before];
            // There is no endpoint for a single webhook.
            Assert.True(request.Endpoint == "GET /webhooks" || $"{request.Endpoint}/ {request.Body}".Replace('"', '/').Contains($"/{id}/", StringComparison.Ordinal), $"{request.Endpoint} {request.Body}");
        }
    }

    /// <summary>The types whose id, or who themselves, a cmdlet takes from the pipeline.</summary>
    private static HashSet<string> WantedBy(CmdletInfo command)
    {
        var fromPipeline = command.Parameters.Values.Where(parameter => parameter.Attributes.OfType<ParameterAttribute>().Any(attribute => attribute.ValueFromPipeline || attribute.ValueFromPipelineByPropertyName));
        var wanted = new HashSet<string>();
        foreach (var parameter in fromPipeline)
        {
            var names = parameter.Aliases.Append(parameter.Name == "Id" ? $"{command.Noun["Meshia".Length..]}Id" : parameter.Name);
            wanted.UnionWith(_sources.Keys.Where(type => names.Contains($"{type}Id") || parameter.ParameterType.Name == type));
        }

        return wanted;
    }

    /// <summary>Whether an object knows the id of another, as an artifact does of its experiment.</summary>
    private static bool Holds(string source, string other) => (source, other) is ("Experiment", "Session") or ("Artifact", "Experiment");
}
