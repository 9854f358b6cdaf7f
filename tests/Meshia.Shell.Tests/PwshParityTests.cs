namespace Meshia.Shell.Tests;

/// <summary>The same scripts through the real pwsh, where there is one.</summary>
public sealed class PwshParityTests : IDisposable
{
    private readonly Shell _shell = new();

    public void Dispose() => _shell.Dispose();

    [Theory]
    [InlineData("'text'; 1 + 1; [pscustomobject]@{ A = 1; B = 'x' }")]
    [InlineData("'before'; exit 3")]
    [InlineData("function Quit { exit 4 }; Quit; 'never'")]
    [InlineData("'before'; throw 'no'")]
    [InlineData("Get-Nothing; 'after'")]
    [InlineData("if (1 {")]
    [InlineData("$Host.UI.WriteWarningLine('careful'); $Host.UI.WriteVerboseLine('by the way')")]
    [InlineData("foreach ($arg in $args) { \"$arg $($arg.GetType().Name)\" }")]
    public async Task Gives_the_same_output_and_exit_code(string text)
    {
        var pwsh = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Select(folder => Path.Combine(folder, OperatingSystem.IsWindows() ? "pwsh.exe" : "pwsh"))
            .FirstOrDefault(File.Exists);
        if (pwsh is null)
            Assert.Skip("There is no pwsh on PATH to compare with.");

        string[] arguments = [_shell.Script(text), "-Flag:$true", "-Name", "value", "positional"];
        // pwsh colours redirected output too, unless told not to.
        using var process = _shell.Start(
            OperatingSystem.IsWindows() ? [pwsh, "-NoProfile", "-File", .. arguments] : ["env", "NO_COLOR=1", pwsh, "-NoProfile", "-File", .. arguments]);
        var theirs = await Shell.EndAsync(process);
        var ours = await _shell.InvokeAsync(arguments);

        Assert.Equal((theirs.ExitCode, theirs.Output), (ours.ExitCode, ours.Output));
    }
}
