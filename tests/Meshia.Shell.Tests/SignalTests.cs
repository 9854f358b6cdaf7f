using System.Diagnostics;
using System.Globalization;

namespace Meshia.Shell.Tests;

public sealed class SignalTests : IDisposable
{
    // Far more than a stop takes, far less than the waits that it ends.
    private static readonly TimeSpan _bound = TimeSpan.FromSeconds(30);

    private readonly Shell _shell = new();
    private readonly List<Process> _started = [];

    public void Dispose()
    {
        // What a failed test left would compute for ever.
        foreach (var process in _started.Where(process => !process.HasExited))
            process.Kill(entireProcessTree: true);
        _started.ForEach(process => process.Dispose());
        _shell.Dispose();
    }

    [Theory]
    [InlineData("INT", 130)]
    [InlineData("TERM", 143)]
    public async Task Stops_the_command_runs_finally_and_tells_which(string signal, int exitCode)
    {
        var script = _shell.Script(
            """
            try { Wait-Forever; 'never' }
            finally { $thing = Get-Thing cleanup; $Host.UI.WriteLine("finally $($thing.Name)") }
            """);

        var (outcome, before) = await InterruptAsync(script, signal);

        Assert.Equal("waiting", before);
        Assert.Equal(exitCode, outcome.ExitCode);
        Assert.Contains("stopped\n", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("finally cleanup\n", outcome.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("never", outcome.Output, StringComparison.Ordinal);
        Assert.Equal("", outcome.Error);
    }

    [Fact]
    public async Task Stops_a_script_that_only_computes()
    {
        var script = _shell.Script("$Host.UI.WriteLine('computing'); for ($i = 0; ; $i++) { }");

        var (outcome, _) = await InterruptAsync(script, "INT");

        Assert.Equal(130, outcome.ExitCode);
    }

    [Fact]
    public async Task A_second_one_ends_what_cannot_be_stopped()
    {
        var script = _shell.Script("try { Wait-Forever } finally { $Host.UI.WriteLine('stuck'); [Threading.Thread]::Sleep(-1) }");

        var process = Start(script);
        await SignalAsync(process, "INT", after: "waiting");
        await SignalAsync(process, "TERM", after: "stuck");
        var outcome = await Shell.EndAsync(process).WaitAsync(_bound, TestContext.Current.CancellationToken);

        Assert.Equal(143, outcome.ExitCode);
    }

    private Process Start(string script)
    {
        var process = _shell.Start([.. Shell.Command, script]);
        _started.Add(process);
        return process;
    }

    private async Task<(Outcome Outcome, string? Before)> InterruptAsync(string script, string signal)
    {
        var process = Start(script);
        var before = await SignalAsync(process, signal, after: null);
        return (await Shell.EndAsync(process).WaitAsync(_bound, TestContext.Current.CancellationToken), before);
    }

    private static bool IsInterruptIgnored()
    {
        const string Status = "/proc/self/status";
        const int Interrupt = 1 << 1;
        return File.Exists(Status) && File.ReadLines(Status).First(line => line.StartsWith("SigIgn:", StringComparison.Ordinal)) is { } ignored
            && (ulong.Parse(ignored["SigIgn:".Length..], NumberStyles.HexNumber | NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture) & Interrupt) != 0;
    }

    /// <summary>Sends the signal once the script has written a line: that one, or any.</summary>
    private static async Task<string?> SignalAsync(Process process, string signal, string? after)
    {
        if (OperatingSystem.IsWindows())
            Assert.Skip("Windows has no signals to send to one process.");
        Assert.SkipWhen(signal == "INT" && IsInterruptIgnored(), "These tests were started with SIGINT ignored, as `&` and nohup in a script do, and so are their children.");

        string? line;
        do
        {
            line = await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Shell.Patience);
        }
        while (line is not null && after is not null && line != after);

        using var kill = Process.Start("kill", [$"-{signal}", process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        return line;
    }
}
