using System.Text.RegularExpressions;

namespace Meshia.Benchmarks;

/// <summary>docs/benchmarks.md: the table between two marks; the text around it is written by hand.</summary>
internal static partial class BenchmarkPage
{
    public static async Task WriteAsync(string table)
    {
        var path = Path.Combine(BuiltModule.Folder, "..", "..", "docs", "benchmarks.md");
        var text = await File.ReadAllTextAsync(path);
        await File.WriteAllTextAsync(path, BetweenMarks().Replace(text, _ => $"<!-- begin table -->\n\n{table}\n<!-- end table -->"));
    }

    [GeneratedRegex("<!-- begin table -->.*<!-- end table -->", RegexOptions.Singleline)]
    private static partial Regex BetweenMarks();
}
