using static Meshia.Views.Column;

namespace Meshia.Views;

internal static class SessionView
{
    public static TypeView Session { get; } = new("Meshia.Session", "Id, Name, BaseName, Once, Deadline, Adopted, Gpu, Repo, Status, CreatedAt, StartedAt, StoppedAt, AdditionalProperties")
    {
        IdAlias = "SessionId",
        Key = "Id",
        Default = "Id, BaseName, Gpu, Status, CreatedAt",
        Table = [Shown("Id", 22), Shown("Status", 12), Shown("Gpu", 8), Shown("Created", "CreatedAge", 10), Shown("Deadline", "DeadlineLeft", 8), Shown("Name", "BaseName")],
        List = [Shown("Id"), Shown("Name"), Shown("BaseName").Optional(), Plain("Once").Optional(), Shown("Deadline", "DeadlineAt").Optional(), Shown("Gpu"), Shown("Repo"), Shown("Status"), Shown("CreatedAt"), Shown("StartedAt"), Shown("StoppedAt"), Shown("AdditionalProperties").Optional()],
        Wide = Shown("BaseNameAndId"),
    };
}
