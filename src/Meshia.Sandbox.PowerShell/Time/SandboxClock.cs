namespace Meshia;

/// <summary>The clock of a sandbox after a step.</summary>
public sealed class SandboxClock
{
    internal SandboxClock(JsonFields fields) => (Now, StandsStill, Events) = (fields.Time("now") ?? default, fields.Flag("stands_still") ?? false, fields.Integer("events") ?? 0);

    /// <summary>The time of the sandbox, UTC.</summary>
    public DateTimeOffset Now { get; }

    /// <summary>Whether the clock stands still until the next step.</summary>
    public bool StandsStill { get; }

    /// <summary>How many events there were in the step.</summary>
    public long Events { get; }
}
