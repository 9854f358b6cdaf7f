namespace Meshia;

/// <summary>A comment on a pull request that this module wrote.</summary>
/// <param name="Id">Its path below that of the comments, as <c>123</c> (GitHub) or <c>12/comments/1</c> (Azure DevOps).</param>
/// <param name="Body">Its Markdown.</param>
/// <param name="Uri">Where a browser shows it; null if that is not known.</param>
internal sealed record PullRequestComment(string Id, string Body, Uri? Uri)
{
    /// <summary>Whether it begins with a marker; a system may put spaces before it.</summary>
    public bool HasMarker(string marker) => Body.TrimStart().StartsWith(marker, StringComparison.Ordinal);
}
