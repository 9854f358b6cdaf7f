namespace Meshia;

/// <summary>Compares experiments and tests their metrics, and fetches what the service's comparison leaves out.</summary>
internal sealed class ExperimentComparer(Transport transport, CallOptions? call)
{
    /// <inheritdoc cref="MeshiaClient.CompareExperimentsAsync"/>
    public Task<ExperimentComparison> CompareAsync(IReadOnlyList<string> ids, ComparisonOptions options, CancellationToken cancellationToken) => TimeLimit.RunAsync(
        call?.Timeout,
        transport.Options.TimeProvider,
        stop => ReadAsync(ids, options, stop),
        static (limit, failure) => new(MeshiaFailure.TimedOut, "timed_out", $"The comparison was not complete within {limit.TotalSeconds:0.#} s.", failure)
        {
            RecommendedAction = "Check the network and the service's status, then try again; -TimeoutSeconds gives more time.",
        },
        cancellationToken);

    /// <inheritdoc cref="MeshiaClient.TestExperimentAsync"/>
    public async Task<IReadOnlyList<MetricTest>> TestAsync(string id, IReadOnlyList<MetricRule> rules, ComparisonOptions? options, CancellationToken cancellationToken)
    {
        var baselineId = options?.BaselineId;
        if (rules is not { Count: > 0 })
            throw new ArgumentException("There is no rule.", nameof(rules));
        if (baselineId is null && rules.Any(rule => rule.MaxRegression is not null))
            throw new ArgumentException("A rule on how much worse a metric may be needs a baseline.", nameof(options));
        if (baselineId == id)
            throw new ArgumentException($"{id} is its own baseline.", nameof(options));
        // Equal metrics are tested too.
        var all = new ComparisonOptions { BaselineId = baselineId, IncludeEqual = true, Goal = options?.Goal ?? (static _ => null) };
        var comparison = baselineId is null
            ? Alone(await ExperimentRequests.GetAsync(transport, id, call, cancellationToken).ConfigureAwait(false))
            : await CompareAsync([baselineId, id], all, cancellationToken).ConfigureAwait(false);
        return [.. MetricTest.All(comparison, comparison.Experiments[comparison.Experiments.Count - 1].Id, baselineId is null ? null : comparison.BaselineId, rules)];

        // Under the id that the service gives it, which may be another than the one that was asked for.
        ExperimentComparison Alone(Experiment experiment) => ComparisonReader.Complete(ComparisonReader.Nothing, [experiment], experiment.Id, all);
    }

    private async Task<ExperimentComparison> ReadAsync(IReadOnlyList<string> ids, ComparisonOptions options, CancellationToken cancellationToken)
    {
        var all = (ids ?? []).Concat(options.BaselineId is { } baseline ? [baseline] : []).Distinct(StringComparer.Ordinal).ToList();
        if (all.Count < 2)
            throw new ArgumentException("A comparison takes two or more different experiments. An example: exp_abc, exp_def", nameof(ids));
        if (all.Count > MeshiaClient.MostCompared)
            throw new ArgumentException(FormattableString.Invariant($"{all.Count} experiments are too many for a comparison: it takes {MeshiaClient.MostCompared} at most."), nameof(ids));
        foreach (var id in all)
            ApiPath.Segment(id, nameof(ids));
        // A comparison changes nothing, so it may be repeated although it is a POST.
        var body = JsonValue.ToBytes(new Dictionary<string, object?> { ["experiment_ids"] = all.ToArray() });
        var request = transport.Request(HttpMethod.Post, "experiments/compare") with { Body = body, IsRepeatable = true };
        using var response = await transport.SendAsync(request, call, cancellationToken).ConfigureAwait(false);
        var parts = await ApiResponse.ReadAsync(response, ComparisonReader.Read, ComparisonReader.Unread).ConfigureAwait(false);
        var known = parts.Whole.ToDictionary(experiment => experiment.Id, StringComparer.Ordinal);
        var found = new List<(string Id, Experiment Experiment)>();
        foreach (var id in all)
            found.Add((id, known.TryGetValue(id, out var experiment) ? experiment : await ExperimentRequests.GetAsync(transport, id, call, cancellationToken).ConfigureAwait(false)));
        // The service may know an experiment by more than one id: from here on it has the one that the service gives it.
        var experiments = Experiment.OncePerId(found.Select(pair => pair.Experiment)).ToList();
        if (experiments.Count < 2)
            throw new ArgumentException($"{string.Join(", ", all)} are one experiment, {experiments[0].Id}. A comparison takes two or more different ones.", nameof(ids));
        var baselineId = found.Find(pair => pair.Id == (options.BaselineId ?? all[0])).Experiment.Id;
        return ComparisonReader.Complete(parts, experiments, baselineId, options);
    }
}
