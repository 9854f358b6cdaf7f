using System.Management.Automation;
using CsCheck;

namespace Meshia.PowerShell.Tests;

/// <summary>Which files <c>Export-MeshiaComparison</c> writes, and which it leaves as they are.</summary>
public sealed class ExportedFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("meshia-export-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("report.txt")]
    [InlineData("report")]
    [InlineData("report.html.gz")]
    public async Task A_file_with_an_unknown_format_is_refused_before_any_request(string path)
    {
        await using var service = await ScriptedAccount.StartAsync();
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);

        var result = session.Invoke("Compare-MeshiaExperiment exp_1, exp_2 | Export-MeshiaComparison -Path a.html, $path", ("path", path));

        Assert.Equal(("UnknownFormat,Meshia.PowerShell.ExportMeshiaComparison", ErrorCategory.InvalidArgument), (result.Error.FullyQualifiedErrorId, result.Error.CategoryInfo.Category));
        Assert.Contains(".html, .md, .csv, .json", result.Error.ToString(), StringComparison.Ordinal);
        Assert.Empty(service.Requests);
    }

    [Fact]
    public void A_file_that_is_there_stays_unless_forced_and_the_others_are_written()
    {
        using var session = new ModuleSession();
        File.WriteAllText(PathOf("md"), "mine");

        var error = session.Invoke("Export-MeshiaComparison -InputObject $comparison -Path $paths", ("comparison", Small()), ("paths", new[] { PathOf("md"), PathOf("csv") })).Error;

        Assert.Equal(("FileExists,Meshia.PowerShell.ExportMeshiaComparison", ErrorCategory.ResourceExists, (object)PathOf("md")), (error.FullyQualifiedErrorId, error.CategoryInfo.Category, error.TargetObject));
        Assert.Contains("-Force", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Equal("mine", Read("md"));
        Assert.Equal(["report.csv", "report.md"], Files());

        ExportMarkdown(session);
        Assert.StartsWith("# Comparison of 2 experiments", Read("md"), StringComparison.Ordinal);
        Assert.Equal(["report.csv", "report.md"], Files());
    }

    [Fact]
    public void A_missing_folder_is_an_error()
    {
        using var session = new ModuleSession();

        var error = session.Invoke("Export-MeshiaComparison -InputObject $comparison -Path $path", ("comparison", Small()), ("path", Path.Combine(_folder, "none", "a.html"))).Error;

        Assert.Equal(("FileError,Meshia.PowerShell.ExportMeshiaComparison", ErrorCategory.ObjectNotFound), (error.FullyQualifiedErrorId, error.CategoryInfo.Category));
        Assert.Equal($"The folder '{Path.Combine(_folder, "none")}' of '{Path.Combine(_folder, "none", "a.html")}' does not exist.", error.ToString());
        Assert.Contains("-Path", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-Force")]
    public void A_folder_in_the_files_place_is_an_error_that_says_so(string force)
    {
        using var session = new ModuleSession();
        Directory.CreateDirectory(PathOf("html"));

        var error = session.Invoke($"Export-MeshiaComparison -InputObject $comparison -Path $path {force}", ("comparison", Small()), ("path", PathOf("html"))).Error;

        Assert.Equal(("FileError,Meshia.PowerShell.ExportMeshiaComparison", ErrorCategory.InvalidArgument), (error.FullyQualifiedErrorId, error.CategoryInfo.Category));
        Assert.Equal($"'{PathOf("html")}' is a folder.", error.ToString());
        Assert.Contains("-Path", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Equal(["report.html"], Files());
    }

    [Fact]
    public void A_link_stays_one_and_its_target_is_written()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need a privilege there.");
        using var session = new ModuleSession();
        var target = Directory.CreateDirectory(Path.Combine(_folder, "elsewhere")).FullName + "/target.txt";
        File.WriteAllText(target, "old");
        File.CreateSymbolicLink(Path.Combine(_folder, "between"), target);
        File.CreateSymbolicLink(PathOf("md"), "between");

        Assert.Equal("FileExists,Meshia.PowerShell.ExportMeshiaComparison", session.Invoke("Export-MeshiaComparison -InputObject $comparison -Path $path", ("comparison", Small()), ("path", PathOf("md"))).Error.FullyQualifiedErrorId);
        ExportMarkdown(session);

        Assert.StartsWith("# Comparison of 2 experiments", File.ReadAllText(target), StringComparison.Ordinal);
        Assert.Equal("between", new FileInfo(PathOf("md")).LinkTarget);
        Assert.Equal(["between", "elsewhere", "report.md"], Files());

        // Where the target is gone, it comes again.
        File.Delete(target);
        ExportMarkdown(session);
        Assert.StartsWith("# Comparison of 2 experiments", File.ReadAllText(target), StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_written_for_WhatIf()
    {
        using var session = new ModuleSession();

        session.Output("Export-MeshiaComparison -InputObject $comparison -Path $path -WhatIf", ("comparison", Small()), ("path", PathOf("html")));

        Assert.Empty(Files());
    }

    [Fact]
    public void A_second_comparison_does_not_replace_the_first()
    {
        using var session = new ModuleSession();

        var result = session.Invoke("$one, $two | Export-MeshiaComparison -Path $path -Force -PassThru", ("one", Small()), ("two", ComparisonObject.Of(["x", "y", "z"], [], [])), ("path", PathOf("json")));

        Assert.Equal("InvalidArgument,Meshia.PowerShell.ExportMeshiaComparison", result.Error.FullyQualifiedErrorId);
        Assert.Equal(PathOf("json"), ((FileInfo)Assert.Single(result.Output).BaseObject).FullName);
        Assert.Contains("\"a\"", Read("json"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_path_is_below_the_sessions_location_and_by_the_letter()
    {
        using var session = new ModuleSession();

        session.Output("$null = $ExecutionContext.SessionState.Path.SetLocation($folder); Export-MeshiaComparison -InputObject $comparison -Path 'a[1].HTML' -Title '<Mine>'", ("comparison", Small()), ("folder", _folder));

        Assert.Equal(["a[1].HTML"], Files());
        Assert.Contains("<title>&lt;Mine&gt;</title>", File.ReadAllText(Path.Combine(_folder, "a[1].HTML")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("'text'")]
    [InlineData("42")]
    [InlineData("[pscustomobject]@{ Name = 'x' }")]
    public void An_object_that_is_not_a_comparison_is_refused(string value)
    {
        using var session = new ModuleSession();

        var error = session.Invoke($"{value} | Export-MeshiaComparison -Path $path", ("path", PathOf("html"))).Error;

        Assert.Contains("not a comparison", error.ToString(), StringComparison.Ordinal);
        Assert.Empty(Files());
    }

    private static PSObject Small() => ComparisonObject.Of(["a", "b"], [("lr", [0.1, 0.2])], [("loss", [1.0, 2.0])]);

    private void ExportMarkdown(ModuleSession session) =>
        session.Output("Export-MeshiaComparison -InputObject $comparison -Path $path -Force", ("comparison", Small()), ("path", PathOf("md")));

    private string PathOf(string format) => Path.Combine(_folder, $"report.{format}");

    private string Read(string format) => File.ReadAllText(PathOf(format));

    private IEnumerable<string?> Files() => Directory.EnumerateFileSystemEntries(_folder).Select(Path.GetFileName).Order(StringComparer.Ordinal);
}
