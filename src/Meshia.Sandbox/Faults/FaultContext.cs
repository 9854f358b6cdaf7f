using System.Globalization;
using Meshia.Sandbox.Connection;

namespace Meshia.Sandbox.Faults;

/// <summary>What the faults have to do with one request: those that the caller asks for, and the names of those that hit.</summary>
internal static class FaultContext
{
    /// <summary>In an answer: the faults that hit. In a request: the fault that it asks for, as <c>Status; status=503</c>.</summary>
    public const string Header = "X-Meshia-Sandbox-Fault";

    /// <summary>Says in the answer, and for the journal, that a fault has hit.</summary>
    public static void NameFault(this HttpContext context, Fault fault)
    {
        var names = context.Features.Get<FaultNames>() ?? new FaultNames([]);
        names = new([.. names.Names, $"{fault.Id} {fault.Effect}"]);
        context.Features.Set(names);
        context.Response.Headers[Header] = string.Join(", ", names.Names);
    }

    /// <summary>Has the connection cut once the request is in the journal. What has not been sent by then never is.</summary>
    public static void Cut(this HttpContext context) => context.Features.Set(new ConnectionCut());

    public static bool IsCut(this HttpContext context) => context.Features.Get<ConnectionCut>() is not null;

    /// <summary>Whether the list that is asked for shows an item.</summary>
    public static bool IsListed(this HttpContext context, string id, DateTimeOffset createdAt) =>
        context.Features.Get<ListLag>() is not { } lag || lag.Shows(id, createdAt);

    /// <summary>The fault that the request asks for with its header; null if it asks for none.</summary>
    public static Fault? AskedFault(this HttpContext context, FaultSubject subject)
    {
        var text = context.Request.Headers[Header].ToString();
        if (text.Length == 0)
            return null;
        var parts = text.Split(';', StringSplitOptions.TrimEntries);
        var effect = FaultEffects.Find(parts[0])
            ?? throw ApiException.Invalid($"The header {Header} names no effect. Valid values: {string.Join(", ", Enum.GetNames<FaultEffect>())}.");
        if (!FaultEffects.For(subject).Contains(effect))
            return null;
        var values = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var part in parts.Skip(1).Where(part => part.Length > 0))
        {
            if (part.Split('=', 2) is not [var name, var value] || name is not ("status" or "retry_after" or "seconds" or "flap" or "body"))
                throw ApiException.Invalid($"The header {Header} has '{part}'. Valid: status=, retry_after=, seconds=, flap=, body=.");
            values[name] = value;
        }

        Fault.CheckTexts(values.GetValueOrDefault("retry_after"), values.GetValueOrDefault("body"));
        return new Fault
        {
            Id = "request",
            Effect = effect,
            Probability = 1,
            Skip = 0,
            Count = null,
            Seed = null,
            Status = (int?)Number("status", 200, 599),
            RetryAfter = values.GetValueOrDefault("retry_after"),
            Seconds = Number("seconds", 0, 1_000_000),
            Flap = Number("flap", 0, 1),
            Body = values.GetValueOrDefault("body"),
        };

        double? Number(string name, double min, double max) => !values.TryGetValue(name, out var value) ? null
            : double.TryParse(value, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max ? number
            : throw ApiException.Invalid(string.Create(CultureInfo.InvariantCulture, $"'{name}' in the header {Header} must be a number from {min} to {max}."));
    }
}

/// <summary>Says that a fault has cut the connection.</summary>
internal sealed record ConnectionCut;

/// <summary>Ends the work on an answer whose connection a fault has cut.</summary>
internal sealed class ConnectionCutException() : OperationCanceledException("A fault has cut the connection.");

/// <summary>The faults that have hit a request.</summary>
internal sealed record FaultNames(IReadOnlyList<string> Names);
