namespace Meshia;

/// <summary>Experiments side by side.</summary>
public sealed class ExperimentComparison
{
    internal ExperimentComparison(IReadOnlyList<Experiment> experiments, IReadOnlyList<ConfigDifference> configDifferences, IReadOnlyList<MetricSummary> metricSummaries, IDictionary<string, object?> rest) =>
        (Experiments, ConfigDifferences, MetricSummaries, AdditionalProperties) = (experiments, configDifferences, metricSummaries, rest);

    /// <summary>The experiments compared.</summary>
    public IReadOnlyList<Experiment> Experiments { get; }

    /// <summary>The configuration keys whose values differ.</summary>
    public IReadOnlyList<ConfigDifference> ConfigDifferences { get; }

    /// <summary>Each metric over all of them.</summary>
    public IReadOnlyList<MetricSummary> MetricSummaries { get; }

    /// <summary>What else the service said, by the names on the wire.</summary>
    public IDictionary<string, object?> AdditionalProperties { get; }
}
