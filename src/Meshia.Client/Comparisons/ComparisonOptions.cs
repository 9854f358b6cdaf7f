namespace Meshia;

/// <summary>How experiments are compared.</summary>
public sealed class ComparisonOptions
{
    /// <summary>The experiment that the others are measured against; the first where none is given.</summary>
    public string? BaselineId { get; init; }

    /// <summary>Whether keys whose values are all the same are in the comparison too.</summary>
    public bool IncludeEqual { get; init; }

    /// <summary>How far numbers may be apart and still be the same.</summary>
    public Tolerance Tolerance { get; init; } = Tolerance.None;

    /// <summary>The goal of a metric, where the user gives one.</summary>
    public Func<string, MetricGoal?> Goal { get; init; } = static _ => null;

    /// <summary>Which configuration keys are in the comparison.</summary>
    public Func<string, bool> Config { get; init; } = static _ => true;

    /// <summary>Which metrics are in the comparison.</summary>
    public Func<string, bool> Metric { get; init; } = static _ => true;
}
