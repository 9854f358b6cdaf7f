using System.Text.RegularExpressions;

namespace Meshia.PowerShell.Tests;

/// <summary>docs/errors.md explains every error that the source can give.</summary>
public sealed class ErrorPageTests
{
    private static readonly string[] _projects = ["Meshia.Client", "Meshia.PowerShell", "Meshia.Sandbox"];

    /// <summary>Where an id stands in the source, and one that is found so: a pattern that finds nothing any more is noticed.</summary>
    public static TheoryData<string, string> Places => new()
    {
        { """["](\w+)",\s*ErrorCategory\.""", "VaultLocked" },
        { """ToErrorRecord\("(\w+)",""", "InvalidArgument" },
        { """["](\w+)",\s+\w+ is \w+ \? ErrorCategory\.""", "FileError" },
        { """MeshiaFailure\.\w+,\s*"(\w+)",""", "outcome_unknown" },
        { """^\s+(?:>= )?\d{3}(?: or \d{3})* => "(\w+)",""", "conflict" },
        { """public const string \w+ = "([a-z]+(?:_[a-z]+)+)";\s*(?=public const string|\})""", "invalid_request" },
    };

    [Theory]
    [MemberData(nameof(Places))]
    public void Every_error_id_in_the_source_is_explained(string place, string known)
    {
        var ids = _projects
            .SelectMany(project => Directory.GetFiles(Path.Combine(Repository.Root, "src", project), "*.cs", SearchOption.AllDirectories))
            .Where(file => !file.EndsWith("ContractNames.cs", StringComparison.Ordinal))
            .SelectMany(file => Regex.Matches(File.ReadAllText(file), place, RegexOptions.Multiline))
            .Select(match => match.Groups[1].Value)
            .Distinct().ToList();
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "errors.md"));

        Assert.Contains(known, ids);
        Each.Of(ids, id => Assert.Contains($"`{id}`", page, StringComparison.Ordinal));
    }
}
