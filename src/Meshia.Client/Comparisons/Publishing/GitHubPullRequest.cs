using System.Net;

namespace Meshia;

/// <summary>
/// The comments of a pull request at GitHub: <c>/repos/{owner}/{repo}/issues/{number}/comments</c> (GitHub REST API, "Issue
/// comments").
/// </summary>
/// <param name="host">The API.</param>
/// <param name="repository">Owner and name, as in <c>owner/name</c>.</param>
/// <param name="number">The number of the pull request.</param>
internal sealed class GitHubPullRequest(CodeHost host, string repository, long number) : PullRequest
{
    /// <summary>[A] The author of what GITHUB_TOKEN of GitHub Actions writes, where neither way to ask answers.</summary>
    private const string ActionsLogin = "github-actions[bot]";

    private const int PageSize = 100;
    private const int MostPages = 200;
    private const string Post = "POST";

    private string? _login;

    protected override CodeHost Host => host;

    private string Comments => FormattableString.Invariant($"repos/{repository}/issues/{number}/comments");

    public override async Task<PullRequestComment?> FindAsync(string marker, CancellationToken cancellationToken)
    {
        var pages = new HashSet<string>(StringComparer.Ordinal);
        for (var page = PageOf(1); page is not null;)
        {
            if (!pages.Add(page.AbsoluteUri) || pages.Count > MostPages)
                throw host.Invalid($"a list of comments without end");
            var (json, next) = await host.SendAsync(new(HttpMethod.Get, page), cancellationToken).ConfigureAwait(false);
            if (json is not object?[] items)
                throw host.Invalid($"something that is not a list of comments");
            foreach (var item in items)
            {
                if (CommentOf(item) is { } comment && comment.HasMarker(marker)
                    && string.Equals(Get(Get(item, "user"), "login") as string, await OwnLoginAsync(cancellationToken).ConfigureAwait(false), StringComparison.OrdinalIgnoreCase))
                    return comment;
            }

            page = next ?? (items.Length >= PageSize ? PageOf(pages.Count + 1) : null);
        }

        return null;
    }

    public override async Task<PullRequestComment> CreateAsync(string body, CancellationToken cancellationToken)
    {
        var json = await host.SendAsync(Post, Comments, new JsonObject { ["body"] = body }, isRepeatable: false, cancellationToken).ConfigureAwait(false);
        return Created(CommentOf(json), $"a comment");
    }

    public override Task UpdateAsync(PullRequestComment comment, string body, CancellationToken cancellationToken) =>
        host.SendAsync("PATCH", PathOf(comment), new JsonObject { ["body"] = body }, isRepeatable: true, cancellationToken);

    public override Task DeleteAsync(PullRequestComment comment, CancellationToken cancellationToken) =>
        host.SendAsync("DELETE", PathOf(comment), null, isRepeatable: true, cancellationToken);

    private string PathOf(PullRequestComment comment) => $"repos/{repository}/issues/comments/{comment.Id}";

    private Uri PageOf(int page) => host.Resolve(FormattableString.Invariant($"{Comments}?per_page={PageSize}&page={page}"));

    private static PullRequestComment? CommentOf(object? item) =>
        item is Dictionary<string, object?> map && Get(map, "id") is long number && map.ContainsKey("body")
            ? new(JsonFields.ToText(number)!, Get(map, "body") as string ?? "", WebAddress.Read(Get(map, "html_url")))
            : null;

    /// <summary>Who writes with this token. GET /user is refused to the token of an app, as GITHUB_TOKEN is one; GraphQL answers it.</summary>
    private async Task<string> OwnLoginAsync(CancellationToken cancellationToken)
    {
        return _login ??= await AskAsync(HttpMethod.Get, host.Resolve("user"), null).ConfigureAwait(false)
            ?? await AskAsync(HttpMethod.Post, GraphQlOf(host.Resolve("graphql")), new JsonObject { ["query"] = "query { viewer { login } }" }).ConfigureAwait(false)
            ?? ActionsLogin;

        async Task<string?> AskAsync(HttpMethod method, Uri uri, JsonObject? body)
        {
            try
            {
                var request = new ApiRequest(method, uri) { Body = body is null ? null : JsonValue.ToBytes(body), IsRepeatable = true };
                var (json, _) = await host.SendAsync(request, cancellationToken).ConfigureAwait(false);
                return Get(body is null ? json : Get(Get(json, "data"), "viewer"), "login") as string;
            }
            catch (MeshiaException failure) when (IsNoAnswer(failure))
            {
                return null;
            }
        }
    }

    /// <summary>Whether the system does not tell, and will not tell later either.</summary>
    private static bool IsNoAnswer(MeshiaException failure) =>
        failure.StatusCode is { } status && status != HttpStatusCode.Unauthorized && !Resilience.IsPassing(status);

    /// <summary>GitHub Enterprise Server has REST below /api/v3 and GraphQL beside it.</summary>
    private static Uri GraphQlOf(Uri uri) => uri.AbsolutePath.EndsWith("/v3/graphql", StringComparison.Ordinal) ? new(uri, "../graphql") : uri;
}
