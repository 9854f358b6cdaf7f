using System.Text.RegularExpressions;

namespace Meshia.PowerShell.Tests;

public sealed class ExportMeshiaHistoryTests : IDisposable
{
    private const string FromArchive = "Export-MeshiaHistory $page -HistoryPath $archive";

    private readonly HistoryFiles _files = new();
    private readonly ModuleSession _session = new();

    public void Dispose()
    {
        _session.Dispose();
        _files.Dispose();
    }

    [Fact]
    public void The_page_is_the_same_from_the_archive_the_pipeline_a_job_and_JSON()
    {
        Write(HistoryFiles.Sweep(30));
        _session.Output(FromArchive);
        var expected = File.ReadAllText(_files.Page);
        Assert.Contains("30 experiments, created from 2026-01-01 to 2026-01-02. The service no longer has 1 of them.", expected, StringComparison.Ordinal);

        foreach (var source in new[]
        {
            "Get-MeshiaExperiment -Path $archive",
            "Get-MeshiaExperiment -Path $archive | ForEach-Object { [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($_, 9)) }",
            "Get-MeshiaExperiment -Path $archive | ConvertTo-Json -Depth 9 | ConvertFrom-Json",
            "(Get-MeshiaExperiment -Path $archive) + (Get-MeshiaExperiment -Path $archive)",
        })
        {
            _session.Output($"{source} | Export-MeshiaHistory $page -Force");
            Assert.Equal(expected, File.ReadAllText(_files.Page));
        }

        _session.Output("Export-MeshiaHistory $page -InputObject (Get-MeshiaExperiment -Path $archive) -Force");
        Assert.Equal(expected, File.ReadAllText(_files.Page));
    }

    [Fact]
    public void The_experiments_keep_the_order_of_the_pipeline()
    {
        Write(HistoryFiles.Sweep(150));
        _session.Output("Get-MeshiaExperiment -Path $archive -Metric loss -Top 3 | Export-MeshiaHistory $page -Title 'The best <3>'");
        Assert.Equal(["exp_0100", "exp_0099", "exp_0101"], Regex.Matches(Read("experiments"), "<td class=\"fixed\">(exp_[0-9]+)<").Select(match => match.Groups[1].Value));
        Assert.Contains("<h1>The best &lt;3&gt;</h1>", File.ReadAllText(_files.Page), StringComparison.Ordinal);
    }

    [Fact]
    public void The_best_of_each_metric_is_named_with_its_goal()
    {
        Write(
            HistoryFiles.Line("exp_a", metrics: new { loss = 0.5, odd = 3, accuracy = "NaN", curve_loss = (double[])[0.1, 0.9], exact = 9007199254740993 }),
            HistoryFiles.Line("exp_b", metrics: new { loss = 0.25, odd = 1, accuracy = 0.1, curve_loss = (double[])[0.8, 0.2], exact = 9007199254740992 }),
            HistoryFiles.Line("exp_c", metrics: new { loss = "-Infinity", accuracy = "diverged", odd = 2 }));
        var result = _session.Invoke($"{FromArchive} -Goal @{{ 'ex*' = 'maximize'; nothing = 'Minimize' }}");

        Assert.Null(result.Terminating);
        Assert.Equal("-Goal 'nothing' is not a metric of these experiments.", Assert.Single(result.Warnings));
        Assert.Equal(
            [
                "accuracy|↑ more is betterguessed from the name|0.1|run of exp_b|exp_b|1",
                "curve_loss|↓ less is betterguessed from the name|0.2|run of exp_b|exp_b|2",
                "exact|↑ more is bettergiven|9007199254740993|run of exp_a|exp_a|2",
                "loss|↓ less is betterguessed from the name|0.25|run of exp_b|exp_b|2",
                "odd|no goal knownlowest|1|run of exp_b|exp_b|3",
                "odd|no goal knownhighest|3|run of exp_a|exp_a|3",
            ],
            Rows("best-per-metric").OrderBy(row => row.Split('|')[0], StringComparer.Ordinal));
    }

    [Fact]
    public void A_file_that_is_there_is_replaced_only_with_Force()
    {
        Write(HistoryFiles.Sweep(3));
        File.WriteAllText(_files.Page, "mine");
        Assert.Equal("FileExists,Meshia.PowerShell.ExportMeshiaHistory", _session.Invoke(FromArchive).Error.FullyQualifiedErrorId);
        Assert.Equal("mine", File.ReadAllText(_files.Page));

        Assert.Equal(_files.Page, Assert.Single(_session.Output($"{FromArchive} -Force -PassThru")).ToString());
        Assert.StartsWith("<!DOCTYPE html>", File.ReadAllText(_files.Page), StringComparison.Ordinal);
        Assert.Equal(["history", "history.html"], Directory.GetFileSystemEntries(Path.GetDirectoryName(_files.Page)!).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("Export-MeshiaHistory ./page.htm -HistoryPath $archive", "UnknownFormat")]
    [InlineData("Export-MeshiaHistory $page -HistoryPath $archive/none", "ArchiveNotFound")]
    [InlineData("Export-MeshiaHistory $archive/none/page.html -HistoryPath $archive", "FileError")]
    [InlineData("Export-MeshiaHistory $page -HistoryPath $archive -Goal @{ loss = 'best' }", "InvalidGoal")]
    [InlineData("'exp_a' | Export-MeshiaHistory $page", "ParameterArgumentTransformationError")]
    [InlineData("[pscustomobject]@{ Name = 'no id' } | Export-MeshiaHistory $page", "ParameterArgumentTransformationError")]
    [InlineData("Get-Process -Id $PID | Export-MeshiaHistory $page", "ParameterArgumentTransformationError")]
    public void What_cannot_be_written_is_an_error_and_leaves_no_file(string call, string errorId)
    {
        Write(HistoryFiles.Sweep(3));
        Assert.StartsWith($"{errorId},", _session.Invoke(call).Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.False(File.Exists(_files.Page));
    }

    [Fact]
    public void Without_experiments_nothing_is_written()
    {
        Write();
        foreach (var call in new[] { FromArchive, "@() | Export-MeshiaHistory $page" })
        {
            Assert.Equal("There are no experiments, so nothing was written.", Assert.Single(_session.Invoke(call).Warnings));
            Assert.False(File.Exists(_files.Page));
        }
    }

    [Fact]
    public void What_cannot_be_seen_or_turns_a_line_is_replaced()
    {
        Write(HistoryFiles.Line("exp_a", "a\u202Eb\u0007c\u2066d", "\u202Edone", new Dictionary<string, object> { ["m\u202E"] = "v\u202E" }, new Dictionary<string, object> { ["k\u202E"] = "w\u202E" }));
        _session.Output(FromArchive);
        var page = File.ReadAllText(_files.Page);
        Assert.Contains("a\uFFFDb\uFFFDc\uFFFDd", page, StringComparison.Ordinal);
        Assert.DoesNotMatch("[\u202E\u0007\u2066]|\\\\u(202E|0007|2066)", page);
    }

    [Fact]
    public void A_damaged_line_is_a_warning_and_the_others_are_written()
    {
        Write([.. HistoryFiles.Sweep(3), "{\"id\":\"exp_z\","]);
        Assert.Contains("Line 4", Assert.Single(_session.Invoke(FromArchive).Warnings), StringComparison.Ordinal);
        Assert.Equal(3, Rows("experiments").Count);
    }

    [Fact]
    public void Keys_that_few_experiments_have_are_left_out_and_counted()
    {
        Write(Enumerable.Range(0, 300).Select(number => HistoryFiles.Line($"exp_{number}", metrics: new Dictionary<string, object> { [$"m{number}"] = number, ["loss"] = number }, config: new Dictionary<string, object> { [$"k{number}"] = number })));
        _session.Output(FromArchive);
        Assert.Contains("Left out: 201 metrics and 100 keys of configurations that the fewest experiments have.", File.ReadAllText(_files.Page), StringComparison.Ordinal);
        Assert.Contains("loss|", Rows("best-per-metric")[0], StringComparison.Ordinal);
    }

    private void Write(params IEnumerable<string> lines)
    {
        _files.Write(lines);
        _session.Output("", ("page", _files.Page), ("archive", _files.Archive));
    }

    private string Read(string heading) => Regex.Match(File.ReadAllText(_files.Page), $"<h2 id=\"{heading}\">.*?</table>", RegexOptions.Singleline).Value;

    /// <summary>The texts of a table's rows, cell by cell.</summary>
    private List<string> Rows(string heading) =>
    [
        .. Regex.Matches(Read(heading).Split("<tbody>")[1], "<tr>(.*?)</tr>", RegexOptions.Singleline)
            .Select(row => string.Join('|', Regex.Matches(row.Groups[1].Value, "<t[hd].*?>(.*?)</t[hd]>").Select(cell => System.Net.WebUtility.HtmlDecode(Regex.Replace(cell.Groups[1].Value, "<.*?>", ""))))),
    ];
}
