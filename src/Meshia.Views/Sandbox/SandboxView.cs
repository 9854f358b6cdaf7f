using static Meshia.Views.Column;

namespace Meshia.Views;

internal static class SandboxView
{
    public static TypeView Sandbox { get; } = new("Meshia.MeshiaSandbox", "ProcessId, BaseUri, DataPath, StartedAt")
    {
        Key = "ProcessId",
        Default = "ProcessId, BaseUri, DataPath, StartedAt",
        Table = [Plain("ProcessId", 9).Right(), Shown("Started", "StartedAge", 10), Plain("BaseUri", 29), Plain("DataPath")],
        Wraps = true,
        List = [Plain("ProcessId"), Plain("BaseUri"), Plain("DataPath"), Shown("StartedAt")],
    };
}
