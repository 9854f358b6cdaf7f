namespace Meshia;

public sealed partial class MeshiaClient
{
    /// <summary>The most experiments that one comparison takes.</summary>
    public const int MostCompared = 100;

    /// <summary>Lists a session's experiments: <c>GET /sessions/:id/experiments</c>.</summary>
    /// <param name="sessionId">The session's id.</param>
    /// <param name="call">The settings of this call.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public IAsyncEnumerable<Experiment> GetExperimentsAsync(string sessionId, CallOptions? call = null, CancellationToken cancellationToken = default) =>
        _lists.ReadAsync(ExperimentRequests.List(sessionId), call, cancellationToken);

    /// <summary>Gets one experiment with config, metrics, artifacts and duration: <c>GET /experiments/:id</c>.</summary>
    /// <param name="id">The experiment's id.</param>
    /// <param name="call">The settings of this call.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<Experiment> GetExperimentAsync(string id, CallOptions? call = null, CancellationToken cancellationToken = default) =>
        ExperimentRequests.GetAsync(Transport, id, call, cancellationToken);

    /// <summary>
    /// Compares experiments: <c>POST /experiments/compare</c>. What the answer leaves out is computed from the
    /// experiments, which are fetched where it does not hold them.
    /// </summary>
    /// <param name="ids">Two ids or more, at most <see cref="MostCompared"/>; the baseline is compared whether it is among them or not.</param>
    /// <param name="options">What to compare, and how.</param>
    /// <param name="call">The settings of this call.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="ArgumentException">There are too few or too many, or an id cannot be one.</exception>
    public Task<ExperimentComparison> CompareExperimentsAsync(IReadOnlyList<string> ids, ComparisonOptions? options = null, CallOptions? call = null, CancellationToken cancellationToken = default) =>
        new ExperimentComparer(Transport, call).CompareAsync(ids, options ?? new(), cancellationToken);

    /// <summary>Tests an experiment's metrics by rules, in one request where the service's comparison is whole.</summary>
    /// <param name="id">The experiment's id.</param>
    /// <param name="rules">The rules, one or more.</param>
    /// <param name="options">The baseline, which a rule on regression needs, and the goals.</param>
    /// <param name="call">The settings of this call.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>A result for each rule and each metric that it means; one that means none is not kept.</returns>
    /// <exception cref="ArgumentException">There is no rule, or a rule on regression and no baseline.</exception>
    public Task<IReadOnlyList<MetricTest>> TestExperimentAsync(string id, IReadOnlyList<MetricRule> rules, ComparisonOptions? options = null, CallOptions? call = null, CancellationToken cancellationToken = default) =>
        new ExperimentComparer(Transport, call).TestAsync(id, rules, options, cancellationToken);

    /// <summary>
    /// Waits for experiments, until each has completed or failed, or is in another state that is asked for. One list serves
    /// all of a session; one whose session has ended without it is not waited for any longer.
    /// </summary>
    /// <param name="ids">Their ids.</param>
    /// <param name="options">What is waited for, and for how long.</param>
    /// <param name="sessionIds">The sessions of experiments, by the experiments' ids, as far as they are known: each spares a request.</param>
    /// <param name="call">The settings of this call.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Each as its wait ends. A service that is away for a while does not end it.</returns>
    public IAsyncEnumerable<WaitResult<Experiment>> WaitForExperimentsAsync(IReadOnlyList<string> ids, WaitOptions options, IReadOnlyDictionary<string, string>? sessionIds = null, CallOptions? call = null, CancellationToken cancellationToken = default)
    {
        foreach (var id in ids)
            ApiPath.Segment(id, nameof(ids));
        return new ExperimentPoller(Transport, options, call, sessionIds ?? new Dictionary<string, string>()).RunAsync(ids, cancellationToken);
    }
}
