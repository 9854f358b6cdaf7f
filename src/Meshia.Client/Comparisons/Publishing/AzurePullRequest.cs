namespace Meshia;

/// <summary>
/// The comments of a pull request in Azure Repos: the first comment of a thread of its own
/// (<c>…/pullRequests/{id}/threads</c>, Azure DevOps REST API 7.1, "Pull Request Threads").
/// </summary>
/// <param name="host">The API.</param>
/// <param name="path">The path of the pull request below the address of the organization.</param>
/// <param name="page">Where a browser shows the pull request.</param>
internal sealed class AzurePullRequest(CodeHost host, string path, Uri page) : PullRequest
{
    private const string Version = "?api-version=7.1";

    private string? _identity;

    protected override CodeHost Host => host;

    public override async Task<PullRequestComment?> FindAsync(string marker, CancellationToken cancellationToken)
    {
        // All threads come in one answer: this list has no pages.
        var json = await host.SendAsync("GET", $"{path}/threads{Version}", null, isRepeatable: true, cancellationToken).ConfigureAwait(false);
        if (Get(json, "value") is not object?[] threads)
            throw host.Invalid($"something that is not a list of threads");
        foreach (var thread in threads)
        {
            if (Get(thread, "isDeleted") is not true && CommentOf(thread) is { } comment && comment.HasMarker(marker)
                && string.Equals(Get(Get(First(thread), "author"), "id") as string, await OwnIdentityAsync(cancellationToken).ConfigureAwait(false), StringComparison.OrdinalIgnoreCase))
                return comment;
        }

        return null;
    }

    public override async Task<PullRequestComment> CreateAsync(string body, CancellationToken cancellationToken)
    {
        // [A] A thread without a status is a remark: no policy waits for somebody to resolve it.
        var thread = new JsonObject { ["comments"] = new object?[] { new JsonObject { ["parentCommentId"] = 0L, ["content"] = body, ["commentType"] = "text" } } };
        var json = await host.SendAsync("POST", $"{path}/threads{Version}", thread, isRepeatable: false, cancellationToken).ConfigureAwait(false);
        return Created(CommentOf(json), $"a thread");
    }

    public override Task UpdateAsync(PullRequestComment comment, string body, CancellationToken cancellationToken) =>
        host.SendAsync("PATCH", PathOf(comment), new JsonObject { ["content"] = body }, isRepeatable: true, cancellationToken);

    public override Task DeleteAsync(PullRequestComment comment, CancellationToken cancellationToken) =>
        host.SendAsync("DELETE", PathOf(comment), null, isRepeatable: true, cancellationToken);

    private string PathOf(PullRequestComment comment) => $"{path}/threads/{comment.Id}{Version}";

    private PullRequestComment? CommentOf(object? thread)
    {
        var first = First(thread);
        if (Get(thread, "id") is not long threadId || Get(first, "id") is not long commentId || Get(first, "isDeleted") is true)
            return null;
        var shown = new UriBuilder(page) { Query = FormattableString.Invariant($"discussionId={threadId}") }.Uri;
        return new(FormattableString.Invariant($"{threadId}/comments/{commentId}"), Get(first, "content") as string ?? "", shown);
    }

    private static object? First(object? thread) => Get(thread, "comments") is object?[] { Length: > 0 } comments ? comments[0] : null;

    /// <summary>Who writes with this token, as the organization knows them.</summary>
    private async Task<string> OwnIdentityAsync(CancellationToken cancellationToken)
    {
        if (_identity is not null)
            return _identity;
        var json = await host.SendAsync("GET", "_apis/connectionData", null, isRepeatable: true, cancellationToken).ConfigureAwait(false);
        return _identity = Get(Get(json, "authenticatedUser"), "id") as string ?? throw host.Invalid($"nothing that says whose token it is, so no comment could be updated");
    }
}
