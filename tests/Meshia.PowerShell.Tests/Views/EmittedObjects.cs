using System.Collections;
using System.Management.Automation;

namespace Meshia.PowerShell.Tests;

/// <summary>Objects of every type that carries what the service says, each of their lists and dictionaries with two entries or more.</summary>
internal static class EmittedObjects
{
    private const string Script = """
        Get-MeshiaSession
        Get-MeshiaExperiment a
        $comparison = Compare-MeshiaExperiment c, b, a -Goal @{ '*' = 'Minimize' }
        $comparison
        $comparison.Config
        $comparison.Metrics
        Test-MeshiaExperiment a -Baseline b -Metric * -Goal @{ '*' = 'Minimize' }
        Get-MeshiaArtifact a
        Get-MeshiaArtifact saved | Save-MeshiaArtifact -Destination $folder
        Get-MeshiaWebhook
        ConvertFrom-MeshiaWebhook -AllowUnverified -Body $completed
        ConvertFrom-MeshiaWebhook -AllowUnverified -Body $unknown
        """;

    /// <summary>Properties that say nothing of the service's: they are the user's own, or made here.</summary>
    private static readonly string[] _own =
    [
        "ExperimentComparison.Tolerance", "MetricTest.Rule", "SavedArtifact.ArtifactId", "SavedArtifact.FileName", "SavedArtifact.Path", "SavedArtifact.Sha256",
        "ExperimentCompletedEvent.EventType",
    ];

    /// <param name="folder">Where an artifact is saved.</param>
    /// <param name="mark">What every text of the service begins with, as JSON writes it.</param>
    public static async Task<IReadOnlyList<PSObject>> GetAsync(string folder, string mark = "")
    {
        await using var service = await ScriptedService.StartAsync((request, context) => Answer(request.Endpoint, $"http://{context.Request.Host}", mark).SendAsync(context.Response));
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);
        return session.Output(Script, ("folder", folder), ("completed", Event("experiment.completed")), ("unknown", Event($"{mark}x.y")));

        string Event(string type) =>
            $$$"""{"event":"{{{type}}}","session_id":"{{{mark}}}s","timestamp":"2020-01-02T03:04:05Z","data":{"experiment_id":"{{{mark}}}a","metrics":{{{Metrics(mark, 0.5)}}},"{{{mark}}}k":"{{{mark}}}v"},{{{More(mark)}}}}""";
    }

    /// <summary>The properties of an object that hold texts of the service, each as Type.Property, with those texts.</summary>
    public static IEnumerable<(string Name, IReadOnlyList<string> Texts)> Texts(PSObject item) => item.BaseObject.GetType().GetProperties()
        .Where(property => typeof(IEnumerable).IsAssignableFrom(property.PropertyType))
        .Select(property => ($"{item.BaseObject.GetType().Name}.{property.Name}", (IReadOnlyList<string>)[.. TextsOf(property.GetValue(item.BaseObject))]))
        .Where(property => !_own.Contains(property.Item1));

    private static IEnumerable<string> TextsOf(object? value) => value switch
    {
        string text => [text],
        IDictionary map => map.Keys.Cast<string>(),
        IEnumerable items => items.Cast<object>().SelectMany(item => item is string text ? [text] : TextsOf(item.GetType().GetProperty("Id")?.GetValue(item) ?? item.GetType().GetProperty("Key")?.GetValue(item))),
        _ => [],
    };

    private static Reply Answer(string endpoint, string origin, string mark) => endpoint.Split('?')[0].Split(' ', '/') switch
    {
        ["GET", "", "sessions"] => Reply.Ok($$$"""[{"id":"{{{mark}}}s","name":"{{{mark}}}n","gpu":"{{{mark}}}g","repo":"{{{mark}}}r","status":"{{{mark}}}running","created_at":"2020-01-02T03:04:05Z",{{{More(mark)}}}}]"""),
        ["GET", "", "experiments", var id] => Reply.Ok(Experiment(id, mark)),
        ["POST", "", "experiments", "compare"] => Reply.Ok($"{{{More(mark)}}}"),
        ["GET", "", "experiments", "saved", "artifacts"] => Reply.Ok($$"""[{"id":"1","experiment_id":"{{mark}}a","name":"{{mark}}n"}]"""),
        ["GET", "", "experiments", _, "artifacts"] => Reply.Ok($"[{Artifact(mark, 1)},{Artifact(mark, 2)}]"),
        ["GET", "", "artifacts", _, "download"] => Reply.Ok($$"""{"url":"{{origin}}/files/x"}"""),
        ["GET", "", "files", "x"] => new Reply(200, "x", "text/plain"),
        ["GET", "", "webhooks"] => Reply.Ok($$$"""[{"id":"{{{mark}}}w","url":"{{{mark}}}https://example.com/","events":["{{{mark}}}a.b","{{{mark}}}c.d"],"active":true,"created_at":"2020-01-02T03:04:05Z",{{{More(mark)}}}}]"""),
        _ => Reply.Error(404, "not_found"),
    };

    private static string Experiment(string id, string mark) =>
        $$$"""{"id":"{{{mark}}}{{{id}}}","session_id":"{{{mark}}}s","name":"{{{mark}}}n","status":"{{{mark}}}completed","error":"{{{mark}}}e","duration_seconds":1,"config":{"{{{mark}}}optimizer":{"{{{mark}}}name":"{{{mark}}}{{{id}}}"},"{{{mark}}}keys":["{{{mark}}}{{{id}}}",2]},"metrics":{{{Metrics(mark, id == "a" ? 0.75 : 0.5)}}},"artifacts":[{{{Artifact(mark, 1)}}},{{{Artifact(mark, 2)}}},"{{{mark}}}bare"],"created_at":"2020-01-02T03:04:05Z",{{{More(mark)}}}}""";

    /// <summary>Not in the order of their names, and one of them named as a dictionary's own property.</summary>
    private static string Metrics(string mark, double number) => FormattableString.Invariant($$"""{"{{mark}}loss":{{number}},"{{mark}}tokens":{{number}},"{{mark}}accuracy":{{number}},"keys":{{number}},"history":[3,{{number}}]}""");

    private static string Artifact(string mark, int number) =>
        $$$"""{"id":"{{{mark}}}{{{number}}}","experiment_id":"{{{mark}}}a","name":"{{{mark}}}{{{number}}}","size_bytes":1,"content_type":"{{{mark}}}text/plain","sha256":"{{{mark}}}0","created_at":"2020-01-02T03:04:05Z",{{{More(mark)}}}}""";

    /// <summary>Fields that nobody knows.</summary>
    private static string More(string mark) => $$"""
        "{{mark}}z":"{{mark}}1","{{mark}}y":["{{mark}}2"]
        """;
}
