namespace Meshia;

/// <summary>One metric over several experiments.</summary>
public sealed class MetricSummary
{
    internal MetricSummary(string metric, IDictionary<string, object?> values, double? min, double? max, double? mean, string? best) =>
        (Metric, Values, Min, Max, Mean, Best) = (metric, values, min, max, mean, best);

    /// <summary>The metric's name.</summary>
    public string Metric { get; }

    /// <summary>The value of each experiment, by its id.</summary>
    public IDictionary<string, object?> Values { get; }

    /// <summary>The smallest of the values that are finite numbers.</summary>
    public double? Min { get; }

    /// <summary>The largest of them.</summary>
    public double? Max { get; }

    /// <summary>Their mean.</summary>
    public double? Mean { get; }

    /// <summary>The experiment that the service calls the best. Never computed here: whether less or more is better, the service alone knows.</summary>
    public string? Best { get; }
}
