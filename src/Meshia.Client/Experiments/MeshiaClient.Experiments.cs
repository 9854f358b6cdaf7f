namespace Meshia;

public sealed partial class MeshiaClient
{
    /// <summary>The most experiments that one comparison takes.</summary>
    public const int MostCompared = 100;

    /// <summary>Lists a session's experiments: <c>GET /sessions/:id/experiments</c>.</summary>
    /// <param name="sessionId">The session's id.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public IAsyncEnumerable<Experiment> GetExperimentsAsync(string sessionId, CancellationToken cancellationToken = default) =>
        ListAsync($"sessions/{Segment(sessionId, nameof(sessionId))}/experiments", ContractNames.Experiments, Experiment.From, cancellationToken);

    /// <summary>Lists a session's experiments as long as more pages are wanted.</summary>
    internal IAsyncEnumerable<Experiment> GetExperimentsAsync(string sessionId, Func<bool> wantsMore, CancellationToken cancellationToken) =>
        ListAsync($"sessions/{Segment(sessionId, nameof(sessionId))}/experiments", ContractNames.Experiments, Experiment.From, cancellationToken, wantsMore);

    /// <summary>Gets one experiment with config, metrics, artifacts and duration: <c>GET /experiments/:id</c>.</summary>
    /// <param name="id">The experiment's id.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<Experiment> GetExperimentAsync(string id, CancellationToken cancellationToken = default) =>
        GetAsync($"experiments/{Segment(id, nameof(id))}", Experiment.From, cancellationToken);

    /// <summary>
    /// Compares experiments: <c>POST /experiments/compare</c>. What the answer leaves out is computed from the
    /// experiments, which are fetched where it does not hold them.
    /// </summary>
    /// <param name="ids">Two ids or more, at most <see cref="MostCompared"/>; the baseline is compared whether it is among them or not.</param>
    /// <param name="options">What to compare, and how.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="ArgumentException">There are too few or too many, or an id cannot be one.</exception>
    public async Task<ExperimentComparison> CompareExperimentsAsync(IReadOnlyList<string> ids, ComparisonOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new();
        var all = (ids ?? []).Concat(options.BaselineId is { } baseline ? [baseline] : []).Distinct(StringComparer.Ordinal).ToList();
        if (all.Count < 2)
            throw new ArgumentException("A comparison takes two or more different experiments. A right one: exp_abc, exp_def", nameof(ids));
        if (all.Count > MostCompared)
            throw new ArgumentException(FormattableString.Invariant($"{all.Count} experiments are too many for a comparison: it takes {MostCompared} at most."), nameof(ids));
        foreach (var id in all)
            Segment(id, nameof(ids));
        // A comparison changes nothing, so it may be repeated although it is a POST.
        var body = JsonValue.ToBytes(new Dictionary<string, object?> { ["experiment_ids"] = all.ToArray() });
        using var response = await CallAsync(HttpMethod.Post, "experiments/compare", body, isRepeatable: true, cancellationToken).ConfigureAwait(false);
        var parts = await ApiResponse.ReadAsync(response, ComparisonReader.Read, ComparisonReader.Unread).ConfigureAwait(false);
        var known = parts.Whole.ToDictionary(experiment => experiment.Id, StringComparer.Ordinal);
        var found = new List<(string Id, Experiment Experiment)>();
        foreach (var id in all)
            found.Add((id, known.TryGetValue(id, out var experiment) ? experiment : await GetExperimentAsync(id, cancellationToken).ConfigureAwait(false)));
        // The service may know an experiment by more than one id: from here on it has the one that the service gives it.
        var experiments = Experiment.OncePerId(found.Select(pair => pair.Experiment)).ToList();
        if (experiments.Count < 2)
            throw new ArgumentException($"{string.Join(", ", all)} are one experiment, {experiments[0].Id}. A comparison takes two or more different ones.", nameof(ids));
        var baselineId = found.Find(pair => pair.Id == (options.BaselineId ?? all[0])).Experiment.Id;
        return ComparisonReader.Complete(parts, experiments, baselineId, options);
    }

    /// <summary>Tests an experiment's metrics by rules, in one request where the service's comparison is whole.</summary>
    /// <param name="id">The experiment's id.</param>
    /// <param name="rules">The rules, one or more.</param>
    /// <param name="options">The baseline, which a rule on regression needs, and the goals.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>A result for each rule and each metric that it means; one that means none is not kept.</returns>
    /// <exception cref="ArgumentException">There is no rule, or a rule on regression and no baseline.</exception>
    public async Task<IReadOnlyList<MetricTest>> TestExperimentAsync(string id, IReadOnlyList<MetricRule> rules, ComparisonOptions? options = null, CancellationToken cancellationToken = default)
    {
        var baselineId = options?.BaselineId;
        if (rules is not { Count: > 0 })
            throw new ArgumentException("There is no rule to test by.", nameof(rules));
        if (baselineId is null && rules.Any(rule => rule.MaxRegression is not null))
            throw new ArgumentException("A rule on how much worse a metric may be needs a baseline.", nameof(options));
        if (baselineId == id)
            throw new ArgumentException($"{id} is its own baseline.", nameof(options));
        // Equal metrics are tested too.
        var all = new ComparisonOptions { BaselineId = baselineId, IncludeEqual = true, Goal = options?.Goal ?? (static _ => null) };
        var comparison = baselineId is null
            ? Alone(await GetExperimentAsync(id, cancellationToken).ConfigureAwait(false))
            : await CompareExperimentsAsync([baselineId, id], all, cancellationToken).ConfigureAwait(false);
        return [.. MetricTest.All(comparison, comparison.Experiments[comparison.Experiments.Count - 1].Id, baselineId is null ? null : comparison.BaselineId, rules)];

        // Under the id that the service gives it, which may be another than the one that was asked for.
        ExperimentComparison Alone(Experiment experiment) => ComparisonReader.Complete(ComparisonReader.Nothing, [experiment], experiment.Id, all);
    }

    /// <summary>
    /// Waits for experiments, until each has completed or failed, or is in another state that is asked for. One list serves
    /// all of a session; one whose session has ended without it is not waited for any longer.
    /// </summary>
    /// <param name="ids">Their ids.</param>
    /// <param name="options">What is waited for, and for how long.</param>
    /// <param name="sessionIds">The sessions of experiments, by the experiments' ids, as far as they are known: each spares a request.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Each as its wait ends. A service that is away for a while does not end it.</returns>
    public IAsyncEnumerable<WaitResult<Experiment>> WaitForExperimentsAsync(IReadOnlyList<string> ids, WaitOptions options, IReadOnlyDictionary<string, string>? sessionIds = null, CancellationToken cancellationToken = default)
    {
        foreach (var id in ids)
            Segment(id, nameof(ids));
        return new ExperimentPoller(this, options, _options, _observer, sessionIds ?? new Dictionary<string, string>()).RunAsync(ids, cancellationToken);
    }
}
