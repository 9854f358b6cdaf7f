namespace Meshia;

/// <summary>The comments of one pull request, at GitHub or in Azure DevOps.</summary>
internal abstract class PullRequest : IDisposable
{
    /// <summary>The system's API.</summary>
    protected abstract CodeHost Host { get; }

    /// <summary>Finds the oldest comment that begins with a marker and that the token's own identity wrote; null if there is none.</summary>
    /// <param name="marker">The hidden beginning of the comment.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    public abstract Task<PullRequestComment?> FindAsync(string marker, CancellationToken cancellationToken);

    /// <summary>Adds a comment.</summary>
    public abstract Task<PullRequestComment> CreateAsync(string body, CancellationToken cancellationToken);

    /// <summary>Replaces the text of a comment.</summary>
    public abstract Task UpdateAsync(PullRequestComment comment, string body, CancellationToken cancellationToken);

    /// <summary>Deletes a comment.</summary>
    public abstract Task DeleteAsync(PullRequestComment comment, CancellationToken cancellationToken);

    /// <summary>Waits on the clock of the API's client.</summary>
    public Task WaitAsync(TimeSpan time, CancellationToken cancellationToken) => Host.WaitAsync(time, cancellationToken);

    public void Dispose() => Host.Dispose();

    /// <summary>The comment that a creation made. An answer that cannot be read does not say that there is no comment.</summary>
    /// <exception cref="MeshiaException">The answer has no comment in it.</exception>
    protected PullRequestComment Created(PullRequestComment? comment, DisplayText expected)
    {
        if (comment is not null)
            return comment;
        var failure = Host.Invalid($"something that is not {expected}");
        failure.MayHaveBeenDone = true;
        throw failure;
    }

    /// <summary>A field of a JSON object; null if there is no such field, or no object.</summary>
    protected static object? Get(object? value, string name) => value is Dictionary<string, object?> map && map.TryGetValue(name, out var found) ? found : null;
}
