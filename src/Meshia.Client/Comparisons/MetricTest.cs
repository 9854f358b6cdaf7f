namespace Meshia;

/// <summary>Whether one metric of an experiment keeps one rule.</summary>
public sealed class MetricTest
{
    /// <summary>The experiment under test.</summary>
    public required string ExperimentId { get; init; }

    /// <summary>The experiment, the metric and the rule.</summary>
    public override string ToString() => $"{ExperimentId} {Metric} {Rule}";

    /// <summary>The experiment that it is measured against; null if only bounds are tested.</summary>
    public string? BaselineId { get; init; }

    /// <summary>The metric; the rule's pattern where no metric has such a name.</summary>
    public required string Metric { get; init; }

    /// <summary>The rule in words, as in <c>at most 2% worse</c> or <c>&lt;= 0.5</c>.</summary>
    public required string Rule { get; init; }

    /// <summary>Whether the rule is kept.</summary>
    public bool Passed => Reason is null;

    /// <summary>Why it is not kept; null if it is.</summary>
    public string? Reason { get; init; }

    /// <summary>Whether less or more is better; null if it is not known.</summary>
    public MetricGoal? Goal { get; init; }

    /// <summary>Who says so.</summary>
    public MetricGoalSource? GoalSource { get; init; }

    /// <summary>The metric's number; that of a history is its last.</summary>
    public double? Value { get; init; }

    /// <summary>The baseline's.</summary>
    public double? BaselineValue { get; init; }

    /// <summary>The difference between the two.</summary>
    public double? Delta { get; init; }

    /// <summary>The same difference in percent of the baseline's number.</summary>
    public double? Percent { get; init; }

    /// <summary>Tests one experiment of a comparison by each rule.</summary>
    internal static IEnumerable<MetricTest> All(ExperimentComparison comparison, string id, string? baselineId, IReadOnlyList<MetricRule> rules)
    {
        var unfit = comparison.Experiments.Select(DescribeUnfit).FirstOrDefault(reason => reason is not null);
        foreach (var rule in rules)
        {
            var rows = comparison.Metrics.Where(row => rule.IsFor(row.Key)).ToList();
            foreach (var row in rows)
                yield return Of(row, rule, id, baselineId, unfit ?? rule.FindFault(row, id, baselineId));
            // A rule that tests nothing must not pass.
            if (rows.Count == 0)
                yield return new() { ExperimentId = id, BaselineId = baselineId, Metric = rule.Metric, Rule = rule.ToString(), Reason = unfit ?? $"there is no such metric. Available: {string.Join(", ", comparison.Metrics.Select(row => row.Key))}" };
        }
    }

    private static MetricTest Of(ComparisonRow row, MetricRule rule, string id, string? baselineId, string? reason)
    {
        var value = row.Find(id);
        return new()
        {
            ExperimentId = id,
            BaselineId = baselineId,
            Metric = row.Key,
            Rule = rule.ToString(),
            Reason = reason,
            Goal = row.Goal,
            GoalSource = row.GoalSource,
            Value = value?.Number,
            BaselineValue = baselineId is null ? null : row.Find(baselineId)?.Number,
            Delta = value?.Delta,
            Percent = value?.Percent,
        };
    }

    /// <summary>Metrics of a run that has not completed say nothing.</summary>
    private static string? DescribeUnfit(Experiment experiment)
    {
        if (experiment.Status is null || ExperimentStatus.IsGoodEnd(experiment.Status))
            return null;
        return string.Equals(experiment.Status, ExperimentStatus.Failed, StringComparison.OrdinalIgnoreCase)
            ? $"{experiment.Id} failed: {experiment.Error ?? "the service gives no reason"}"
            : $"{experiment.Id} is {experiment.Status}";
    }
}
