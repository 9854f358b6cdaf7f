namespace Meshia.PowerShell.Tests;

/// <summary>A person is asked for the key only who asked for that, and nobody else is kept waiting.</summary>
public sealed class PromptTests : IDisposable
{
    private const string Question = "Meshia API key: ";
    private const string AskForCursor = "\e[6n";

    private readonly ShellProcess _shell = new();

    public void Dispose() => _shell.Dispose();

    [Theory]
    [InlineData("Connect-Meshia", "NoApiKey")]
    [InlineData("Connect-Meshia -Save", "NoApiKey")]
    [InlineData("Get-MeshiaSession", "NotConnected")]
    [InlineData("Test-MeshiaConnection", "NotConnected")]
    public async Task Without_a_terminal_nobody_is_asked(string command, string id)
    {
        var (exitCode, output, error) = await _shell.RunAsync($"try {{ {command} }} catch {{ $_.FullyQualifiedErrorId.Split(',')[0] }}");

        Assert.Equal((0, $"{id}\n", ""), (exitCode, output, error));
    }

    [Fact]
    public async Task On_a_terminal_the_key_is_asked_for_and_not_shown()
    {
        var key = ModuleSession.NewKey();

        var screen = await OnTerminalAsync("$c = Connect-Meshia -PassThru; \"$($c.KeySource) $($c.Key)\"", $"{key}\n");

        Assert.Contains(Question, screen, StringComparison.Ordinal);
        Assert.Contains($"Prompt {Account.Shown(key)}", screen, StringComparison.Ordinal);
        Assert.DoesNotContain(key, screen, StringComparison.Ordinal);
        Assert.DoesNotContain(key[4..], screen, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Get-MeshiaSession", "")]
    [InlineData("Connect-Meshia", "-NonInteractive")]
    [InlineData("Connect-Meshia", "-noni")]
    public async Task On_a_terminal_a_call_that_must_not_prompt_does_not_ask_for_the_key(string command, string argument)
    {
        var screen = await OnTerminalAsync($"try {{ {command} }} catch {{ $_.FullyQualifiedErrorId }}", "", argument);

        Assert.DoesNotContain(Question, screen, StringComparison.Ordinal);
        Assert.Matches("(NoApiKey|NotConnected),", screen);
    }

    [Fact]
    public async Task In_a_host_without_a_keyboard_nobody_is_asked_even_on_a_terminal()
    {
        var screen = await OnTerminalAsync($$"""
            $shell = [PowerShell]::Create([InitialSessionState]::CreateDefault2())
            $null = $shell.AddScript("Import-Module '{{ModuleSession.ModulePath}}'; try { Connect-Meshia } catch { `$_.FullyQualifiedErrorId }")
            $shell.Invoke()
            """, "");

        Assert.Contains("NoApiKey,", screen, StringComparison.Ordinal);
    }

    /// <summary>Runs a script under script(1), which gives it a terminal of its own, and types once it asks.</summary>
    private async Task<string> OnTerminalAsync(string text, string answers, string argument = "")
    {
        const string Tool = "/usr/bin/script";
        if (!OperatingSystem.IsLinux() || !File.Exists(Tool))
            Assert.Skip("Needs script(1) of util-linux to make a terminal.");

        var path = _shell.Write(text);
        using var process = _shell.Start(path, start =>
        {
            // The command of this process, under script(1), with a person at the keyboard unless the arguments say otherwise.
            var command = string.Join(' ', start.ArgumentList.Prepend(start.FileName).Select(word => word == "-NonInteractive" ? argument : $"'{word}'"));
            start.FileName = Tool;
            start.ArgumentList.Clear();
            foreach (var option in new[] { "--quiet", "--return", "--command", command, "/dev/null" })
                start.ArgumentList.Add(option);
        });
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(2));
        var screen = new System.Text.StringBuilder();
        var buffer = new char[1024];
        // What is typed before the terminal is told to show nothing, it shows: so first one letter, until a star stands for it.
        var steps = new Queue<(string Sign, string Typed)>(answers.Length == 0 ? [] : [(Question, answers[..1]), ("*", answers[1..])]);
        var answered = 0;
        while (await process.StandardOutput.ReadAsync(buffer, limit.Token) is var count and > 0)
        {
            screen.Append(buffer, 0, count);
            // A terminal says where its cursor is when it is asked.
            for (var asked = screen.ToString().Split(AskForCursor).Length - 1; answered < asked; answered++)
                await process.StandardInput.WriteAsync("\e[1;1R".AsMemory(), limit.Token);
            while (steps.TryPeek(out var step) && screen.ToString().Contains(step.Sign, StringComparison.Ordinal))
                await process.StandardInput.WriteAsync(steps.Dequeue().Typed.AsMemory(), limit.Token);
            await process.StandardInput.FlushAsync(limit.Token);
        }

        await process.WaitForExitAsync(limit.Token);
        return screen.ToString();
    }
}
