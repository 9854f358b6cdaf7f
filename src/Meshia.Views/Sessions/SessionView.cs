using static Meshia.Views.Column;

namespace Meshia.Views;

internal static class SessionView
{
    public static TypeView Session { get; } = new("Meshia.Session", "Id, Name, BaseName, Once, Deadline, Adopted, Gpu, Repo, Status, CreatedAt, StartedAt, StoppedAt, Cost, AdditionalProperties")
    {
        IdAlias = "SessionId",
        Key = "Id",
        Default = "Id, BaseName, Gpu, Status, CreatedAt",
        // The service may add states that are longer than those that are known.
        Wraps = true,
        Table = [Shown("Id", 21), Shown("Status", 12), Shown("Gpu", 8), Shown("Created", "CreatedAge", 8), Shown("Ends", "DeadlineLeft", 7), Shown("Name", "BaseName")],
        List = [Shown("Id"), Shown("Name"), Shown("BaseName").Optional(), Plain("Once").Optional(), Shown("Deadline", "DeadlineAt").Optional(), Shown("Gpu"), Shown("Repo"), Shown("Status"), Shown("CreatedAt"), Shown("StartedAt"), Shown("StoppedAt"), Shown("Cost").Optional(), Shown("AdditionalProperties").Optional()],
        Wide = Shown("BaseNameAndId"),
    };

    public static TypeView Usage { get; } = new("Meshia.Usage", "By, Value, Sessions, GpuHours, Cost, UnpricedGpuHours, UnknownSessions, Since, Until")
    {
        Key = "Value",
        Default = "By, Value, Sessions, GpuHours, Cost",
        Table = [Plain("By", 8), Plain("Sessions", 8).Right(), Shown("GpuHours", 9).Right(), Shown("Cost", 10).Right(), Shown("Unpriced", "UnpricedGpuHours", 8).Right(), Shown("Value", "UsageValue")],
        List =
        [
            Plain("By"), Shown("Value", "UsageValue"), Plain("Sessions"), Shown("GpuHours"), Shown("Cost").Optional(), Shown("UnpricedGpuHours"), Plain("UnknownSessions"), Shown("Since", "SinceTime"), Shown("Until", "UntilTime"),
        ],
    };
}
