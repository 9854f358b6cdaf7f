using System.Management.Automation;

namespace Meshia.PowerShell;

/// <summary><c>Compare-MeshiaExperiment</c>: puts experiments side by side, and says which is better.</summary>
[Cmdlet(VerbsData.Compare, "MeshiaExperiment", HelpUri = HelpAddress.Base + "Compare-MeshiaExperiment.md")]
[OutputType(typeof(ExperimentComparison))]
public sealed class CompareMeshiaExperiment : MeasuringCmdlet
{
    private readonly List<string> _ids = [];
    private readonly SortedSet<string> _metrics = new(StringComparer.OrdinalIgnoreCase);
    private readonly SortedSet<string> _configKeys = new(StringComparer.OrdinalIgnoreCase);
    private Func<string, MetricGoal?> _goal = static _ => null;

    /// <summary>Keys of the configuration, levels joined by dots, with wildcards.</summary>
    [Parameter]
    [SupportsWildcards]
    [ValidateWildcard]
    [ArgumentCompleter(typeof(ConfigKeyCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Config { get; set; }

    /// <summary>How far numbers may be apart and still be the same: an amount, as in 0.01, or a share, as in 2%.</summary>
    [Parameter]
    [ToleranceText]
    [ValidateNotNull]
    public Tolerance Tolerance { get; set; } = Tolerance.None;

    /// <summary>Shows keys whose values are the same too.</summary>
    [Parameter]
    public SwitchParameter All { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        try
        {
            _goal = GoalTable.Read(Goal);
        }
        catch (ArgumentException failure)
        {
            ThrowTerminatingError(failure.ToErrorRecord("InvalidGoal", Goal));
        }
    }

    /// <inheritdoc/>
    protected override void ProcessRecord() => _ids.AddRange(Id);

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        // The pipeline had no objects.
        if (_ids.Count == 0)
            return;
        var options = new ComparisonOptions
        {
            BaselineId = Baseline,
            Tolerance = Tolerance,
            IncludeEqual = All,
            Goal = _goal,
            Metric = Noting(_metrics, Metric),
            Config = Noting(_configKeys, Config),
        };
        Compare(options);
        if (_metrics.Count + _configKeys.Count == 0)
            return;
        WarnOfUnknown("metric", nameof(Metric), Metric, _metrics);
        WarnOfUnknown("metric", nameof(Goal), Goal?.Keys.Cast<object>().Select(key => key.ToString()!), _metrics);
        WarnOfUnknown("configuration key", nameof(Config), Config, _configKeys);
    }

    /// <summary>Experiments of an archive are compared here: the service may have forgotten them.</summary>
    private void Compare(ComparisonOptions options)
    {
        var all = _ids.Concat(Baseline is null ? [] : [Baseline]).Distinct(StringComparer.Ordinal).ToList();
        var target = string.Join(", ", _ids);
        if (ArchiveOrigin.Find(all) is not { } archived)
            RunFor(target, async cancellationToken => await EmitAsync(await Client.CompareExperimentsAsync(_ids, options, Call, cancellationToken).ConfigureAwait(false)).ConfigureAwait(false));
        else if (all.TrueForAll(archived.ContainsKey))
            TryRun(target, _ => EmitComparisonAsync(all, archived, options));
        else
            RunFor(target, async cancellationToken =>
            {
                foreach (var id in all.Where(id => !archived.ContainsKey(id)))
                    archived[id] = await Client.GetExperimentAsync(id, Call, cancellationToken).ConfigureAwait(false);
                await EmitComparisonAsync(all, archived, options).ConfigureAwait(false);
            });
    }

    private Task EmitComparisonAsync(List<string> ids, Dictionary<string, Experiment> archived, ComparisonOptions options) =>
        EmitAsync(ExperimentComparer.Compare([.. ids.Select(id => (id, archived[id]))], options));

    /// <summary>Lets pass what the patterns match, and takes note of all that there is.</summary>
    private static Func<string, bool> Noting(SortedSet<string> keys, string[]? patterns)
    {
        var wildcards = new Wildcards(patterns);
        return key =>
        {
            keys.Add(key);
            return wildcards.Match(key);
        };
    }

    /// <summary>A name that is mistyped must not read as no difference.</summary>
    private void WarnOfUnknown(string kind, string parameter, IEnumerable<string>? patterns, SortedSet<string> keys)
    {
        foreach (var pattern in (patterns ?? []).Where(pattern => !keys.Any(new Wildcards([pattern]).Match)))
            WriteWarning($"-{parameter} '{pattern}' is not a {kind} of these experiments. Available: {(keys.Count == 0 ? "none" : string.Join(", ", keys)):long}");
    }
}
