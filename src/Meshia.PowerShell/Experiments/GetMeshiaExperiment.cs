using System.Collections;
using System.Management.Automation;
using System.Runtime.CompilerServices;

namespace Meshia.PowerShell;

/// <summary><c>Get-MeshiaExperiment</c>: lists the experiments of sessions or of an archive, or gets some by their ids.</summary>
[Cmdlet(VerbsCommon.Get, "MeshiaExperiment", DefaultParameterSetName = SessionSet, HelpUri = HelpAddress.Base + "Get-MeshiaExperiment.md")]
[OutputType(typeof(Experiment))]
public sealed class GetMeshiaExperiment : ReadingCmdlet
{
    private const string SessionSet = "Session";
    private const string IdSet = "Id";

    private readonly List<string> _archivedIds = [];
    private Wildcards _names = new(null);
    private ConfigFilter _config = new(null);
    private ExperimentRanking? _ranking;
    private ExperimentArchive? _archive;
    private bool _wantsAll;
    private int _examined;

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
    [ArgumentCompleter(typeof(ExperimentSessionIdCompleter))]
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

    /// <summary>Only experiments that were created at this time or later.</summary>
    [Parameter(ParameterSetName = SessionSet)]
    public DateTimeOffset? Since { get; set; }

    /// <summary>Keys of the configuration, levels joined by dots, with the value that they must have; several values as an array.</summary>
    [Parameter(ParameterSetName = SessionSet)]
    [ValidateNotNull]
    public IDictionary? Config { get; set; }

    /// <summary>The metric that the experiments are ranked by, the best first. Experiments without a finite number there are left out.</summary>
    [Parameter(ParameterSetName = SessionSet)]
    [ArgumentCompleter(typeof(MetricNameCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Metric { get; set; }

    /// <summary>How many of the best experiments by -Metric are wanted.</summary>
    [Parameter(ParameterSetName = SessionSet)]
    [ValidateRange(1, int.MaxValue)]
    public int Top { get; set; }

    /// <summary>Whether less or more of -Metric is better; guessed from its name if it is not given.</summary>
    [Parameter(ParameterSetName = SessionSet)]
    [ValidateSet(nameof(MetricGoal.Minimize), nameof(MetricGoal.Maximize))]
    public string? Goal { get; set; }

    /// <summary>The folder of an archive, as Sync-MeshiaExperiment writes it. No connection is used.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        _names = new(Name);
        try
        {
            _config = new(Config);
            _ranking = Rank();
        }
        catch (ArgumentException failure)
        {
            ThrowTerminatingError(failure.ToErrorRecord("InvalidArgument", Metric ?? (object?)Config));
        }

        if (Path is not null)
            _archive = ArchiveFolder.Open(this, Path);
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        // The archive is read once, for all that the pipeline brings.
        if (_archive is not null)
        {
            _wantsAll |= ParameterSetName == SessionSet && SessionId is null;
            _archivedIds.AddRange(ParameterSetName == IdSet ? Id : SessionId ?? []);
            return;
        }

        if (ParameterSetName == IdSet)
        {
            foreach (var id in Id)
                RunFor(id, async cancellationToken => await EmitAsync(await Client.GetExperimentAsync(id, Call, cancellationToken).ConfigureAwait(false)).ConfigureAwait(false));
            return;
        }

        foreach (var sessionId in SessionId ?? AllSessionIds())
            RunFor(sessionId, cancellationToken => EmitOfAsync(sessionId, cancellationToken));
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (_archive is not null && (_wantsAll || _archivedIds.Count > 0))
            TryRun(_archive.FolderPath, cancellationToken => ParameterSetName == IdSet ? EmitArchivedIdsAsync() : EmitArchivedAsync(cancellationToken));
        if (_ranking is not null)
            Run(async _ =>
            {
                foreach (var experiment in _ranking.Best)
                    await EmitAsync(experiment).ConfigureAwait(false);
            });
        WarnOfUnknown();
    }

    private ExperimentRanking? Rank()
    {
        if (Metric is null)
        {
            if (MyInvocation.BoundParameters.ContainsKey(nameof(Top)) || Goal is not null)
                throw new ArgumentException("-Top and -Goal need -Metric, the metric to rank by. Example: -Top 10 -Metric loss");
            return null;
        }

        var goal = Goal is not null && Enum.TryParse(Goal, ignoreCase: true, out MetricGoal given) ? given : MetricGoalGuesser.GuessGoal(Metric)
            ?? throw new ArgumentException($"The name '{Metric}' does not say whether less or more is better. Add -Goal Minimize or -Goal Maximize.");
        if (Goal is null)
            WriteVerbose($"{(goal == MetricGoal.Minimize ? "Less" : "More")} of '{Metric}' is better: the goal {goal.ToString()} was guessed from the name. -Goal gives another.");
        return new(Metric, goal, MyInvocation.BoundParameters.ContainsKey(nameof(Top)) ? Top : null);
    }

    private async Task EmitArchivedAsync(CancellationToken cancellationToken)
    {
        foreach (var experiment in _archive!.Read(_wantsAll ? null : [.. _archivedIds.Distinct(StringComparer.Ordinal)], WarnOfDamage, _ranking is null ? null : _ranking.IsBeaten))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!Passes(experiment))
                continue;
            ArchiveOrigin.Remember(experiment, _archive);
            await EmitAsync(experiment).ConfigureAwait(false);
        }
    }

    private async Task EmitArchivedIdsAsync()
    {
        var wanted = new HashSet<string>(_archivedIds, StringComparer.Ordinal);
        var found = _archive!.Read(damaged: WarnOfDamage).Where(experiment => wanted.Contains(experiment.Id)).GroupBy(experiment => experiment.Id, StringComparer.Ordinal).ToDictionary(same => same.Key, same => same.First(), StringComparer.Ordinal);
        foreach (var id in _archivedIds)
        {
            if (found.TryGetValue(id, out var experiment))
            {
                ArchiveOrigin.Remember(experiment, _archive);
                await EmitAsync(experiment).ConfigureAwait(false);
                continue;
            }

            OnPipelineThread(() => WriteError(StreamRecord.Error("ExperimentNotInArchive", ErrorCategory.ObjectNotFound, id, $"The archive in '{_archive.FolderPath:long}' has no experiment {id}.", $"Update the archive with Sync-MeshiaExperiment, or leave out -Path to read from the service.")));
        }
    }

    private void WarnOfDamage(string text) => OnPipelineThread(() => WriteWarning($"{text:long}"));

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

    private Task EmitOfAsync(string sessionId, CancellationToken cancellationToken) =>
        EmitAllAsync("experiments", call => WithDetailsAsync(Client.GetExperimentsAsync(sessionId, call, cancellationToken), cancellationToken), Passes);

    /// <summary>Whether an experiment is to be emitted now; one that is ranked comes later.</summary>
    private bool Passes(Experiment experiment)
    {
        if (!_names.Match(experiment.Name) || (Status is not null && !Status.Contains(experiment.Status, StringComparer.OrdinalIgnoreCase)) || (Since is not null && !(experiment.CreatedAt >= Since)))
            return false;
        _examined++;
        if (!_config.Match(experiment))
            return false;
        _ranking?.Add(experiment);
        if (_ranking is not null && _archive is not null)
            ArchiveOrigin.Remember(experiment, _archive);
        return _ranking is null;
    }

    /// <summary>A list need not hold configuration and metrics; if one of them is requested, the experiment is got by its id.</summary>
    private async IAsyncEnumerable<Experiment> WithDetailsAsync(IAsyncEnumerable<Experiment> list, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var experiment in list.ConfigureAwait(false))
        {
            var isShort = (_ranking is not null || !_config.IsEmpty) && experiment.Config.Count == 0 && experiment.Metrics.Count == 0;
            yield return isShort ? await Client.GetExperimentAsync(experiment.Id, Call, cancellationToken).ConfigureAwait(false) : experiment;
        }
    }

    /// <summary>A name that is mistyped must not read as no result.</summary>
    private void WarnOfUnknown()
    {
        if (_examined == 0)
            return;
        foreach (var key in _config.UnknownKeys)
            WriteWarning($"-Config '{key}' is not a configuration key of these experiments.");
        if (_ranking is { FoundMetric: false } && _config.UnknownKeys.Count == 0)
            WriteWarning($"-Metric '{Metric}' is not a metric of these experiments.");
    }
}
