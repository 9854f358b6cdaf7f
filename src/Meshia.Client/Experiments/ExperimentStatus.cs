namespace Meshia;

/// <summary>The words for an experiment's state that the wire contract assumes; the service may add others.</summary>
public static class ExperimentStatus
{
    /// <summary>It waits for its turn.</summary>
    public const string Queued = "queued";

    /// <summary>It runs.</summary>
    public const string Running = "running";

    /// <summary>It completed.</summary>
    public const string Completed = "completed";

    /// <summary>It ended with an error.</summary>
    public const string Failed = "failed";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Queued, Running, Completed, Failed];

    /// <summary>[A] The words for a good end that the service may use; other words, such as for a cancelled run, do not count.</summary>
    internal static IReadOnlyList<string> GoodEnds { get; } = [Completed, "complete", "succeeded", "success", "finished", "done"];

    internal static bool IsGoodEnd(string? status) => GoodEnds.Contains(status, StringComparer.OrdinalIgnoreCase);
}
