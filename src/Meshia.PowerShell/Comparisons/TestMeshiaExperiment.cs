using System.Collections;
using System.Management.Automation;

namespace Meshia.PowerShell;

/// <summary><c>Test-MeshiaExperiment</c>: whether the metrics of experiments keep to rules, as a gate in a pipeline.</summary>
[Cmdlet(VerbsDiagnostic.Test, "MeshiaExperiment", HelpUri = HelpAddress.Base + "Test-MeshiaExperiment.md")]
[OutputType(typeof(MetricTest), typeof(bool))]
public sealed class TestMeshiaExperiment : MeasuringCmdlet
{
    private readonly List<MetricRule> _rules = [];
    private Func<string, MetricGoal?> _goal = static _ => null;
    private int _tested;
    private int _failed;

    /// <summary>How much worse the metrics of -Metric may be: an amount, as in 0.01, or a share, as in 2%.</summary>
    [Parameter]
    [ToleranceText]
    [ValidateNotNull]
    public Tolerance MaxRegression { get; set; } = Tolerance.None;

    /// <summary>Rules by metrics, with wildcards: how much worse than the baseline's they may be, as in 2%, or bounds, as in '&lt;= 0.5'; several as an array.</summary>
    [Parameter]
    [ValidateNotNull]
    public IDictionary? Rule { get; set; }

    /// <summary>Gives one true or false for all instead of a result for each rule.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        try
        {
            ReadRules();
            _goal = GoalTable.Read(Goal);
        }
        catch (ArgumentException failure)
        {
            ThrowTerminatingError(failure.ToErrorRecord("InvalidRule", Rule));
        }
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var id in Id)
        {
            _tested++;
            // Experiments of an archive are tested here: the service may have forgotten them.
            var ids = Baseline is null ? new[] { id } : [id, Baseline];
            var archived = ArchiveOrigin.Find(ids);
            var isTested = archived is not null && Array.TrueForAll(ids, archived.ContainsKey)
                ? TryRun(id, cancellationToken => TestAsync(id, archived, cancellationToken))
                : RunFor(id, cancellationToken => TestAsync(id, archived, cancellationToken));
            if (!isTested)
                _failed++;
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        // What could not be tested, and nothing at all, does not pass.
        if (Quiet)
            WriteObject(_tested > 0 && _failed == 0);
    }

    private async Task TestAsync(string id, Dictionary<string, Experiment>? archived, CancellationToken cancellationToken)
    {
        var options = new ComparisonOptions { BaselineId = Baseline, Goal = _goal };
        var tests = archived is null
            ? await Client.TestExperimentAsync(id, _rules, options, Call, cancellationToken).ConfigureAwait(false)
            : ExperimentComparer.Test(await FindAsync(id).ConfigureAwait(false), Baseline is null ? null : await FindAsync(Baseline).ConfigureAwait(false), _rules, options);
        foreach (var test in tests)
        {
            if (!test.Passed)
                _failed++;
            if (!Quiet)
                await EmitAsync(test).ConfigureAwait(false);
            else if (!test.Passed)
                OnPipelineThread(() => WriteVerbose($"{test.Metric} of {id} is not {test.Rule}: {test.Reason}."));
        }

        async Task<Experiment> FindAsync(string wanted) => archived.TryGetValue(wanted, out var known) ? known : await Client.GetExperimentAsync(wanted, Call, cancellationToken).ConfigureAwait(false);
    }

    /// <exception cref="ArgumentException">There is none, one cannot be read, or one needs a baseline and there is none.</exception>
    private void ReadRules()
    {
        // Every rule must be tested.
        if (Metric is null && MyInvocation.BoundParameters.ContainsKey(nameof(MaxRegression)))
            throw new ArgumentException("-MaxRegression needs -Metric. Example: -Metric loss, 'val/*' -MaxRegression 2%");
        foreach (var metric in Metric ?? [])
            _rules.Add(Parse(metric, MaxRegression.ToString()));
        foreach (var entry in PlainValues.Entries(Rule ?? new Hashtable()))
        {
            foreach (var text in LanguagePrimitives.ConvertTo<string[]>(entry.Value) ?? [""])
                _rules.Add(Parse(entry.Key.ToString()!, text));
        }

        if (_rules.Count == 0)
            throw new ArgumentException("There is no rule. Examples: -Metric loss -MaxRegression 2%, -Rule @{ loss = '2%'; accuracy = '>= 0.9' }");
        if (Baseline is null && _rules.Find(rule => rule.MaxRegression is not null) is { } needy)
            throw new ArgumentException($"The rule for {needy.Metric} compares with a baseline. Add -Baseline.");
    }

    private static MetricRule Parse(string metric, string text) => MetricRule.Parse(metric, new Wildcards([metric]).Match, text);
}
