namespace Meshia;

public sealed partial class MeshiaClient
{
    /// <summary>Lists a session's experiments: <c>GET /sessions/:id/experiments</c>.</summary>
    /// <param name="sessionId">The session's id.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public IAsyncEnumerable<Experiment> GetExperimentsAsync(string sessionId, CancellationToken cancellationToken = default) =>
        ListAsync($"sessions/{Segment(sessionId, nameof(sessionId))}/experiments", WireNames.Experiments, Experiment.From, cancellationToken);

    /// <summary>Gets one experiment with config, metrics, artifacts and duration: <c>GET /experiments/:id</c>.</summary>
    /// <param name="id">The experiment's id.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<Experiment> GetExperimentAsync(string id, CancellationToken cancellationToken = default) =>
        GetAsync($"experiments/{Segment(id, nameof(id))}", Experiment.From, cancellationToken);

    /// <summary>
    /// Compares experiments: <c>POST /experiments/compare</c>. What the answer leaves out is computed from the
    /// experiments, which are fetched where it does not hold them.
    /// </summary>
    /// <param name="ids">Two or more ids.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<ExperimentComparison> CompareExperimentsAsync(IReadOnlyList<string> ids, CancellationToken cancellationToken = default)
    {
        if (ids is null || ids.Distinct(StringComparer.Ordinal).Count() < 2)
            throw new ArgumentException("A comparison takes two or more different experiments. A right one: exp_abc, exp_def", nameof(ids));
        foreach (var id in ids)
            Segment(id, nameof(ids));
        // A comparison changes nothing, so it may be repeated although it is a POST.
        var body = JsonValue.ToBytes(new Dictionary<string, object?> { ["experiment_ids"] = ids.Distinct(StringComparer.Ordinal).ToArray() });
        using var response = await CallAsync(HttpMethod.Post, "experiments/compare", body, isRepeatable: true, cancellationToken).ConfigureAwait(false);
        var parts = await Answer.ReadAsync(response, ComparisonReader.Read).ConfigureAwait(false);
        if (parts.HasEnough)
            return ComparisonReader.Complete(parts, parts.Experiments);
        var fetched = new List<Experiment>();
        foreach (var id in ids.Distinct(StringComparer.Ordinal))
            fetched.Add(await GetExperimentAsync(id, cancellationToken).ConfigureAwait(false));
        return ComparisonReader.Complete(parts, fetched);
    }
}
