using static Meshia.Views.Column;

namespace Meshia.Views;

internal static class ExperimentView
{
    public static TypeView Experiment { get; } = new("Meshia.Experiment", "Id, SessionId, Name, Status, Config, Metrics, Artifacts, Duration, CreatedAt, CompletedAt, Error, AdditionalProperties")
    {
        IdAlias = "ExperimentId",
        Key = "Id",
        Default = "Id, Name, Status, Duration, Metrics",
        Table = [Shown("Id", 22), Shown("Status", 9), Shown("Duration", 8).Right(), Shown("Name", 18), Shown("Metrics", "ShortMetrics")],
        List =
        [
            Shown("Id"), Shown("SessionId"), Shown("Name"), Shown("Status"), Shown("Error").Optional(), Shown("CreatedAt"), Shown("CompletedAt"), Shown("Duration"),
            Shown("Config"), Shown("Metrics"), Shown("Artifacts"), Shown("AdditionalProperties").Optional(),
        ],
        Wide = Shown("NameAndId"),
    };
}
