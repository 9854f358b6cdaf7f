using static Meshia.Views.Column;

namespace Meshia.Views;

internal static class SessionView
{
    public static TypeView Session { get; } = new("Meshia.Session", "Id, Name, Gpu, Repo, Status, CreatedAt, StartedAt, StoppedAt, AdditionalProperties")
    {
        IdAlias = "SessionId",
        Key = "Id",
        Default = "Id, Name, Gpu, Status, CreatedAt",
        Table = [Shown("Id", 22), Shown("Status", 12), Shown("Gpu", 8), Shown("Created", "CreatedAge", 10), Shown("Name")],
        List = [Shown("Id"), Shown("Name"), Shown("Gpu"), Shown("Repo"), Shown("Status"), Shown("CreatedAt"), Shown("StartedAt"), Shown("StoppedAt"), Shown("AdditionalProperties").Optional()],
        Wide = Shown("NameAndId"),
    };
}
