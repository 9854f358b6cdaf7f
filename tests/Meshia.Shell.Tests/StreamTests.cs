namespace Meshia.Shell.Tests;

public sealed class StreamTests : IDisposable
{
    private readonly Shell _shell = new();

    public void Dispose() => _shell.Dispose();

    [Fact]
    public async Task Errors_go_to_stderr_and_the_rest_to_stdout()
    {
        var outcome = await _shell.RunAsync("Write-Everything -Verbose");

        Assert.Equal(0, outcome.ExitCode);
        Assert.Equal("WARNING: a warning\nVERBOSE: a detail\nan object\n", outcome.Output);
        Assert.Contains("a failure", outcome.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("Working", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_not_asked_for_is_not_shown()
    {
        var outcome = await _shell.RunAsync("Write-Everything -WarningAction Ignore -ErrorAction SilentlyContinue");

        Assert.Equal(("an object\n", ""), (outcome.Output, outcome.Error));
    }

    [Fact]
    public async Task Information_is_shown_on_request()
    {
        var outcome = await _shell.RunAsync("Write-Everything -InformationAction Continue -WarningAction Ignore -ErrorAction Ignore");

        Assert.Equal("some information\nan object\n", outcome.Output);
    }

    [Fact]
    public async Task The_error_that_ends_the_script_shows_its_line()
    {
        var outcome = await _shell.RunAsync("'before'\nthrow 'no more'");

        Assert.Equal((1, "before\n"), (outcome.ExitCode, outcome.Output));
        Assert.Equal(
            $"Exception: {Path.Combine(_shell.Folder, "script.ps1")}:2\nLine |\n   2 |  throw 'no more'\n     |  ~~~~~~~~~~~~~~~\n     | no more\n",
            outcome.Error.Replace("\n\n", "\n", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_error_that_does_not_end_it_shows_its_line_too()
    {
        var outcome = await _shell.RunAsync("'before'\nGet-Nothing\n'after'");

        Assert.Equal((0, "before\nafter\n"), (outcome.ExitCode, outcome.Output));
        Assert.Contains("   2 |  Get-Nothing\n", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Text_is_utf8_and_as_wide_as_120_columns()
    {
        var outcome = await _shell.RunAsync(
            "$Host.UI.RawUI.BufferSize.Width; \"$($PSStyle.Foreground.Red)Grüße, 世界 🎉$($PSStyle.Reset)\"; throw 'müde'");

        Assert.Equal("120\nGrüße, 世界 🎉\n", outcome.Output);
        Assert.Contains("müde", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Objects_are_formatted_as_the_engine_does()
    {
        var outcome = await _shell.RunAsync("[pscustomobject]@{ Name = 'a'; Count = 1 }, [pscustomobject]@{ Name = 'b'; Count = 22 }");

        Assert.Equal("\nName Count\n---- -----\na        1\nb       22\n\n", outcome.Output);
    }
}
