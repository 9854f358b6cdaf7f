using static Meshia.Views.Column;

namespace Meshia.Views;

internal static class WebhookViews
{
    private const string Common = "EventType, Timestamp, SessionId, Data, IsVerified, AdditionalProperties";

    public static TypeView Event { get; } = new("Meshia.WebhookEvent", Common)
    {
        Key = "EventType",
        Default = "Timestamp, EventType, SessionId, IsVerified, Data",
        Table = [Shown("Timestamp", 19), Shown("EventType", 20), Plain("Verified", "IsVerified", 8), Shown("About")],
        List = [Shown("EventType"), Shown("Timestamp"), Shown("SessionId"), Plain("IsVerified"), Shown("Data"), Shown("AdditionalProperties").Optional()],
        Wide = Shown("EventType"),
    };

    /// <summary>They look like any event, and have properties of their own to keep.</summary>
    public static TypeView Completed { get; } = new("Meshia.ExperimentCompletedEvent", $"{Common}, ExperimentId, Metrics, Duration");

    public static TypeView Failed { get; } = new("Meshia.ExperimentFailedEvent", $"{Common}, ExperimentId, Error");

    public static TypeView Delivery { get; } = new("Meshia.WebhookDelivery", "Uri, EventType, StatusCode, Latency, IsSigned")
    {
        Key = "EventType",
        Default = "EventType, StatusCode, Latency, IsSigned, Uri",
        Table = [Plain("EventType", 20), Plain("Status", "StatusCode", 6).Right(), Shown("Latency", 9).Right(), Plain("Signed", "IsSigned", 6), Plain("Uri")],
        List = [Plain("EventType"), Plain("Uri"), Plain("StatusCode"), Shown("Latency"), Plain("IsSigned")],
    };

    public static TypeView Webhook { get; } = new("Meshia.Webhook", "Id, Url, Events, Active, CreatedAt, AdditionalProperties")
    {
        IdAlias = "WebhookId",
        Key = "Id",
        Default = "Id, Url, Active, Events",
        Table = [Shown("Id", 19), Plain("Active", 6), Shown("Events", 20), Shown("Url")],
        Wraps = true,
        List = [Shown("Id"), Shown("Url"), Plain("Active"), Shown("Events"), Shown("CreatedAt"), Shown("AdditionalProperties").Optional()],
        Wide = Shown("Url"),
    };
}
