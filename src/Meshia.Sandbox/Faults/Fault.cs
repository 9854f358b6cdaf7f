using System.Globalization;
using System.Text.Json.Serialization;
using Meshia.Sandbox.Connection;

namespace Meshia.Sandbox.Faults;

/// <summary>Something that is to go wrong: on what, with which effect, how likely, how often.</summary>
internal sealed record Fault
{
    public required string Id { get; init; }

    [JsonIgnore]
    public FaultTarget Target { get; init; } = FaultTarget.Any;

    public string On => Target.Text;

    [JsonConverter(typeof(JsonStringEnumConverter<FaultEffect>))]
    public required FaultEffect Effect { get; init; }

    /// <summary>From 0, never, to 1, always.</summary>
    public required double Probability { get; init; }

    /// <summary>How many matches are spared first.</summary>
    public required long Skip { get; init; }

    /// <summary>How often it hits at most; null is without end.</summary>
    public required long? Count { get; init; }

    /// <summary>Decides with the number of the match whether it hits; that of the sandbox if it is null.</summary>
    public required long? Seed { get; init; }

    public int? Status { get; init; }

    /// <summary>Seconds, or date, past, none, zero, invalid, or any text that is to stand in the header.</summary>
    public string? RetryAfter { get; init; }

    public double? Seconds { get; init; }

    /// <summary>For a list that lags: how likely an item is missing from one look.</summary>
    public double? Flap { get; init; }

    /// <summary>For an error: json, html, text or empty.</summary>
    public string? Body { get; init; }

    /// <summary>How many matches there were.</summary>
    public long Matches { get; init; }

    /// <summary>How often it has hit.</summary>
    public long Hits { get; init; }

    /// <summary>What makes it another fault than others: with the seed and the number of the match it decides.</summary>
    [JsonIgnore]
    public string Identity => string.Create(CultureInfo.InvariantCulture, $"{On}|{Effect}|{Status}|{RetryAfter}|{Seconds}|{Flap}|{Body}");

    /// <exception cref="ApiException">One of them cannot be sent.</exception>
    public static void CheckTexts(string? retryAfter, string? body)
    {
        if (retryAfter?.All(static letter => letter is >= ' ' and <= '~') == false)
            throw ApiException.Invalid("'retry_after' must be text that a header can hold: printable ASCII.");
        if (body is not (null or "json" or "html" or "text" or "empty"))
            throw ApiException.Invalid("'body' must be json, html, text or empty.");
    }

    public static Fault Read(RequestBody body, string id)
    {
        body.RefuseUnknown("id", "on", "effect", "probability", "skip", "count", "seed", "status", "retry_after", "seconds", "flap", "body", "matches", "hits");
        var target = FaultTarget.Parse(body.Text("on"));
        var known = FaultEffects.For(target.Subject);
        if (FaultEffects.Find(body.Text("effect")) is not { } effect || !known.Contains(effect))
            throw ApiException.Invalid($"'effect' must, for '{target.Text}', be one of {string.Join(", ", known)}.");
        CheckTexts(body.OptionalTextOrNumber("retry_after"), body.OptionalText("body"));
        return new Fault
        {
            Id = id,
            Target = target,
            Effect = effect,
            Probability = body.OptionalNumber("probability", 0, 1) ?? 1,
            Skip = body.OptionalInteger("skip", 0, long.MaxValue) ?? 0,
            Count = body.OptionalInteger("count", 0, long.MaxValue),
            Seed = body.OptionalInteger("seed", long.MinValue, long.MaxValue),
            Status = (int?)body.OptionalInteger("status", 200, 599),
            RetryAfter = body.OptionalTextOrNumber("retry_after"),
            Seconds = body.OptionalNumber("seconds", 0, 1_000_000),
            Flap = body.OptionalNumber("flap", 0, 1),
            Body = body.OptionalText("body"),
        };
    }
}
