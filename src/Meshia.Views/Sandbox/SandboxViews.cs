using static Meshia.Views.Column;

namespace Meshia.Views;

internal static class SandboxViews
{
    public static TypeView Sandbox { get; } = new("Meshia.MeshiaSandbox", "ProcessId, BaseUri, DataPath, StartedAt, IsDetached")
    {
        Key = "ProcessId",
        Default = "ProcessId, BaseUri, DataPath, StartedAt, IsDetached",
        Table = [Plain("ProcessId", 9).Right(), Shown("Started", "StartedAge", 8), Plain("BaseUri", 29), Plain("DataPath")],
        Wraps = true,
        List = [Plain("ProcessId"), Plain("BaseUri"), Plain("DataPath"), Shown("StartedAt"), Plain("IsDetached")],
    };

    public static TypeView Fault { get; } = new("Meshia.SandboxFault", "Id, On, Effect, Status, RetryAfter, Seconds, Flap, Body, Probability, Skip, Count, Seed, Matches, Hits")
    {
        Key = "Id",
        Default = "Id, On, Effect, Probability, Count, Matches, Hits",
        Table = [Shown("Id", 20), Plain("Effect", 16), Plain("Matches", 7).Right(), Plain("Hits", 5).Right(), Shown("On")],
        List = [Shown("Id"), Shown("On"), Plain("Effect"), Plain("Status").Optional(), Plain("RetryAfter").Optional(), Plain("Seconds").Optional(), Plain("Flap").Optional(), Plain("Body").Optional(), Plain("Probability"), Plain("Skip"), Plain("Count").Optional(), Plain("Seed").Optional(), Plain("Matches"), Plain("Hits")],
    };

    public static TypeView Request { get; } = new("Meshia.SandboxRequest", "Number, RequestId, At, Part, Method, Path, Query, Headers, Body, Status, ResponseHeaders, ResponseBody, IsTruncated, Fault")
    {
        Key = "Number",
        Default = "Number, Method, Path, Status, Fault",
        Table = [Plain("Number", 6).Right(), Shown("Method", 7), Plain("Status", 6).Right(), Shown("Fault", "FaultEffect", 16), Shown("Path")],
        List = [Plain("Number"), Shown("RequestId"), Shown("At"), Plain("Part"), Shown("Method"), Shown("Path"), Shown("Body").Optional(), Plain("Status"), Shown("ResponseBody").Optional(), Plain("Fault").Optional()],
    };

    public static TypeView Delivery { get; } = new("Meshia.SandboxDelivery", "Id, MessageId, WebhookId, Event, Attempt, RequestBody, ResponseStatus, Latency, Error, Fault, CreatedAt")
    {
        Key = "Id",
        Default = "Id, Event, Attempt, ResponseStatus, Error",
        Table = [Shown("Event", 20), Plain("Try", "Attempt", 3).Right(), Plain("Status", "ResponseStatus", 6).Right(), Shown("Created", "CreatedAt", 19), Shown("Error")],
        List = [Shown("Id"), Shown("Event"), Plain("WebhookId"), Plain("Attempt"), Plain("ResponseStatus").Optional(), Shown("Latency"), Shown("Error").Optional(), Plain("Fault").Optional(), Shown("CreatedAt"), Shown("RequestBody")],
    };

    public static TypeView Clock { get; } = new("Meshia.SandboxClock", "Now, StandsStill, Events")
    {
        Default = "Now, StandsStill, Events",
        Table = [Shown("Now", 20), Plain("StandsStill", 11), Plain("Events")],
        List = [Shown("Now"), Plain("StandsStill"), Plain("Events")],
    };
}
