namespace Meshia;

/// <summary>
/// Commands that GitHub Actions and Azure Pipelines read in the log of a step. Each is one line: a text in it is cleaned
/// and escaped, so that it can end neither the line nor the part of the command in which it stands.
/// </summary>
internal static class LogCommand
{
    private const int LongestTitle = 200;
    private const int LongestMessage = 600;

    /// <summary>An error of GitHub Actions ("Workflow commands": % and line ends are escaped, and : and , in a property).</summary>
    public static string GitHubError(string title, string message) =>
        $"::error title={EscapeGitHub(DisplayText.Clean(title, LongestTitle)).Replace(":", "%3A").Replace(",", "%2C")}::{EscapeGitHub(DisplayText.Clean(message, LongestMessage))}";

    /// <summary>An error of Azure Pipelines ("Logging commands": % and line ends are escaped).</summary>
    public static string AzureError(string title, string message) =>
        $"##vso[task.logissue type=error]{EscapeAzure(DisplayText.Clean($"{title}: {message}", LongestMessage))}";

    /// <summary>Has Azure Pipelines show a file of Markdown on the page of the run.</summary>
    public static string AzureSummary(string path) => $"##vso[task.uploadsummary]{EscapeAzure(path)}";

    private static string EscapeGitHub(string text) => text.Replace("%", "%25").Replace("\r", "%0D").Replace("\n", "%0A");

    private static string EscapeAzure(string text) => text.Replace("%", "%AZP25").Replace("\r", "%0D").Replace("\n", "%0A");
}
