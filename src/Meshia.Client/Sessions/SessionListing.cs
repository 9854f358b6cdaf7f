namespace Meshia;

/// <summary>Sessions as one reading of the whole list shows them.</summary>
/// <param name="Sessions">The sessions of all pages, each once: as the page shows it that is furthest on.</param>
/// <param name="Facts">What is known of the list.</param>
/// <param name="Began">The timestamp before the first request.</param>
internal sealed record SessionListing(IReadOnlyList<Session> Sessions, ListFacts Facts, long Began)
{
    /// <summary>What keys and deadlines need of it.</summary>
    public IEnumerable<SeenSession> Seen => Sessions.Select(SeenSession.From);

    /// <summary>Reads the list, unfiltered and newest first.</summary>
    /// <param name="transport">The way to the service.</param>
    /// <param name="options">The settings of the call.</param>
    /// <param name="longestAge">How far back to read; to the end where null.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async Task<SessionListing> ReadAsync(Transport transport, CallOptions? options, TimeSpan? longestAge, CancellationToken cancellationToken)
    {
        var began = transport.Options.TimeProvider.GetTimestamp();
        var (sessions, facts) = (new List<Session>(), new ListFacts());
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        bool WantsMore() => longestAge is not { } age || sessions.Count == 0 || sessions[sessions.Count - 1].CreatedAt is not { } created || created > (facts.Date ?? facts.LocalTime) - age;
        await foreach (var session in new ListReader(transport).ReadAsync(SessionRequests.List(), options, cancellationToken, WantsMore, facts, repeats: true).ConfigureAwait(false))
        {
            if (!places.TryGetValue(session.Id, out var place))
            {
                places[session.Id] = sessions.Count;
                sessions.Add(session);
            }
            else if (SessionBook.Progress(SeenSession.From(session)) > SessionBook.Progress(SeenSession.From(sessions[place])))
            {
                sessions[place] = session;
            }
        }

        return new(sessions, facts, began);
    }
}
