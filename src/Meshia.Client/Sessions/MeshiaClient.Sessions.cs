namespace Meshia;

public sealed partial class MeshiaClient
{
    /// <summary>A GPU's slug: the documentation shows <c>rtx4090</c>, so letters, digits, and what joins them.</summary>
    public const string GpuPattern = @"^[A-Za-z0-9][A-Za-z0-9._-]*\z";

    /// <summary>A repository: the documentation shows <c>github:user/repo</c>.</summary>
    public const string RepoPattern = @"^github:[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+\z";

    /// <summary>Lists the account's sessions, newest first: <c>GET /sessions</c>.</summary>
    /// <param name="status">Only those in this state, as in <c>running</c>; all where null.</param>
    /// <param name="call">The settings of this call.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public IAsyncEnumerable<Session> GetSessionsAsync(string? status = null, CallOptions? call = null, CancellationToken cancellationToken = default) =>
        _lists.ReadAsync(SessionRequests.List(status), call, cancellationToken);

    /// <summary>Gets one session: <c>GET /sessions/:id</c>.</summary>
    /// <param name="id">The session's id.</param>
    /// <param name="call">The settings of this call.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<Session> GetSessionAsync(string id, CallOptions? call = null, CancellationToken cancellationToken = default) =>
        SessionRequests.GetAsync(Transport, id, call, cancellationToken);

    /// <summary>
    /// Starts a session, which costs money from then on: <c>POST /sessions</c>. It is never sent a second time unless the
    /// first surely did nothing. Where the answer is lost, <see cref="MeshiaFailure.OutcomeUnknown"/> names what the list
    /// shows that could be it; <see cref="StartSessionAsync"/> with a key finds out.
    /// </summary>
    /// <param name="name">Its name, not empty.</param>
    /// <param name="gpu">The GPU's slug, as in <c>rtx4090</c>.</param>
    /// <param name="repo">The repository, as in <c>github:user/repo</c>, or null.</param>
    /// <param name="call">The settings of this call.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<Session> CreateSessionAsync(string name, string gpu, string? repo = null, CallOptions? call = null, CancellationToken cancellationToken = default) =>
        StartSessionAsync(new() { Name = name, Gpu = gpu, Repo = repo }, call, cancellationToken);

    /// <summary>
    /// Starts a session, with a deadline in its name where a longest time is given. With a key, one session is live for
    /// it, also where other callers start it: the call returns that session, and its <see cref="Session.Adopted"/> says whether it was
    /// there already.
    /// </summary>
    /// <param name="start">What to start.</param>
    /// <param name="call">The settings of this call.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<Session> StartSessionAsync(SessionStart start, CallOptions? call = null, CancellationToken cancellationToken = default) =>
        Starter(start, call).RunAsync(cancellationToken);

    /// <summary>What a session has cost so far, by the prices of the profile; null if it has none for the GPU.</summary>
    internal decimal? CostOf(Session session) => Transport.Options.Policy.Cost(session, Transport.Service.Now);

    /// <summary>The same, for a caller that looks later for duplicates too.</summary>
    internal SessionStarter Starter(SessionStart start, CallOptions? call) => new(Transport, start, call);

    /// <summary>Waits for sessions, until each runs or is in another state that is asked for. One list serves all of them.</summary>
    /// <param name="ids">Their ids.</param>
    /// <param name="options">What is waited for, and for how long.</param>
    /// <param name="call">The settings of this call.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Each as its wait ends. A service that is away for a while does not end it.</returns>
    public IAsyncEnumerable<WaitResult<Session>> WaitForSessionsAsync(IReadOnlyList<string> ids, WaitOptions options, CallOptions? call = null, CancellationToken cancellationToken = default)
    {
        foreach (var id in ids)
            ApiPath.Segment(id, nameof(ids));
        return new SessionPoller(Transport, options, call).RunAsync(ids, cancellationToken);
    }

    /// <summary>Adds up the GPU hours of the account's sessions, with what they cost where the profile has prices. It reads the list of sessions.</summary>
    /// <param name="since">The time from which on hours count.</param>
    /// <param name="by">What they are added up by.</param>
    /// <param name="call">The settings of this call; its <see cref="CallOptions.Completeness"/> says whether all sessions were listed.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<IReadOnlyList<Usage>> GetUsageAsync(DateTimeOffset since, UsageGrouping by = UsageGrouping.Gpu, CallOptions? call = null, CancellationToken cancellationToken = default)
    {
        // A session that was created before may have run until then.
        var age = Transport.Options.TimeProvider.GetUtcNow() - since + SessionDeadline.LongestLife;
        var listing = await SessionListing.ReadAsync(Transport, call, age, cancellationToken).ConfigureAwait(false);
        return new UsageReport(since, listing.Facts.Date ?? listing.Facts.LocalTime, by, Transport.Options.Policy).Make(listing.Seen);
    }

    /// <summary>
    /// Stops a session; one that is stopped already stays so: <c>POST /sessions/:id/stop</c>. Where the service refuses to
    /// stop it, or every answer is lost, the session is looked at: it is an error only where it is not known to be stopped.
    /// </summary>
    /// <param name="id">The session's id.</param>
    /// <param name="call">The settings of this call.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The session, or null if the answer does not hold it.</returns>
    public Task<Session?> StopSessionAsync(string id, CallOptions? call = null, CancellationToken cancellationToken = default) =>
        new SessionStop(Transport, id, call).RunAsync(cancellationToken);
}
