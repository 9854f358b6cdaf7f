namespace Meshia.Shell.Tests;

public sealed class PromptTests : IDisposable
{
    private const string Refusal = "NonInteractive mode";

    private readonly Shell _shell = new();

    public void Dispose() => _shell.Dispose();

    [Theory]
    [InlineData("Remove-Thing x -Confirm")]
    [InlineData("$Host.UI.ReadLine()")]
    [InlineData("$Host.UI.ReadLineAsSecureString()")]
    [InlineData("$Host.UI.PromptForCredential('', '', '', '')")]
    public async Task Without_a_terminal_fails_at_once_and_takes_no_answer_from_a_pipe(string script)
    {
        var outcome = await _shell.InvokeAsync([_shell.Script(script + "\n'after'")], input: "y\ny\ny\n");

        Assert.Equal("after\n", outcome.Output);
        Assert.Contains(Refusal, outcome.Error.ReplaceLineEndings(" "), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_mandatory_parameter_is_named_instead_of_asked_for()
    {
        var outcome = await _shell.RunAsync("Get-Thing");

        Assert.Contains("mandatory parameters: Name", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task On_a_terminal_questions_are_asked_and_answered()
    {
        var screen = await OnTerminalAsync("Get-Thing; Remove-Thing x -Confirm; $secret = $Host.UI.ReadLineAsSecureString(); \"length $($secret.Length)\"", "neo\ny\nabc\n");

        Assert.Contains("Name: ", screen, StringComparison.Ordinal);
        Assert.Contains("neo", screen, StringComparison.Ordinal);
        Assert.Contains("[Y] Yes  [A] Yes to All", screen, StringComparison.Ordinal);
        Assert.Contains("removed x", screen, StringComparison.Ordinal);
        Assert.Contains("***", screen, StringComparison.Ordinal);
        Assert.Contains("length 3", screen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task On_a_terminal_there_is_colour_and_progress()
    {
        var screen = await OnTerminalAsync("Write-Everything", "");

        Assert.Contains("\e[33;1mWARNING: a warning", screen, StringComparison.Ordinal);
        Assert.Contains("\r\e[KWorking [##########..........]  50% halfway", screen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NO_COLOR_is_heeded_on_a_terminal()
    {
        var screen = await OnTerminalAsync("Write-Everything", "", "NO_COLOR=1 ");

        Assert.Contains("WARNING: a warning", screen, StringComparison.Ordinal);
        Assert.DoesNotContain("\e[33;1m", screen, StringComparison.Ordinal);
    }

    /// <summary>Runs a script under script(1), which gives it a terminal of its own.</summary>
    private async Task<string> OnTerminalAsync(string text, string answers, string environment = "")
    {
        const string Tool = "/usr/bin/script";
        if (!OperatingSystem.IsLinux() || !File.Exists(Tool))
            Assert.Skip("Needs script(1) of util-linux to make a terminal.");

        var command = environment + string.Join(' ', Shell.Command.Append(_shell.Script(text)).Select(word => $"'{word}'"));
        using var process = _shell.Start([Tool, "--quiet", "--return", "--command", command, "/dev/null"]);
        // Closing its input would end the terminal's session before the script is done.
        await process.StandardInput.WriteAsync(answers);
        await process.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
        var screen = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken).WaitAsync(Shell.Patience, TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return screen;
    }
}
