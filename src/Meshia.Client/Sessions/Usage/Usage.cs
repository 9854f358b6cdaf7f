namespace Meshia;

/// <summary>GPU hours of the account's sessions of one GPU, repository or name.</summary>
public sealed class Usage
{
    /// <summary>What the hours are added up by.</summary>
    public required UsageGrouping By { get; init; }

    /// <summary>The GPU, the repository or the name; null if the sessions have none.</summary>
    public string? Value { get; init; }

    /// <summary>How many sessions there are.</summary>
    public int Sessions { get; init; }

    /// <summary>Their hours, from the creation of each until it stopped, or until now. Time before <see cref="Since"/> does not count.</summary>
    public double GpuHours { get; init; }

    /// <summary>What the hours cost by the prices of the profile; null if it has a price for none of them.</summary>
    public decimal? Cost { get; init; }

    /// <summary>Those of the hours for which the profile has no price. They are not in <see cref="Cost"/>.</summary>
    public double UnpricedGpuHours { get; init; }

    /// <summary>How many of the sessions are not in the hours, because the service does not say when they began or ended.</summary>
    public int UnknownSessions { get; init; }

    /// <summary>The time from which on hours count, UTC.</summary>
    public DateTimeOffset Since { get; init; }

    /// <summary>The time up to which hours count, UTC, by the service's clock.</summary>
    public DateTimeOffset Until { get; init; }

    /// <summary>As in <c>rtx4090: 12.5 h</c>.</summary>
    public override string ToString() => FormattableString.Invariant($"{Value}: {GpuHours:0.0#} h");
}
