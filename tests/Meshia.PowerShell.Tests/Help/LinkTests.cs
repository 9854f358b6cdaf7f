using System.Text.RegularExpressions;

namespace Meshia.PowerShell.Tests;

/// <summary>The project's pages lead where they say.</summary>
public sealed partial class LinkTests
{
    [Fact]
    public void Every_relative_link_leads_to_a_file_and_its_heading() => Assert.Empty(Repository.Pages.SelectMany(BrokenLinks));

    private static IEnumerable<string> BrokenLinks(string page)
    {
        var path = Path.Combine(Repository.Root, page);
        foreach (var target in Link().Matches(WithoutCode(path)).Select(match => match.Groups[1].Value).Where(target => !Absolute().IsMatch(target)))
        {
            var parts = target.Split('#', 2);
            var file = parts[0].Length == 0 ? path : Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, Uri.UnescapeDataString(parts[0])));
            if (!Path.Exists(file))
                yield return $"{page} links to {target}, which is not there.";
            else if (parts.Length == 2 && !Headings(file).Contains(parts[1]))
                yield return $"{page} links to {target}, but there is no such heading.";
        }
    }

    private static IEnumerable<string> Headings(string path) => Heading().Matches(WithoutCode(path))
        .Select(match => NotInAnchors().Replace(match.Groups[1].Value.Trim().ToLowerInvariant(), "").Replace(' ', '-'));

    private static string WithoutCode(string path) => Fence().Replace(File.ReadAllText(path).ReplaceLineEndings("\n"), "");

    [GeneratedRegex(@"\]\(([^()\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex("^[a-z]+:")]
    private static partial Regex Absolute();

    [GeneratedRegex("^#+ (.*)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NotInAnchors();

    [GeneratedRegex("^```.*?^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Fence();
}
