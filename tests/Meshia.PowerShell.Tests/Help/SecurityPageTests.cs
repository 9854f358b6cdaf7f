using System.Text.RegularExpressions;

namespace Meshia.PowerShell.Tests;

/// <summary>Each promise of SECURITY.md names tests that exist.</summary>
public sealed class SecurityPageTests
{
    [Fact]
    public void Each_promise_names_tests_that_exist()
    {
        var rows = File.ReadLines(Path.Combine(Repository.Root, "SECURITY.md")).Where(line => line.StartsWith("| ", StringComparison.Ordinal)).Skip(2).ToList();
        var tests = Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests"), "*Tests.cs", SearchOption.AllDirectories).Select(Path.GetFileNameWithoutExtension).ToHashSet();

        Assert.InRange(rows.Count, 10, 100);
        Each.Of(rows, row =>
        {
            var names = Regex.Matches(row, "`(\\w+Tests)`").Select(match => match.Groups[1].Value).ToList();
            Assert.NotEmpty(names);
            Each.Of(names, name => Assert.Contains(name, tests));
        });
    }
}
