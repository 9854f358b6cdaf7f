namespace Meshia;

/// <summary>Compares experiments and tests their metrics, and fetches what the service's comparison leaves out.</summary>
internal sealed class ExperimentComparer(Transport transport, CallOptions? call)
{
    /// <inheritdoc cref="MeshiaClient.CompareExperimentsAsync"/>
    public Task<ExperimentComparison> CompareAsync(IReadOnlyList<string> ids, ComparisonOptions options, CancellationToken cancellationToken) => TimeLimit.RunAsync(
        call?.Timeout,
        transport.Options.TimeProvider,
        stop => ReadAsync(ids, options, stop),
        static (limit, failure) => new MeshiaException(MeshiaFailure.TimedOut, "timed_out", $"The comparison was not complete within {limit.TotalSeconds:0.#} s.", failure)
        {
            RecommendedAction = "Check the network and the status of the service, then try again. -TimeoutSeconds gives more time.",
        },
        cancellationToken);

    /// <inheritdoc cref="MeshiaClient.TestExperimentAsync"/>
    public async Task<IReadOnlyList<MetricTest>> TestAsync(string id, IReadOnlyList<MetricRule> rules, ComparisonOptions? options, CancellationToken cancellationToken)
    {
        Check(id, rules, options);
        // Equal metrics are tested too.
        if (options?.BaselineId is not { } baselineId)
            return Test(await ExperimentRequests.GetAsync(transport, id, call, cancellationToken).ConfigureAwait(false), null, rules, options);
        return Test(await CompareAsync([baselineId, id], ForTests(baselineId, options), cancellationToken).ConfigureAwait(false), rules);
    }

    /// <summary>Compares experiments that are at hand, without a request.</summary>
    /// <param name="found">The experiments, under the ids by which they were asked for.</param>
    /// <param name="options">What to compare, and how.</param>
    /// <exception cref="ArgumentException">There are too few or too many.</exception>
    public static ExperimentComparison Compare(IReadOnlyList<(string Id, Experiment Experiment)> found, ComparisonOptions options)
    {
        CheckNumber(found.Count);
        return Compare(ComparisonReader.Nothing, found, options);
    }

    /// <summary>Tests an experiment that is at hand, without a request.</summary>
    /// <param name="experiment">The experiment.</param>
    /// <param name="baseline">What it is measured against; null if no rule needs that.</param>
    /// <param name="rules">The rules, one or more.</param>
    /// <param name="options">The goals.</param>
    /// <exception cref="ArgumentException">There is no rule, or a rule on regression and no baseline.</exception>
    public static IReadOnlyList<MetricTest> Test(Experiment experiment, Experiment? baseline, IReadOnlyList<MetricRule> rules, ComparisonOptions? options)
    {
        Check(experiment.Id, rules, options);
        // Under the id that the service gives it, which may be another than the one that was asked for.
        return baseline is null
            ? [.. MetricTest.All(ComparisonReader.Complete(ComparisonReader.Nothing, [experiment], experiment.Id, ForTests(null, options)), experiment.Id, null, rules)]
            : Test(Compare([(baseline.Id, baseline), (experiment.Id, experiment)], ForTests(baseline.Id, options)), rules);
    }

    private static IReadOnlyList<MetricTest> Test(ExperimentComparison comparison, IReadOnlyList<MetricRule> rules) =>
        [.. MetricTest.All(comparison, comparison.Experiments[comparison.Experiments.Count - 1].Id, comparison.BaselineId, rules)];

    private static ComparisonOptions ForTests(string? baselineId, ComparisonOptions? options) =>
        new() { BaselineId = baselineId, IncludeEqual = true, Goal = options?.Goal ?? (static _ => null) };

    private static void Check(string id, IReadOnlyList<MetricRule> rules, ComparisonOptions? options)
    {
        var baselineId = options?.BaselineId;
        if (rules is not { Count: > 0 })
            throw new ArgumentException("There is no rule.", nameof(rules));
        if (baselineId is null && rules.Any(rule => rule.MaxRegression is not null))
            throw new ArgumentException("A rule that compares with a baseline needs a baseline.", nameof(options));
        if (baselineId == id)
            throw new ArgumentException($"{id} is its own baseline.", nameof(options));
    }

    private static void CheckNumber(int count)
    {
        if (count < 2)
            throw new ArgumentException("A comparison needs two or more different experiments. Example: exp_abc, exp_def");
        if (count > MeshiaClient.MostCompared)
            throw new ArgumentException(FormattableString.Invariant($"{count} experiments are too many for a comparison. The maximum is {MeshiaClient.MostCompared}. Choose the best with Get-MeshiaExperiment -Metric and -Top, or see all of them with Export-MeshiaHistory."));
    }

    private async Task<ExperimentComparison> ReadAsync(IReadOnlyList<string> ids, ComparisonOptions options, CancellationToken cancellationToken)
    {
        var all = (ids ?? []).Concat(options.BaselineId is { } baseline ? [baseline] : []).Distinct(StringComparer.Ordinal).ToList();
        CheckNumber(all.Count);
        foreach (var id in all)
            ApiPath.Segment(id, nameof(ids));
        // A comparison changes nothing, so it may be repeated although it is a POST.
        var body = JsonValue.ToBytes(new Dictionary<string, object?> { ["experiment_ids"] = all.ToArray() });
        var request = transport.Request(HttpMethod.Post, "experiments/compare") with { Body = body, IsRepeatable = true };
        var context = new CallContext(request, call, transport.Options);
        using var response = await transport.SendAsync(context, cancellationToken).ConfigureAwait(false);
        var parts = await ApiResponse.ReadAsync(response, ComparisonReader.Read, ComparisonReader.Unread).ConfigureAwait(false);
        foreach (var experiment in parts.Experiments)
            transport.Service.TellOnce(((IServiceObject)experiment).Doubt, context);
        var known = parts.Whole.ToDictionary(experiment => experiment.Id, StringComparer.Ordinal);
        var found = new List<(string Id, Experiment Experiment)>();
        foreach (var id in all)
            found.Add((id, known.TryGetValue(id, out var experiment) ? experiment : await ExperimentRequests.GetAsync(transport, id, call, cancellationToken).ConfigureAwait(false)));
        return Compare(parts, found, options);
    }

    private static ExperimentComparison Compare(ComparisonReader.Parts parts, IReadOnlyList<(string Id, Experiment Experiment)> found, ComparisonOptions options)
    {
        // The service may know an experiment by more than one id: from here on it has the one that the service gives it.
        var experiments = Experiment.OncePerId(found.Select(pair => pair.Experiment)).ToList();
        if (experiments.Count < 2)
            throw new ArgumentException($"{string.Join(", ", found.Select(pair => pair.Id))} are the same experiment, {experiments[0].Id}. A comparison needs two or more different ones.");
        var baselineId = found.First(pair => pair.Id == (options.BaselineId ?? found[0].Id)).Experiment.Id;
        return ComparisonReader.Complete(parts, experiments, baselineId, options);
    }
}
