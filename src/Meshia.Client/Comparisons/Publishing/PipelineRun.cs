namespace Meshia;

/// <summary>The run of GitHub Actions or Azure Pipelines that this process belongs to, as its environment variables describe it.</summary>
internal abstract class PipelineRun
{
    /// <summary>The system, for messages.</summary>
    public abstract string Name { get; }

    /// <summary>The pull request that the run is for, in words; null if it is for none.</summary>
    public abstract string? PullRequestName { get; }

    /// <summary>The most characters that a comment may have.</summary>
    public abstract int LongestComment { get; }

    /// <summary>The most bytes that the summary may have.</summary>
    public abstract int LongestSummary { get; }

    /// <summary>What the token needs, and where it comes from.</summary>
    public abstract string HowToAllow { get; }

    /// <summary>The token for comments; null if the step has none.</summary>
    protected abstract string? Token { get; }

    /// <summary>Whether the step has a token for comments.</summary>
    public bool HasToken => Token is not null;

    /// <summary>The environment variables that may hold a token.</summary>
    private static string[] TokenNames { get; } = [.. GitHubRun.TokenNames, AzureRun.TokenName];

    /// <summary>Finds the run.</summary>
    /// <returns>Null where this process belongs to none.</returns>
    public static PipelineRun? Current()
    {
        // From here on no text that this process shows has them in it.
        foreach (var name in TokenNames)
        {
            if (Variable(name) is { } token)
                KnownSecrets.Add(token);
        }

        return GitHubRun.IsHere ? new GitHubRun() : AzureRun.IsHere ? new AzureRun() : null;
    }

    /// <summary>The file of the summary; null if the run names no file.</summary>
    /// <param name="title">The title of what is published.</param>
    public abstract string? SummaryPathFor(string title);

    /// <summary>Whether the file of the summary belongs to one title alone, and is written anew.</summary>
    public abstract bool ReplacesSummary { get; }

    /// <summary>The command of the log that has the system show a file as a summary; null if it needs none.</summary>
    public abstract string? CommandFor(string summaryPath);

    /// <summary>The command of the log for a message.</summary>
    public abstract string CommandFor(string title, string message);

    /// <summary>The pull request's comments.</summary>
    /// <param name="observer">Is told what happens.</param>
    /// <exception cref="ArgumentException">A variable of the environment is missing or not valid.</exception>
    public abstract PullRequest OpenPullRequest(Action<ClientMessage>? observer);

    /// <summary>A variable of the environment; null if it is missing or blank, or is a macro of Azure Pipelines that nothing has replaced.</summary>
    protected static string? Variable(string name) =>
        Environment.GetEnvironmentVariable(name)?.Trim() is { Length: > 0 } value && !value.StartsWith("$(", StringComparison.Ordinal) ? value : null;

    /// <summary>Whether a variable says yes.</summary>
    protected static bool IsTrue(string name) => string.Equals(Variable(name), "true", StringComparison.OrdinalIgnoreCase);

    /// <summary>The address of an API.</summary>
    /// <exception cref="ArgumentException">It is missing, or the token would cross the network in the clear.</exception>
    protected static Uri Address(string name, string? otherwise)
    {
        var text = Variable(name) ?? otherwise ?? throw Missing(name);
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || (uri.Scheme != Uri.UriSchemeHttps && uri.Scheme != Uri.UriSchemeHttp) || uri.UserInfo.Length > 0 || uri.Query.Length > 0)
            throw new ArgumentException($"The environment variable {name} is not the address of an API. Valid values: an https address without a user, as in https://api.github.com");
        if (uri.Scheme == Uri.UriSchemeHttp && !ServiceProxy.IsLoopback(uri))
            throw new ArgumentException($"The environment variable {name} is refused: without https the token would cross the network in the clear. http is for loopback only.");
        return uri;
    }

    /// <summary>The token as it goes into a header.</summary>
    /// <exception cref="ArgumentException">It cannot be one.</exception>
    protected static string Checked(string name, string? token)
    {
        if (token is null)
            throw Missing(name);
        return token.All(static letter => letter is > ' ' and <= '~') ? token : throw new ArgumentException($"The environment variable {name} is not a token: it has a space, a line break or a character that is not ASCII in it.");
    }

    /// <summary>A variable that must be there.</summary>
    protected static string Required(string name) => Variable(name) ?? throw Missing(name);

    private static ArgumentException Missing(string name) => new($"The environment variable {name} is missing.");
}
