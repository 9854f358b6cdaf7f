using System.Management.Automation;

namespace Meshia.PowerShell.Tests;

/// <summary>Of three items the second does not exist: the first and the third come out all the same, and the second is one error.</summary>
public sealed class NotFoundTests
{
    private const string Bad = "bad";

    private static readonly string[] _ids = ["one", Bad, "three"];

    /// <summary>Each parameter that takes ids, with what its objects tell by which id they are; nothing where it writes none.</summary>
    private static readonly Dictionary<string, Taking> _takings = new()
    {
        ["Get-MeshiaSession -Id"] = new("Get-MeshiaSession $ids", "$ids | Get-MeshiaSession", "Id", "GET /sessions/{0}"),
        ["Stop-MeshiaSession -Id"] = new("Stop-MeshiaSession $ids -PassThru", "$ids | Stop-MeshiaSession -PassThru", "Id", "POST /sessions/{0}/stop"),
        ["Get-MeshiaExperiment -Id"] = new("Get-MeshiaExperiment $ids", "$ids | Get-MeshiaExperiment", "Id", "GET /experiments/{0}"),
        ["Get-MeshiaExperiment -SessionId"] = new("Get-MeshiaExperiment -SessionId $ids", "$ids | ForEach-Object { [pscustomobject]@{ SessionId = $_ } } | Get-MeshiaExperiment", "SessionId", "GET /sessions/{0}/experiments"),
        ["Get-MeshiaArtifact -ExperimentId"] = new("Get-MeshiaArtifact $ids", "$ids | Get-MeshiaArtifact", "ExperimentId", "GET /experiments/{0}/artifacts"),
        ["Save-MeshiaArtifact -Id"] = new("Save-MeshiaArtifact $ids -Destination $folder -ThrottleLimit 1", "$ids | Save-MeshiaArtifact -Destination $folder -ThrottleLimit 1", "ArtifactId", "GET /artifacts/{0}/download"),
        ["Save-MeshiaArtifact -InputObject"] = new(null, "$ids | ForEach-Object { [pscustomobject]@{ Id = $_; Name = \"$_.bin\" } } | Save-MeshiaArtifact -Destination $folder -ThrottleLimit 1", "ArtifactId", "GET /artifacts/{0}/download"),
        ["Test-MeshiaExperiment -Id"] = new("Test-MeshiaExperiment $ids -Rule @{ loss = '< 1' }", "$ids | Test-MeshiaExperiment -Rule @{ loss = '< 1' }", "ExperimentId", "GET /experiments/{0}"),
        ["Unregister-MeshiaWebhook -Id"] = new("Unregister-MeshiaWebhook $ids -Confirm:$false", "$ids | Unregister-MeshiaWebhook -Confirm:$false", null, "DELETE /webhooks/{0}"),
        ["Invoke-MeshiaRequest -Path"] = new(null, "$ids | ForEach-Object { \"things/$_\" } | Invoke-MeshiaRequest", "id", "GET /things/{0}"),
        // The service documents no endpoint for one webhook: the list is asked, and nothing can come in the order of the ids.
        ["Get-MeshiaWebhook -Id"] = new("Get-MeshiaWebhook $ids", "$ids | Get-MeshiaWebhook", "Id", null),
    };

    public static TheoryData<string> Takings => [.. _takings.Keys];

    /// <summary>Parameters that take ids but act on all of them at once, only pick from a list, or ask the service for nothing.</summary>
    private static readonly string[] _notByItem =
    [
        // What a sandbox is told has its own test of items that fail: SandboxControl.Tests.ps1.
        "Add-MeshiaSandboxExperiment -SessionId", "Get-MeshiaSandboxFault -Id", "Remove-MeshiaSandboxFault -Id", "Send-MeshiaSandboxEvent -SessionId",
        "Compare-MeshiaExperiment -Id", "ConvertFrom-MeshiaWebhook -InputObject", "Export-MeshiaComparison -InputObject", "Export-MeshiaHistory -InputObject", "Get-MeshiaArtifact -Id",
        "Publish-MeshiaComparison -InputObject", "Receive-MeshiaWebhook -SessionId", "Save-MeshiaArtifact -ExperimentId", "Send-MeshiaWebhook -SessionId", "Wait-MeshiaExperiment -Id", "Wait-MeshiaExperiment -SessionId",
        // What a sync finds goes into its files.
        "Sync-MeshiaExperiment -SessionId", "Wait-MeshiaSession -Id",
    ];

    [Fact]
    public void Every_parameter_that_takes_ids_is_tried_here()
    {
        var taking = ModuleSurface.Cmdlets.SelectMany(cmdlet => ModuleSurface.Parameters(cmdlet)
            .Where(parameter => parameter.Name is "Id" or "SessionId" or "ExperimentId" or "InputObject" || (parameter.Name == "Path" && cmdlet.Name == "Invoke-MeshiaRequest"))
            .Select(parameter => $"{cmdlet.Name} -{parameter.Name}"));

        Assert.Equal(taking.Order(StringComparer.Ordinal), _takings.Keys.Concat(_notByItem).Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Takings))]
    public async Task The_others_come_out_and_one_error_is_written(string taking)
    {
        await using var tried = await TriedAsync(_takings[taking]);

        foreach (var call in tried.Calls)
        {
            var result = tried.Invoke(call, "Continue");

            Assert.Equal(["one", "three"], tried.Done(result));
            Assert.Null(result.Terminating);
            Assert.Equal(1, tried.ErrorsKept());
            var error = result.Error;
            var isWebhook = taking == "Get-MeshiaWebhook -Id";
            Assert.Equal($"{(isWebhook ? "webhook" : "thing")}_not_found,{ModuleSurface.Cmdlet(taking.Split(' ')[0]).ImplementingType.FullName}", error.FullyQualifiedErrorId);
            Assert.Equal(ErrorCategory.ObjectNotFound, error.CategoryInfo.Category);
            Assert.Equal(taking == "Invoke-MeshiaRequest -Path" ? $"things/{Bad}" : Bad, error.TargetObject);
            Assert.Equal("Check the id, and that it belongs to this account.", error.ErrorDetails.RecommendedAction);
            Assert.Equal(isWebhook ? "No webhook with id bad exists." : "As the test says. (status 404, code thing_not_found, request id req_42)", error.ToString());
        }
    }

    [Theory]
    [MemberData(nameof(Takings))]
    public async Task SilentlyContinue_hides_only_the_error(string taking)
    {
        await using var tried = await TriedAsync(_takings[taking]);

        foreach (var (action, kept) in new[] { ("SilentlyContinue", 1), ("Ignore", 0) })
        {
            var result = tried.Invoke(tried.Calls[0], action);

            Assert.Equal(["one", "three"], tried.Done(result));
            Assert.Empty(result.Errors);
            Assert.Null(result.Terminating);
            Assert.Equal(kept, tried.ErrorsKept());
        }
    }

    [Theory]
    [MemberData(nameof(Takings))]
    public async Task ErrorAction_Stop_ends_at_the_error_and_sends_nothing_more(string taking)
    {
        await using var tried = await TriedAsync(_takings[taking]);

        foreach (var call in tried.Calls)
        {
            var result = tried.Invoke(call, "Stop");

            Assert.IsType<ActionPreferenceStopException>(result.Terminating);
            Assert.EndsWith($"_not_found,{ModuleSurface.Cmdlet(taking.Split(' ')[0]).ImplementingType.FullName}", result.Error.FullyQualifiedErrorId);
            if (_takings[taking].Request is { } request)
            {
                Assert.Equal(["one"], tried.Done(result));
                Assert.DoesNotContain(string.Format(null, request, "three"), tried.Requests);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Takings))]
    public async Task Inquire_leaves_it_to_the_person(string taking)
    {
        await using var tried = await TriedAsync(_takings[taking]);

        const int Yes = 0, Halt = 2;
        Assert.Equal(["one", "three"], tried.Done(tried.Invoke(tried.Calls[0], "Inquire", Yes)));
        var halted = tried.Invoke(tried.Calls[0], "Inquire", Halt);

        Assert.IsType<ActionPreferenceStopException>(halted.Terminating);
        if (_takings[taking].Request is not null)
            Assert.Equal(["one"], tried.Done(halted));
    }

    [Fact]
    public async Task A_list_of_webhooks_that_cannot_be_read_does_not_mean_that_they_are_gone()
    {
        await using var service = await ScriptedService.StartAsync(Reply.Error(403, "forbidden"));
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);

        var result = session.Invoke("Get-MeshiaWebhook wh_1, wh_2");

        Assert.Equal("forbidden,Meshia.PowerShell.GetMeshiaWebhook", result.Error.FullyQualifiedErrorId);
    }

    [Fact]
    public async Task Files_of_an_experiment_that_cannot_be_listed_are_not_saved_unverified()
    {
        await using var service = await ScriptedService.StartAsync(request => request.Endpoint.EndsWith("/artifacts", StringComparison.Ordinal)
            ? Reply.Error(404, "experiment_not_found")
            : Reply.Ok("{}"));
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);

        var result = session.Invoke("Save-MeshiaArtifact art_1, art_2 -ExperimentId exp_1 -Destination $folder", ("folder", Path.GetTempPath()));

        Assert.Equal("experiment_not_found,Meshia.PowerShell.SaveMeshiaArtifact", result.Error.FullyQualifiedErrorId);
        Assert.Equal(["GET /experiments/exp_1/artifacts"], service.Requests.Select(request => request.Endpoint));
    }

    [Fact]
    public async Task One_unknown_session_of_ten_is_one_error_and_nine_objects()
    {
        await using var sandbox = await LocalSandbox.StartAsync();
        var ids = new List<string>();
        for (var i = 0; i < 9; i++)
            ids.Add(await sandbox.CreateFinishedSessionAsync($"run-{i}"));
        ids.Insert(4, "sess_unknown");
        using var session = sandbox.Connect();

        var result = session.Invoke("$ids | Get-MeshiaSession", ("ids", ids.ToArray()));

        Assert.Equal(ids.Where(id => id != "sess_unknown"), result.Output.Select(item => item.Properties["Id"].Value));
        Assert.Equal("session_not_found,Meshia.PowerShell.GetMeshiaSession", result.Error.FullyQualifiedErrorId);
        Assert.Equal("sess_unknown", result.Error.TargetObject);
    }

    private static async Task<Tried> TriedAsync(Taking taking) => new(taking, await ScriptedService.StartAsync(Answer));

    /// <summary>Answers every documented endpoint by the id in it; where that is the bad one, it does not exist.</summary>
    private static Task Answer(SeenRequest request, Microsoft.AspNetCore.Http.HttpContext context)
    {
        var parts = request.Endpoint.Split(' ', '/').Skip(2).ToArray();
        var id = parts.ElementAtOrDefault(1) ?? "";
        var reply = (request.Method, parts) switch
        {
            _ when id == Bad => Reply.Error(404, "thing_not_found").With("X-Request-Id", "req_42"),
            ("DELETE", _) => new Reply(204),
            (_, ["sessions", _, "experiments"]) => Reply.Ok($$"""{"experiments":[{"id":"exp","session_id":"{{id}}"}]}"""),
            (_, ["experiments", _, "artifacts"]) => Reply.Ok($$"""{"artifacts":[{"id":"art","experiment_id":"{{id}}"}]}"""),
            (_, ["artifacts", _, "download"]) => Reply.Ok($$"""{"url":"http://{{context.Request.Host}}/files/{{id}}"}"""),
            (_, ["webhooks"]) => Reply.Ok("""{"webhooks":[{"id":"one"},{"id":"other"},{"id":"three"}]}"""),
            _ => Reply.Ok($$"""{"id":"{{id}}"}"""),
        };
        return reply.SendAsync(context.Response);
    }

    /// <param name="ByArgument">A call with all ids in one argument, or null where a parameter takes one only.</param>
    /// <param name="ByPipeline">The same by pipeline.</param>
    /// <param name="Property">The property of its objects that tells the id, or null where it writes none.</param>
    /// <param name="Request">What it asks for each id, or null where it does not ask by id.</param>
    private sealed record Taking(string? ByArgument, string ByPipeline, string? Property, string? Request);

    private sealed class Tried : IAsyncDisposable
    {
        private readonly Taking _taking;
        private readonly ScriptedService _service;
        private readonly ModuleSession _session = new();
        private int _before;

        public Tried(Taking taking, ScriptedService service)
        {
            (_taking, _service) = (taking, service);
            _session.Connect(service.BaseUri);
        }

        public string[] Calls => _taking.ByArgument is { } byArgument ? [byArgument, _taking.ByPipeline] : [_taking.ByPipeline];

        /// <summary>What was asked since the last call began.</summary>
        public IEnumerable<string> Requests => _service.Requests.Skip(_before).Select(request => request.Endpoint);

        public ModuleSession.Result Invoke(string call, string errorAction, int? choice = null)
        {
            (_before, _session.Choice) = (_service.Requests.Count, choice);
            _session.Output("$Error.Clear()");
            var folder = Directory.CreateTempSubdirectory("meshia-errors-");
            try
            {
                return _session.Invoke($"{call} -ErrorAction {errorAction}", ("ids", _ids), ("folder", folder.FullName));
            }
            finally
            {
                folder.Delete(recursive: true);
            }
        }

        /// <summary>The ids that were dealt with: by the objects, or where there are none by the requests.</summary>
        public IEnumerable<string> Done(ModuleSession.Result result) => _taking.Property is { } property
            ? result.Output.Select(item => item.Properties[property].Value.ToString()!)
            : _ids.Where(id => id != Bad && Requests.Contains(string.Format(null, _taking.Request!, id)));

        public int ErrorsKept() => (int)_session.Output("$Error.Count")[0].BaseObject;

        public async ValueTask DisposeAsync()
        {
            _session.Dispose();
            await _service.DisposeAsync();
        }
    }
}
