using System.Globalization;
using System.Text.RegularExpressions;

namespace Meshia;

/// <summary>A run of Azure Pipelines (Microsoft Learn, "Use predefined variables").</summary>
internal sealed class AzureRun : PipelineRun
{
    /// <summary>The variable with the token.</summary>
    public const string TokenName = "SYSTEM_ACCESSTOKEN";

    private const string CollectionName = "SYSTEM_COLLECTIONURI";
    private const string OlderCollectionName = "SYSTEM_TEAMFOUNDATIONCOLLECTIONURI";
    private const string AzureRepos = "TfsGit";
    private const int LongestSlug = 60;
    private const int DigestLength = 6;

    private static readonly Regex _notInSlug = new("[^a-z0-9]+", RegexOptions.CultureInvariant);

    /// <summary>Whether this process belongs to a run of Azure Pipelines.</summary>
    public static bool IsHere => IsTrue("TF_BUILD") || Variable(CollectionName) is not null || Variable(OlderCollectionName) is not null;

    public override string Name => "Azure DevOps";

    public override string? PullRequestName => Number is { } number && IsInAzureRepos ? $"pull request {number} of {Variable("BUILD_REPOSITORY_NAME") ?? "this repository"}" : null;

    public override int LongestComment => 150_000;

    /// <summary>[A] No limit is documented; a page of this size is longer than anybody reads.</summary>
    public override int LongestSummary => 1024 * 1024;

    public override bool ReplacesSummary => true;

    public override string HowToAllow => "Give the step the token (env: SYSTEM_ACCESSTOKEN: $(System.AccessToken)) and the build service of the project the permission \"Contribute to pull requests\" on the repository.";

    protected override string? Token => Variable(TokenName);

    /// <summary>A pull request of another system has no threads in Azure DevOps.</summary>
    private static bool IsInAzureRepos => Variable("BUILD_REPOSITORY_PROVIDER") is null or AzureRepos;

    private static string? Number => Variable("SYSTEM_PULLREQUEST_PULLREQUESTID") is { } text && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _) ? text : null;

    public override string? SummaryPathFor(string title) => Variable("AGENT_TEMPDIRECTORY") is { } folder ? Path.Combine(folder, $"meshia-{SlugOf(title)}.md") : null;

    public override string? CommandFor(string summaryPath) => LogCommand.AzureSummary(summaryPath);

    public override string CommandFor(string title, string message) => LogCommand.AzureError(title, message);

    public override PullRequest OpenPullRequest(Action<ClientMessage>? observer)
    {
        var collection = Address(Variable(CollectionName) is null ? OlderCollectionName : CollectionName, null);
        var (project, repository) = (Segment("SYSTEM_TEAMPROJECT"), Segment("BUILD_REPOSITORY_ID"));
        var host = new CodeHost(Name, collection, Checked(TokenName, Token), HowToAllow, observer);
        return new AzurePullRequest(
            host,
            $"{project}/_apis/git/repositories/{repository}/pullRequests/{Number}",
            host.Resolve($"{project}/_git/{repository}/pullrequest/{Number}"));
    }

    private static string Segment(string name) => ApiPath.Segment(Required(name), name);

    /// <summary>The name of the summary's file is what Azure Pipelines shows above it.</summary>
    private static string SlugOf(string title)
    {
        var lower = title.ToLowerInvariant();
        var slug = _notInSlug.Replace(lower, "-").Trim('-');
        if (slug.Length > LongestSlug)
            slug = slug.Substring(0, LongestSlug);
        // Two titles must not share a file.
        return slug == lower ? slug : $"{slug}-{Digest.Of(title, DigestLength)}".TrimStart('-');
    }
}
