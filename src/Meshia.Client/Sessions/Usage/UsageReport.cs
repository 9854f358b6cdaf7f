namespace Meshia;

/// <summary>Adds up the hours of sessions.</summary>
/// <param name="since">The time from which on hours count.</param>
/// <param name="until">The time of the service's clock.</param>
/// <param name="by">What they are added up by.</param>
/// <param name="policy">Knows the prices.</param>
internal sealed class UsageReport(DateTimeOffset since, DateTimeOffset until, UsageGrouping by, SessionPolicy policy)
{
    /// <summary>Adds up. The group with most hours comes first.</summary>
    /// <param name="listed">The sessions of all pages; one may be there twice.</param>
    public IReadOnlyList<Usage> Make(IEnumerable<SeenSession> listed) =>
    [
        .. SessionSelection.Merge(listed)
            .Where(Counts)
            .GroupBy(ValueOf, StringComparer.OrdinalIgnoreCase)
            .Select(group => Sum(group.Key.Length == 0 ? null : group.Key, [.. group]))
            .OrderByDescending(usage => usage.GpuHours)
            .ThenBy(usage => usage.Value, StringComparer.Ordinal),
    ];

    private Usage Sum(string? value, List<SeenSession> sessions)
    {
        var (hours, unpriced, unknown, cost) = (0.0, 0.0, 0, (decimal?)null);
        foreach (var session in sessions)
        {
            if (session.CreatedAt is not { } created || EndOf(session) is not { } end)
            {
                unknown++;
                continue;
            }

            var start = created > since ? created : since;
            hours += (end - start).TotalHours;
            if (policy.Cost(session.Gpu, start, end) is { } price)
                cost = (cost ?? 0) + price;
            else
                unpriced += (end - start).TotalHours;
        }

        return new() { By = by, Value = value, Sessions = sessions.Count, GpuHours = hours, Cost = cost, UnpricedGpuHours = unpriced, UnknownSessions = unknown, Since = since.ToUniversalTime(), Until = until.ToUniversalTime() };
    }

    /// <summary>Whether a session was there in the time. One that does not say when it ended may have been.</summary>
    private bool Counts(SeenSession session) => (EndOf(session) is not { } end || end > since) && (session.CreatedAt is not { } created || created < until);

    private DateTimeOffset? EndOf(SeenSession session) => session.StoppedAt is { } stopped ? stopped < until ? stopped : until
        : session is { HasEnded: true, IsStopping: false } ? null
        : until;

    private string ValueOf(SeenSession session) => by switch
    {
        UsageGrouping.Repo => session.Repo,
        UsageGrouping.BaseName => SessionName.Parse(session.Name).BaseName,
        _ => session.Gpu,
    } ?? "";
}
