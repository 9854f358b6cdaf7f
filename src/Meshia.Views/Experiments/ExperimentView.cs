using static Meshia.Views.Column;

namespace Meshia.Views;

internal static class ExperimentView
{
    public static TypeView Experiment { get; } = new("Meshia.Experiment", "Id, SessionId, Name, Status, Config, Metrics, Artifacts, Duration, CreatedAt, CompletedAt, Error, GoneAt, AdditionalProperties")
    {
        IdAlias = "ExperimentId",
        Key = "Id",
        Default = "Id, Name, Status, Duration, Metrics",
        Table = [Shown("Id", 20), Shown("Status", 16), Shown("Duration", 8).Right(), Shown("Name", 16), Shown("Metrics", "ShortMetrics")],
        List =
        [
            Shown("Id"), Shown("SessionId"), Shown("Name"), Shown("Status"), Shown("Error").Optional(), Shown("CreatedAt"), Shown("CompletedAt"), Shown("Duration"), Shown("GoneAt").Optional(),
            Shown("Config"), Shown("Metrics"), Shown("Artifacts"), Shown("AdditionalProperties").Optional(),
        ],
        Wide = Shown("NameAndId"),
    };

    public static TypeView SyncResult { get; } = new("Meshia.ExperimentSyncResult", "Path, Sessions, New, Updated, Kept, Gone, Artifacts, Failed")
    {
        Key = "Path",
        Default = "Path, New, Updated, Kept, Gone, Failed",
        Table =
        [
            Plain("Sessions", 8).Right(), Plain("New", 5).Right(), Plain("Updated", 7).Right(), Plain("Kept", 5).Right(), Plain("Gone", 5).Right(), Plain("Artifacts", 9).Right(), Plain("Failed", 6).Right(),
            Shown("Path", "SyncPath"),
        ],
        List = [Shown("Path", "SyncPath"), Plain("Sessions"), Plain("New"), Plain("Updated"), Plain("Kept"), Plain("Gone"), Plain("Artifacts"), Plain("Failed")],
    };
}
