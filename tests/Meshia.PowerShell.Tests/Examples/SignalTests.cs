using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Meshia.PowerShell.Tests;

/// <summary>
/// What becomes of the block with <c>finally</c> in docs/getting-started.md when <c>pwsh</c> gets a signal. PowerShell runs
/// <c>finally</c> on SIGINT, and on no other signal: https://github.com/PowerShell/PowerShell/issues/1040.
/// </summary>
public sealed class SignalTests : IAsyncLifetime
{
    private readonly ShellProcess _shell = new();
    private LocalSandbox _sandbox = null!;

    public async ValueTask InitializeAsync() => _sandbox = await LocalSandbox.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _sandbox.DisposeAsync();
        _shell.Dispose();
    }

    [Theory]
    [InlineData("INT", "stopping")]
    [InlineData("TERM", "running")]
    [InlineData("HUP", "running")]
    public async Task Only_an_interrupt_stops_the_session_of_the_getting_started_page(string signal, string status)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no signals to send to one process.");
        var block = Assert.Single(new GuidePage("getting-started.md").Blocks("powershell"), block => block.Contains("finally", StringComparison.Ordinal));
        Assert.Contains("# work\n", block, StringComparison.Ordinal);
        var script = _shell.Write(block.Replace("# work", "'working'; Start-Sleep -Seconds 600", StringComparison.Ordinal));
        using var time = new Timer(_ => _sandbox.Time.Advance(TimeSpan.FromSeconds(0.5)), null, 0, 50);

        using var process = _shell.Start(script, start =>
        {
            start.Environment["MESHIA_API_KEY"] = _sandbox.Key;
            start.Environment["MESHIA_BASE_URI"] = _sandbox.BaseUri.AbsoluteUri;
            // Where these tests were started with SIGINT ignored, as `&` in a script does, the script still gets it.
            if (OperatingSystem.IsLinux())
            {
                start.ArgumentList.Insert(0, start.FileName);
                start.ArgumentList.Insert(0, "--default-signal=INT");
                start.FileName = "env";
            }
        });
        try
        {
            while (await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is var line && line != "working")
                Assert.False(line is null, await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
            await time.DisposeAsync();
            using (var kill = Process.Start("kill", [$"-{signal}", process.Id.ToString(CultureInfo.InvariantCulture)]))
                await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
            await ShellProcess.EndAsync(process);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }

        using var session = _sandbox.Connect();
        Assert.Equal(status, Assert.Single(session.Output("Get-MeshiaSession")).Properties["Status"].Value);
    }

    [Fact]
    public void The_page_says_which_signals_leave_the_session_running()
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "getting-started.md"));

        Assert.Contains("PowerShell does not run `finally` on SIGTERM or SIGHUP", Regex.Replace(page, @"\s+", " "), StringComparison.Ordinal);
    }
}
