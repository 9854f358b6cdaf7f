namespace Meshia.Shell.Tests;

public sealed class ArgumentTests : IDisposable
{
    private readonly Shell _shell = new();

    public void Dispose() => _shell.Dispose();

    [Fact]
    public async Task Bind_by_name_by_position_and_as_switches()
    {
        var outcome = await _shell.RunAsync(
            """
            [CmdletBinding()]
            param([string] $Name, [int] $Count, [switch] $On, [switch] $Off, [Parameter(Position = 0)] $First, [Parameter(ValueFromRemainingArguments)] $Rest)
            "$Name|$($Count + 1)|$On|$Off|$($PSBoundParameters.ContainsKey('Off'))|$First|$($Rest -join ',')"
            """,
            "-Name", "a b", "one", "-Count:41", "-On", "-Off:$false", "two words", "$HOME");

        Assert.Equal("a b|42|True|False|True|one|two words,$HOME\n", outcome.Output);
    }

    [Fact]
    public async Task Arrive_as_strings_but_for_true_and_false_after_a_colon()
    {
        var outcome = await _shell.RunAsync(
            "foreach ($arg in $args) { \"$arg $($arg.GetType().Name)\" }",
            "1", "$true", "-Flag:$true", "", "日本");

        Assert.Equal("1 String\n$true String\n-Flag String\nTrue Boolean\n String\n日本 String\n", outcome.Output);
    }

    [Fact]
    public async Task The_script_knows_where_it_is()
    {
        var path = _shell.Script("$PSScriptRoot; $PSCommandPath; $MyInvocation.MyCommand.Path; (Get-Location).Path", "where am i.ps1");

        var outcome = await _shell.InvokeAsync(["./where am i.ps1"]);

        // Get-Location comes with pwsh, not with the engine: only the error tells.
        Assert.Equal([_shell.Folder, path, path], outcome.Output.TrimEnd().Split('\n').Select(Resolve));
        Assert.Contains("Get-Location", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Standard_input_is_the_scripts_input_line_by_line()
    {
        var script = _shell.Script("foreach ($line in $input) { \"<$line>\" }");

        var outcome = await _shell.InvokeAsync([script], input: "eins\nzwei ü\n");

        Assert.Equal("<eins>\n<zwei ü>\n", outcome.Output);
    }

    [Fact]
    public async Task A_dash_reads_the_script_from_standard_input()
    {
        var outcome = await _shell.InvokeAsync(["-", "-Name", "x"], input: "param($Name) \"is $Name\"\nexit 6");

        Assert.Equal((6, "is x\n"), (outcome.ExitCode, outcome.Output));
    }

    // A temporary folder may be reached through a link.
    private static string Resolve(string path) => path.StartsWith("/private/", StringComparison.Ordinal) ? path["/private".Length..] : path;
}
