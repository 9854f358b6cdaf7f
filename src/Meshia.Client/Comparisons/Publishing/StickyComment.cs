using System.Net;

namespace Meshia;

/// <summary>
/// Keeps one comment for each title on a pull request. Its first line is a marker that a reader does not see; the next run
/// finds the comment by that marker and by its author, and updates it.
/// </summary>
internal static class StickyComment
{
    private const int MostTries = 3;
    private const int DigestLength = 20;

    /// <summary>How long an answer that was lost may take to show in the list; the second wait is twice as long.</summary>
    private static readonly TimeSpan _beforeLook = TimeSpan.FromSeconds(1);

    /// <summary>The first line of the comment with a title.</summary>
    public static string MarkerOf(string title) => $"<!-- meshia:comparison:{Digest.Of(title, DigestLength)} -->";

    /// <summary>Writes the comment.</summary>
    /// <param name="pullRequest">The pull request.</param>
    /// <param name="title">The title.</param>
    /// <param name="markdown">The text below the marker.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="MeshiaException">The system refuses it, or cannot be reached.</exception>
    public static async Task<(PublishedAction Action, Uri? Uri)> WriteAsync(PullRequest pullRequest, string title, string markdown, CancellationToken cancellationToken)
    {
        var marker = MarkerOf(title);
        var body = $"{marker}\n{markdown}";
        var found = await pullRequest.FindAsync(marker, cancellationToken).ConfigureAwait(false);
        for (var tries = 1; ; tries++)
        {
            if (found is null)
                return await CreateAsync(pullRequest, marker, body, cancellationToken).ConfigureAwait(false);
            if (IsSame(found.Body, body))
                return (PublishedAction.Unchanged, found.Uri);
            try
            {
                await pullRequest.UpdateAsync(found, body, cancellationToken).ConfigureAwait(false);
                return (PublishedAction.Updated, found.Uri);
            }
            catch (MeshiaException failure) when (failure.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Gone && tries < MostTries)
            {
                // Somebody deleted it meanwhile. Another own one may be there.
                var gone = found.Id;
                found = await pullRequest.FindAsync(marker, cancellationToken).ConfigureAwait(false);
                if (found?.Id == gone)
                    throw;
            }
        }
    }

    private static async Task<(PublishedAction Action, Uri? Uri)> CreateAsync(PullRequest pullRequest, string marker, string body, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            PullRequestComment created;
            try
            {
                created = await pullRequest.CreateAsync(body, cancellationToken).ConfigureAwait(false);
            }
            catch (MeshiaException failure) when (failure.MayHaveBeenDone)
            {
                // The comment may be there although no answer said so. A second one must not be written before that is known.
                await pullRequest.WaitAsync(TimeSpan.FromTicks(_beforeLook.Ticks * tries), cancellationToken).ConfigureAwait(false);
                if (await pullRequest.FindAsync(marker, cancellationToken).ConfigureAwait(false) is { } found)
                    return await KeepAsync(pullRequest, found, body, PublishedAction.Created, cancellationToken).ConfigureAwait(false);
                if (tries == MostTries)
                    throw;
                continue;
            }

            return await KeepOneAsync(pullRequest, marker, body, created, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Removes the comment just made where another run, or a request whose answer was lost, made an older one.</summary>
    private static async Task<(PublishedAction Action, Uri? Uri)> KeepOneAsync(PullRequest pullRequest, string marker, string body, PullRequestComment created, CancellationToken cancellationToken)
    {
        try
        {
            if (await pullRequest.FindAsync(marker, cancellationToken).ConfigureAwait(false) is not { } oldest || oldest.Id == created.Id)
                return (PublishedAction.Created, created.Uri);
            var kept = await KeepAsync(pullRequest, oldest, body, PublishedAction.Updated, cancellationToken).ConfigureAwait(false);
            await pullRequest.DeleteAsync(created, cancellationToken).ConfigureAwait(false);
            return kept;
        }
        catch (MeshiaException)
        {
            // The comment is written. The next run looks again.
            return (PublishedAction.Created, created.Uri);
        }
    }

    private static async Task<(PublishedAction Action, Uri? Uri)> KeepAsync(PullRequest pullRequest, PullRequestComment found, string body, PublishedAction ifSame, CancellationToken cancellationToken)
    {
        if (IsSame(found.Body, body))
            return (ifSame, found.Uri);
        await pullRequest.UpdateAsync(found, body, cancellationToken).ConfigureAwait(false);
        return (PublishedAction.Updated, found.Uri);
    }

    /// <summary>Whether two texts are the same, but for line ends and spaces at the end, which a system may change.</summary>
    private static bool IsSame(string one, string other) => Plain(one) == Plain(other);

    private static string Plain(string text) => text.Replace("\r\n", "\n").Trim();
}
