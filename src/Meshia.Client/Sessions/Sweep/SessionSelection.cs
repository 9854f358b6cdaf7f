namespace Meshia;

/// <summary>Which sessions of a list <c>-Expired</c>, <c>-Duplicate</c> and <c>-OlderThan</c> mean. A session that is listed on two pages is one.</summary>
internal static class SessionSelection
{
    /// <summary>Merges the pages of a list by id. The first place counts, and the state that is furthest on.</summary>
    public static IReadOnlyList<SeenSession> Merge(IEnumerable<SeenSession> listed)
    {
        var merged = new List<SeenSession>();
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var session in listed)
        {
            if (!places.TryGetValue(session.Id, out var place))
            {
                places[session.Id] = merged.Count;
                merged.Add(session);
            }
            else
            {
                merged[place] = SessionBook.Merge(merged[place], session);
            }
        }

        return merged;
    }

    /// <summary>The live sessions that are past the deadline in their names, by the service's clock.</summary>
    /// <param name="listed">The list.</param>
    /// <param name="serviceTime">The <c>Date</c> of its answer.</param>
    /// <param name="localTime">This machine's time at that answer.</param>
    /// <returns>None where the time is not sure; then <see cref="SweepClock"/> says why.</returns>
    public static IReadOnlyList<SeenSession> Expired(IEnumerable<SeenSession> listed, DateTimeOffset? serviceTime, DateTimeOffset localTime) =>
        SessionDeadline.CanTrust(serviceTime, localTime)
            ? [.. Merge(listed).Where(session => !session.HasEnded && SessionDeadline.Of(session.Name, session.CreatedAt) <= serviceTime)]
            : [];

    /// <summary>The live sessions that were created while an older one of their key was live.</summary>
    /// <returns>Those that are still provisioning, which may be stopped; and those that run, which are only reported: a job may use them.</returns>
    public static (IReadOnlyList<SeenSession> Provisioning, IReadOnlyList<SeenSession> Running) Duplicates(IEnumerable<SeenSession> listed)
    {
        var books = new Dictionary<string, SessionBook>(StringComparer.Ordinal);
        foreach (var session in listed)
        {
            if (SessionName.Parse(session.Name).Token is not { } token)
                continue;
            if (!books.TryGetValue(token, out var book))
                books[token] = book = new(token);
            book.Add(session, TimeSpan.Zero);
        }

        // An age that is not known puts a session in no order.
        var duplicates = books.Values
            .SelectMany(book => book.Entries.Where(entry => entry.Session is { HasEnded: false, CreatedAt: not null } && book.IsDuplicate(entry)))
            .ToLookup(entry => entry.Session.IsProvisioning, entry => entry.Session);
        return ([.. duplicates[true]], [.. duplicates[false]]);
    }

    /// <summary>The live sessions that were created longer ago than a time, by the service's clock.</summary>
    /// <returns>None where the time is not sure; then <see cref="SweepClock"/> says why.</returns>
    public static IReadOnlyList<SeenSession> OlderThan(IEnumerable<SeenSession> listed, TimeSpan age, DateTimeOffset? serviceTime, DateTimeOffset localTime) =>
        SessionDeadline.CanTrust(serviceTime, localTime)
            ? [.. Merge(listed).Where(session => !session.HasEnded && serviceTime - session.CreatedAt > age)]
            : [];
}
