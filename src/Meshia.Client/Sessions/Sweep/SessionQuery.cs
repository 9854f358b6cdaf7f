namespace Meshia;

/// <summary>Which sessions of the whole list are meant; each condition that is given must hold.</summary>
internal sealed record SessionQuery
{
    /// <summary>Those past the deadline in their names.</summary>
    public bool Expired { get; init; }

    /// <summary>Those that were created while an older one of their key was live.</summary>
    public bool Duplicate { get; init; }

    /// <summary>Those that were created longer ago.</summary>
    public TimeSpan? OlderThan { get; init; }

    /// <summary>Any other condition.</summary>
    public Func<Session, bool>? Where { get; init; }

    /// <summary>Reads the list and finds them.</summary>
    /// <param name="client">The client.</param>
    /// <param name="call">The settings of the call.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<SessionFindings> FindAsync(MeshiaClient client, CallOptions? call, CancellationToken cancellationToken)
    {
        var listing = await SessionListing.ReadAsync(client.Transport, call, null, cancellationToken).ConfigureAwait(false);
        var (date, local) = (listing.Facts.Date, listing.Facts.LocalTime);
        if ((Expired || OlderThan is not null) && SweepClock.WhyNotTrusted(date, local) is { } reason)
            return new([], new HashSet<string>(), SweepClock.ErrorId, reason);

        var ids = new HashSet<string>(listing.Sessions.Select(session => session.Id), StringComparer.Ordinal);
        if (Expired)
            ids.IntersectWith(SessionSelection.Expired(listing.Seen, date, local).Select(session => session.Id));
        if (OlderThan is { } age)
            ids.IntersectWith(SessionSelection.OlderThan(listing.Seen, age, date, local).Select(session => session.Id));
        var busy = new HashSet<string>(StringComparer.Ordinal);
        if (Duplicate)
        {
            var (provisioning, running) = SessionSelection.Duplicates(listing.Seen);
            ids.IntersectWith(provisioning.Concat(running).Select(session => session.Id));
            busy.UnionWith(running.Select(session => session.Id));
        }

        // A session that is listed on two pages is one.
        var found = listing.Sessions.Where(session => ids.Remove(session.Id) && Where?.Invoke(session) != false).ToList();
        return new(
            found,
            busy,
            listing.Facts.IsComplete ? null : nameof(OnceError.ListIncomplete),
            listing.Facts.IsComplete ? null : "The service's list of sessions is not complete, so sessions may be missing. Run the command again.");
    }
}

/// <summary>What a query found.</summary>
/// <param name="Sessions">The sessions, newest first.</param>
/// <param name="Busy">The ids of duplicates that run: a job may use them.</param>
/// <param name="ErrorId">The id of the error that makes the answer unsure, or null.</param>
/// <param name="Error">What it is, and what to do.</param>
internal sealed record SessionFindings(IReadOnlyList<Session> Sessions, ISet<string> Busy, string? ErrorId, string? Error);
