using System.Management.Automation;

namespace Meshia.PowerShell;

/// <summary><c>Get-MeshiaExperiment</c>: lists the experiments of sessions, or gets some by their ids.</summary>
[Cmdlet(VerbsCommon.Get, "MeshiaExperiment", DefaultParameterSetName = SessionSet, HelpUri = HelpAddress.Base + "Get-MeshiaExperiment.md")]
[OutputType(typeof(Experiment))]
public sealed class GetMeshiaExperiment : ReadingCmdlet
{
    private const string SessionSet = "Session";
    private const string IdSet = "Id";

    /// <summary>Ids of experiments.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = IdSet, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("ExperimentId")]
    [IdOf("Experiment", MayBeForAnother = true)]
    [ArgumentCompleter(typeof(ExperimentIdCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Id { get; set; } = [];

    /// <summary>Ids of sessions; all sessions where none is given, at the price of a request for each.</summary>
    [Parameter(ParameterSetName = SessionSet, ValueFromPipelineByPropertyName = true)]
    [IdOf("Session")]
    [ArgumentCompleter(typeof(SessionIdCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? SessionId { get; set; }

    /// <summary>Names, with wildcards.</summary>
    [Parameter(ParameterSetName = SessionSet)]
    [SupportsWildcards]
    [ValidateWildcard]
    [ArgumentCompleter(typeof(ExperimentNameCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Name { get; set; }

    /// <summary>States, as in completed.</summary>
    [Parameter(ParameterSetName = SessionSet)]
    [ArgumentCompleter(typeof(ExperimentStatusCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Status { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ParameterSetName == IdSet)
        {
            foreach (var id in Id)
                RunFor(id, async cancellationToken => await EmitAsync(await Client.GetExperimentAsync(id, Call, cancellationToken).ConfigureAwait(false)).ConfigureAwait(false));
            return;
        }

        foreach (var sessionId in SessionId ?? AllSessionIds())
            RunFor(sessionId, cancellationToken => EmitOfAsync(sessionId, cancellationToken));
    }

    private string[] AllSessionIds()
    {
        var (ids, completeness) = (new List<string>(), new ListCompleteness());
        RunFor("sessions", async cancellationToken =>
        {
            await foreach (var session in Client.GetSessionsAsync(call: CallFor(completeness), cancellationToken: cancellationToken).ConfigureAwait(false))
                ids.Add(session.Id);
        });
        WriteErrorOfShortList("sessions", completeness, ids.Count > 0);
        return [.. ids];
    }

    private Task EmitOfAsync(string sessionId, CancellationToken cancellationToken)
    {
        var names = new Wildcards(Name);
        return EmitAllAsync(
            "experiments",
            call => Client.GetExperimentsAsync(sessionId, call, cancellationToken),
            experiment => names.Match(experiment.Name) && (Status is null || Status.Contains(experiment.Status, StringComparer.OrdinalIgnoreCase)));
    }
}
