namespace Meshia;

/// <summary>Deliveries for testing a receiver without the service: the documented shape, with data made up.</summary>
public static class WebhookSample
{
    /// <summary>The body of a delivery.</summary>
    /// <param name="eventType">One of <see cref="WebhookEventType.All"/>, or <c>ping</c>.</param>
    /// <param name="timestamp">When it is to have happened.</param>
    /// <param name="sessionId">The session; a sample id where null.</param>
    /// <param name="data">Fields to put into the data, instead of those of the same name.</param>
    public static byte[] Body(string eventType, DateTimeOffset timestamp, string? sessionId = null, IReadOnlyDictionary<string, object?>? data = null)
    {
        var body = new Dictionary<string, object?>
        {
            [ContractNames.Event] = eventType,
            [ContractNames.Timestamp] = timestamp.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture),
        };
        if (eventType == WebhookEventType.Ping)
            return JsonValue.ToBytes(body);

        var all = DataOf(eventType);
        foreach (var field in data ?? new Dictionary<string, object?>())
            all[field.Key] = field.Value;
        body[ContractNames.SessionId] = sessionId ?? "sess_sample";
        body[ContractNames.Data] = all;
        return JsonValue.ToBytes(body);
    }

    private static Dictionary<string, object?> DataOf(string eventType) => eventType switch
    {
        WebhookEventType.ExperimentCompleted => new()
        {
            [ContractNames.ExperimentId] = "exp_sample",
            [ContractNames.Metrics] = new Dictionary<string, object?> { ["loss"] = 0.28, ["accuracy"] = 0.91 },
            [ContractNames.DurationSeconds] = 4821,
        },
        WebhookEventType.ExperimentFailed => new() { [ContractNames.ExperimentId] = "exp_sample", [ContractNames.Error] = "CUDA out of memory" },
        _ => [],
    };
}
