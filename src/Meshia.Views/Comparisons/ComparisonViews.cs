using static Meshia.Views.Column;

namespace Meshia.Views;

internal static class ComparisonViews
{
    /// <summary>The columns are the experiments, which no table view can know. A constrained session may call no method of ours and gets the same facts, plainly.</summary>
    private const string Draw = """
        if ($ExecutionContext.SessionState.LanguageMode -eq 'FullLanguage') { [Meshia.PowerShell.ComparisonTable]::Draw($_, $Host, $ExecutionContext.SessionState.PSVariable.GetValue('PSStyle')) }
        else { $_._PlainRows }
        """;

    public static TypeView Comparison { get; } = new("Meshia.ExperimentComparison", "Experiments, BaselineId, Tolerance, Config, Metrics, AdditionalProperties")
    {
        Key = "BaselineId",
        Default = "Experiments, BaselineId, Tolerance, Config, Metrics",
        Drawing = Draw,
        Drawn = [Shown("PlainRows")],
        List = [Shown("Experiments", "ExperimentIds"), Shown("BaselineId"), Plain("Tolerance"), Shown("Config", "ConfigKeys"), Shown("Metrics", "MetricKeys"), Shown("AdditionalProperties").Optional()],
        Wide = Shown("ExperimentIdsInLine"),
    };

    public static TypeView Row { get; } = new("Meshia.ComparisonRow", "Kind, Key, Values, Numbers, Delta, Percent, IsDifferent, Goal, GoalSource, Best, Min, Max, Mean")
    {
        Key = "Key",
        Default = "Key, Goal, Values, Best",
        Table = [Shown("Key", 22), Plain("Goal", 8), Shown("Values", "ValuesInLine"), Shown("Best", "BestInLine", 14)],
        Wraps = true,
        List =
        [
            Plain("Kind"), Shown("Key"), Shown("Values"), Shown("Delta").Optional(), Shown("Percent").Optional(), Plain("IsDifferent"), Plain("Goal"), Plain("GoalSource"),
            Shown("Best"), Shown("Min"), Shown("Max"), Shown("Mean"),
        ],
        Wide = Shown("Key"),
    };

    public static TypeView MetricTest { get; } = new("Meshia.MetricTest", "ExperimentId, BaselineId, Metric, Rule, Passed, Reason, Goal, GoalSource, Value, BaselineValue, Delta, Percent")
    {
        Key = "ExperimentId, Metric",
        Default = "ExperimentId, Metric, Rule, Passed, Value, Reason",
        GroupBy = Shown("ExperimentId"),
        Table = [Plain("Passed", 6), Shown("Metric", 17), Plain("Rule", 16), Shown("Value", "ShortMetricValue", 10).Right(), Shown("Reason")],
        Wraps = true,
        List =
        [
            Shown("ExperimentId"), Shown("BaselineId"), Shown("Metric"), Plain("Rule"), Plain("Passed"), Shown("Reason").Optional(), Plain("Goal"), Plain("GoalSource"),
            Shown("Value", "MetricValue"), Shown("BaselineValue"), Shown("Delta", "DeltaNumber"), Shown("Percent", "PercentNumber"),
        ],
        Wide = Shown("Metric"),
    };

    public static TypeView Published { get; } = new("Meshia.PublishedComparison", "Title, Kind, Action, Uri")
    {
        Key = "Kind",
        Default = "Title, Kind, Action, Uri",
        Table = [Plain("Kind", 10), Plain("Action", 9), Shown("Title", 14), Shown("Uri", "PublishedUri")],
        Wraps = true,
        List = [Shown("Title"), Plain("Kind"), Plain("Action"), Shown("Uri", "PublishedUri").Optional()],
        Wide = Plain("Kind"),
    };
}
