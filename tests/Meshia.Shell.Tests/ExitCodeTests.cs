namespace Meshia.Shell.Tests;

public sealed class ExitCodeTests : IDisposable
{
    private readonly Shell _shell = new();

    public void Dispose() => _shell.Dispose();

    [Theory]
    [InlineData("'fine'", 0)]
    [InlineData("exit 3", 3)]
    [InlineData("function Quit { exit 4 }; Quit; 'never'", 4)]
    [InlineData("exit", 0)]
    [InlineData("[CmdletBinding()] param() exit 5", 5)]
    [InlineData("throw 'no'", 1)]
    [InlineData("$ErrorActionPreference = 'Stop'; Get-Nothing", 1)]
    [InlineData("Get-Nothing; 'goes on'", 0)]
    [InlineData("#requires -Modules NotThere\n'never'", 1)]
    public async Task Is_what_pwsh_gives(string script, int expected)
    {
        var outcome = await _shell.RunAsync(script);

        Assert.Equal(expected, outcome.ExitCode);
        Assert.DoesNotContain("never", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_native_commands_failure_is_not_the_scripts()
    {
        var outcome = await _shell.RunAsync("dotnet no-such-command *> $null; \"last $($LASTEXITCODE -ne 0)\"");

        Assert.Equal((0, "last True\n"), (outcome.ExitCode, outcome.Output));
    }

    [Fact]
    public async Task An_inner_scripts_exit_ends_the_inner_script_only()
    {
        _shell.Script("'inner'; exit 7", "inner.ps1");

        var outcome = await _shell.RunAsync("& $PSScriptRoot/inner.ps1; \"outer after $LASTEXITCODE\"");

        Assert.Equal((0, "inner\nouter after 7\n"), (outcome.ExitCode, outcome.Output));
    }

    [Fact]
    public async Task A_parse_error_runs_nothing_and_shows_the_line()
    {
        var outcome = await _shell.RunAsync("'never'\nif (1 {");

        Assert.Equal((1, ""), (outcome.ExitCode, outcome.Output));
        Assert.Contains("script.ps1:2", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("if (1 {", outcome.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("missing.ps1", "missing.ps1")]
    [InlineData(".", "'.'")]
    public async Task A_script_that_is_not_there_is_a_usage_error(string path, string named)
    {
        var outcome = await _shell.InvokeAsync([path]);

        Assert.Equal((64, ""), (outcome.ExitCode, outcome.Output));
        Assert.Contains(named, outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_arguments_show_the_usage_as_an_error()
    {
        var outcome = await _shell.InvokeAsync([]);

        Assert.Equal((64, ""), (outcome.ExitCode, outcome.Output));
        Assert.Contains("<script.ps1>", outcome.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--help", "<script.ps1>")]
    [InlineData("--version", "PowerShell engine 7.")]
    public async Task Questions_about_the_shell_need_no_module(string question, string expected)
    {
        var outcome = await _shell.InvokeAsync([question], modulePath: _shell.Folder);

        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
        Assert.Contains(expected, outcome.Output, StringComparison.Ordinal);
    }
}
