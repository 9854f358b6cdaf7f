using System.Text.RegularExpressions;

namespace Meshia.Client.Tests;

/// <summary><c>docs/architecture.md</c> names files that exist, and visits none twice on the way of a call.</summary>
public sealed partial class ArchitecturePageTests
{
    private static readonly string _docs = FindDocs(new(AppContext.BaseDirectory));

    private static string Page => File.ReadAllText(Path.Combine(_docs, "architecture.md"));

    [Fact]
    public void Every_file_that_it_names_exists()
    {
        var files = Link().Matches(Page).Select(match => match.Groups[1].Value).ToList();

        Assert.True(files.Count > 30, $"Only {files.Count} files are named.");
        Each.Of(files, file => Assert.True(File.Exists(Path.Combine(_docs, file)), $"{file} is not there."));
    }

    [Theory]
    [InlineData("New-MeshiaSession")]
    [InlineData("Save-MeshiaArtifact")]
    [InlineData("Compare-MeshiaExperiment")]
    public void A_call_is_followed_from_file_to_file_and_visits_none_twice(string cmdlet)
    {
        var section = Page.Split("### ").Single(part => part.StartsWith(cmdlet, StringComparison.Ordinal)).Split("\n## ")[0];
        var files = Link().Matches(section).Select(match => match.Groups[1].Value).ToList();

        Assert.True(files.Count >= 5, $"Only {files.Count} files are named.");
        Assert.Equal(files.Distinct(), files);
    }

    private static string FindDocs(DirectoryInfo folder) => File.Exists(Path.Combine(folder.FullName, "Meshia.psd1")) ? Path.Combine(folder.FullName, "docs") : FindDocs(folder.Parent!);

    [GeneratedRegex(@"\]\(([^()\s]+\.(?:cs|md))\)")]
    private static partial Regex Link();
}
