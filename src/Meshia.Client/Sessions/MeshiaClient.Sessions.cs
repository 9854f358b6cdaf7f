using System.Text.RegularExpressions;

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
    /// Starts a session, which costs money from then on: <c>POST /sessions</c>. It is never sent a second time unless
    /// the first surely did nothing. Where the answer is lost, the list of sessions tells whether it was created: then
    /// it is returned with a warning to the observer, else <see cref="MeshiaFailure.OutcomeUnknown"/> is thrown.
    /// </summary>
    /// <param name="name">Its name, not empty.</param>
    /// <param name="gpu">The GPU's slug, as in <c>rtx4090</c>.</param>
    /// <param name="repo">The repository, as in <c>github:user/repo</c>, or null.</param>
    /// <param name="call">The settings of this call.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<Session> CreateSessionAsync(string name, string gpu, string? repo = null, CallOptions? call = null, CancellationToken cancellationToken = default)
    {
        if (string.IsNullOrWhiteSpace(name))
            throw new ArgumentException("The name of a session must not be empty. An example: llama-finetune", nameof(name));
        if (!Regex.IsMatch(gpu ?? "", GpuPattern))
            throw new ArgumentException($"'{gpu}' is not a GPU. An example: rtx4090", nameof(gpu));
        if (repo is not null && !Regex.IsMatch(repo, RepoPattern))
            throw new ArgumentException($"'{repo}' is not a repository. An example: github:user/repo", nameof(repo));

        return await new SessionCreation(Transport, call, name, gpu!, repo).RunAsync(cancellationToken).ConfigureAwait(false);
    }

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

    /// <summary>Stops a session; one that is stopped already stays so: <c>POST /sessions/:id/stop</c>.</summary>
    /// <param name="id">The session's id.</param>
    /// <param name="call">The settings of this call.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The session, or null where the answer does not hold it.</returns>
    public async Task<Session?> StopSessionAsync(string id, CallOptions? call = null, CancellationToken cancellationToken = default)
    {
        var request = Transport.Request(HttpMethod.Post, $"sessions/{ApiPath.Segment(id, nameof(id))}/stop") with { IsRepeatable = true };
        using var response = await Transport.SendAsync(request, call, cancellationToken).ConfigureAwait(false);
        try
        {
            return await ApiResponse.ReadAsync(response).ConfigureAwait(false) is { } value ? Session.From(value) : null;
        }
        catch (FormatException)
        {
            // The status says that it worked; what else the answer says does not change that.
            return null;
        }
    }
}
