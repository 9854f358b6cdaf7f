using System.Text.Json;
using System.Text.RegularExpressions;

namespace Meshia;

/// <summary>A run of GitHub Actions (GitHub Docs, "Variables reference").</summary>
internal sealed class GitHubRun : PipelineRun
{
    private const string RepositoryName = "GITHUB_REPOSITORY";
    private const int LongestEvent = 32 * 1024 * 1024;

    private static readonly Regex _repository = new(@"^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$", RegexOptions.CultureInvariant);
    private static readonly Regex _pullReference = new("^refs/pull/([0-9]{1,18})/", RegexOptions.CultureInvariant);

    private readonly long? _number = NumberInReference() ?? NumberInEvent();

    /// <summary>The variables that may hold the token, the first of them first.</summary>
    public static string[] TokenNames { get; } = ["GITHUB_TOKEN", "GH_TOKEN"];

    /// <summary>Whether this process belongs to a run of GitHub Actions.</summary>
    public static bool IsHere => IsTrue("GITHUB_ACTIONS") || (Variable(RepositoryName) is not null && !AzureRun.IsHere);

    public override string Name => "GitHub";

    public override string? PullRequestName => _number is { } number ? FormattableString.Invariant($"pull request {number} of {Variable(RepositoryName) ?? "this repository"}") : null;

    public override int LongestComment => 65_536;

    public override int LongestSummary => 1024 * 1024;

    public override bool ReplacesSummary => false;

    public override string HowToAllow => "Give the step the token (env: GITHUB_TOKEN: ${{ github.token }}) and its job the permission (permissions: pull-requests: write). A workflow of a fork gets a token that can only read.";

    protected override string? Token => TokenNames.Select(Variable).FirstOrDefault(token => token is not null);

    public override string? SummaryPathFor(string title) => Variable("GITHUB_STEP_SUMMARY");

    public override string? CommandFor(string summaryPath) => null;

    public override string CommandFor(string title, string message) => LogCommand.GitHubError(title, message);

    public override PullRequest OpenPullRequest(Action<ClientMessage>? observer)
    {
        var repository = Required(RepositoryName);
        if (!_repository.IsMatch(repository) || repository.Split('/').Any(part => part is "." or ".."))
            throw new ArgumentException($"The environment variable {RepositoryName} is not a repository. Valid values: owner/name");
        var host = new CodeHost(Name, Address("GITHUB_API_URL", "https://api.github.com"), Checked(TokenNames[0], Token), HowToAllow, observer);
        return new GitHubPullRequest(host, repository, _number ?? throw new ArgumentException("The run is not for a pull request."));
    }

    private static long? NumberInReference() =>
        Variable("GITHUB_REF") is { } reference && _pullReference.Match(reference) is { Success: true } match ? long.Parse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture) : null;

    /// <summary>The pull request of an event whose reference is a branch, as that of a comment or of a workflow that ended.</summary>
    private static long? NumberInEvent()
    {
        try
        {
            if (Variable("GITHUB_EVENT_PATH") is not { } path || new FileInfo(path) is not { Exists: true, Length: <= LongestEvent })
                return null;
            var json = JsonValue.Parse(File.ReadAllBytes(path));
            var issue = Get(json, "issue");
            var ended = Get(Get(json, "workflow_run"), "pull_requests") is object?[] { Length: 1 } requests ? requests[0] : null;
            return new[] { Get(json, "pull_request"), Get(issue, "pull_request") is null ? null : issue, ended }.Select(found => Get(found, "number") as long?).FirstOrDefault(number => number > 0);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or JsonException or ArgumentException or NotSupportedException)
        {
            // A run without an event is one without a pull request.
            return null;
        }
    }

    private static object? Get(object? value, string name) => value is Dictionary<string, object?> map && map.TryGetValue(name, out var found) ? found : null;
}
