namespace Meshia;

/// <summary>Whether less or more of a metric is better.</summary>
public enum MetricGoal
{
    /// <summary>Less is better, as of a loss.</summary>
    Minimize,

    /// <summary>More is better, as of an accuracy.</summary>
    Maximize,
}

/// <summary>Who said what a metric's goal is.</summary>
public enum MetricGoalSource
{
    /// <summary>The user.</summary>
    Given,

    /// <summary>The service, by naming the best experiment.</summary>
    Service,

    /// <summary>Nobody: it was guessed from the metric's name.</summary>
    Guessed,
}
