namespace Meshia;

/// <summary>The requests for experiments that several callers send.</summary>
internal static class ExperimentRequests
{
    /// <summary>The experiments of a session.</summary>
    public static ApiList<Experiment> List(string sessionId) =>
        new($"sessions/{ApiPath.Segment(sessionId, nameof(sessionId))}/experiments", ContractNames.Experiments, Experiment.From);

    /// <summary>Gets one experiment.</summary>
    public static Task<Experiment> GetAsync(Transport transport, string id, CallOptions? options, CancellationToken cancellationToken) =>
        transport.GetAsync(ContractNames.Experiments, id, Experiment.From, options, cancellationToken);
}
