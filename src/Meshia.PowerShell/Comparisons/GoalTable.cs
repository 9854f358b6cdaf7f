using System.Collections;

namespace Meshia.PowerShell;

/// <summary>The goals that a user gives: by names of metrics, or by patterns, of which the longest that fits counts.</summary>
internal static class GoalTable
{
    /// <exception cref="ArgumentException">A value is not a goal.</exception>
    public static Func<string, MetricGoal?> Read(IDictionary? goals)
    {
        var known = PlainValues.Entries(goals ?? new Hashtable())
            .Select(entry => (Name: entry.Key.ToString()!, Pattern: Wildcards.Compile(entry.Key.ToString()!), Goal: ReadGoal(entry)))
            .OrderByDescending(goal => goal.Name.Length)
            .ToList();
        return metric => known.Where(goal => string.Equals(goal.Name, metric, StringComparison.OrdinalIgnoreCase)).Concat(known.Where(goal => goal.Pattern.IsMatch(metric)))
            .Select(goal => (MetricGoal?)goal.Goal)
            .FirstOrDefault();
    }

    private static MetricGoal ReadGoal(DictionaryEntry entry) => entry.Value?.ToString()?.ToUpperInvariant() switch
    {
        "MINIMIZE" => MetricGoal.Minimize,
        "MAXIMIZE" => MetricGoal.Maximize,
        _ => throw new ArgumentException($"'{entry.Value}' is not a goal for {entry.Key}. Valid values: {nameof(MetricGoal.Minimize)}, {nameof(MetricGoal.Maximize)}"),
    };
}
