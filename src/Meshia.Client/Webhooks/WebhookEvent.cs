using System.Text.Json;

namespace Meshia;

/// <summary>An event as the service delivered it. <see cref="EventType"/> says what happened; two kinds of event have more properties.</summary>
public class WebhookEvent
{
    private protected WebhookEvent(string eventType, JsonFields fields, bool isVerified)
    {
        EventType = eventType;
        Timestamp = fields.Time(ContractNames.Timestamp);
        SessionId = fields.Text(ContractNames.SessionId);
        Data = fields.Map(ContractNames.Data);
        IsVerified = isVerified;
        AdditionalProperties = fields.Rest;
    }

    /// <summary>What happened, as in <c>experiment.completed</c>.</summary>
    public string EventType { get; }

    /// <summary>What happened, when, and what it is about.</summary>
    public override string ToString() => FormattableString.Invariant($"{EventType} {Timestamp:O} {JsonValue.ToText(Data)}");

    /// <summary>When, UTC.</summary>
    public DateTimeOffset? Timestamp { get; }

    /// <summary>The session in which it happened, where it is about one.</summary>
    public string? SessionId { get; }

    /// <summary>What the event says, whole, by the names on the wire.</summary>
    public IDictionary<string, object?> Data { get; }

    /// <summary>Whether its signature was verified. An unverified event may come from anyone.</summary>
    public bool IsVerified { get; }

    /// <summary>What else was delivered beside the documented fields, by the names on the wire.</summary>
    public IDictionary<string, object?> AdditionalProperties { get; }

    /// <summary>Reads the body of a delivery whose signature is right.</summary>
    /// <param name="body">The bytes exactly as received.</param>
    /// <param name="signature">The value of the header <see cref="WebhookSignature.Header"/>, or null if there was none.</param>
    /// <param name="secrets">The secret of the webhook; while it is being replaced, the old and the new one.</param>
    /// <exception cref="WebhookSignatureException">The signature is not right under any secret.</exception>
    /// <exception cref="FormatException">The body is signed, but is no event.</exception>
    public static WebhookEvent ReadVerified(byte[] body, string? signature, IEnumerable<string> secrets) =>
        WebhookSignature.IsValid(body, signature, secrets) ? Read(body, isVerified: true) : throw new WebhookSignatureException(isMissing: string.IsNullOrEmpty(signature));

    /// <summary>Checks that an event is not older than it may be, and is not from the future.</summary>
    /// <param name="maximumAge">How old it may be.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="WebhookAgeException">It is too old, is dated in the future, or has no time.</exception>
    public void RequireFresh(TimeSpan maximumAge, DateTimeOffset now)
    {
        if (Timestamp is not { } time || time < now - maximumAge || time > now + WebhookAgeException.LongestAhead)
            throw new WebhookAgeException(Timestamp, maximumAge);
    }

    /// <summary>Reads the body of a delivery without asking who sent it.</summary>
    /// <param name="body">The bytes exactly as received.</param>
    /// <exception cref="FormatException">The body is no event.</exception>
    public static WebhookEvent ReadUnverified(byte[] body) => Read(body, isVerified: false);

    private static WebhookEvent Read(byte[] body, bool isVerified)
    {
        object? value;
        try
        {
            value = JsonValue.Parse(body);
        }
        catch (JsonException failure)
        {
            throw new FormatException($"The delivery's body is not JSON: {failure.Message}", failure);
        }

        if (value is not Dictionary<string, object?> map)
            throw new FormatException("The delivery's body is JSON, but not an object.");
        var fields = new JsonFields(map);
        // What is done because of an event must be done because of what it is: a number is the name of none.
        if (fields.Take(ContractNames.Event, value => value as string) is not { } eventType || string.IsNullOrWhiteSpace(eventType))
            throw new FormatException($"The delivery's body has no '{ContractNames.Event}'.");
        return eventType switch
        {
            WebhookEventType.ExperimentCompleted => new ExperimentCompletedEvent(fields, isVerified),
            WebhookEventType.ExperimentFailed => new ExperimentFailedEvent(fields, isVerified),
            _ => new WebhookEvent(eventType, fields, isVerified),
        };
    }

    /// <summary>The data's own fields, to be read without being taken out of it.</summary>
    private protected JsonFields DataFields() => new(new Dictionary<string, object?>(Data));
}

/// <summary>An experiment completed.</summary>
public sealed class ExperimentCompletedEvent : WebhookEvent
{
    internal ExperimentCompletedEvent(JsonFields fields, bool isVerified)
        : base(WebhookEventType.ExperimentCompleted, fields, isVerified)
    {
        var data = DataFields();
        ExperimentId = data.Text(ContractNames.ExperimentId);
        Metrics = data.Map(ContractNames.Metrics);
        Duration = data.Seconds(ContractNames.DurationSeconds);
    }

    /// <summary>The experiment.</summary>
    public string? ExperimentId { get; }

    /// <summary>Its metrics, as in <see cref="Experiment.Metrics"/>.</summary>
    public IDictionary<string, object?> Metrics { get; }

    /// <summary>How long it ran.</summary>
    public TimeSpan? Duration { get; }
}

/// <summary>An experiment failed.</summary>
public sealed class ExperimentFailedEvent : WebhookEvent
{
    internal ExperimentFailedEvent(JsonFields fields, bool isVerified)
        : base(WebhookEventType.ExperimentFailed, fields, isVerified)
    {
        var data = DataFields();
        ExperimentId = data.Text(ContractNames.ExperimentId);
        Error = data.Text(ContractNames.Error);
    }

    /// <summary>The experiment, where the event names it: the documentation shows no data of this event.</summary>
    public string? ExperimentId { get; }

    /// <summary>Why, where the event says so.</summary>
    public string? Error { get; }
}
