namespace Meshia.PowerShell;

/// <summary>Ends a sandbox that another process may have started.</summary>
internal static class DetachedSandbox
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(50);

    /// <summary>Asks the sandbox to end, so that its temporary data goes too; one that does not is killed.</summary>
    public static async Task StopAsync(RunningSandbox sandbox, CancellationToken cancellationToken)
    {
        using var process = sandbox.Find();
        if (process is not null)
        {
            if (await AskAsync(sandbox, cancellationToken).ConfigureAwait(false))
            {
                for (var waited = System.Diagnostics.Stopwatch.StartNew(); !process.HasExited && waited.Elapsed < _patience;)
                    await Task.Delay(_pause, cancellationToken).ConfigureAwait(false);
            }

            if (!process.HasExited)
                process.Kill();
            process.WaitForExit((int)_patience.TotalMilliseconds);
        }

        DetachedSandboxFile.Delete(sandbox.ProcessId);
    }

    private static async Task<bool> AskAsync(RunningSandbox sandbox, CancellationToken cancellationToken)
    {
        if (sandbox.Key is not { } key)
            return false;
        try
        {
            await new SandboxClient(sandbox.BaseUri, key).SendAsync("POST", "stop", null, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (SandboxRequestException)
        {
            // It hangs, or takes another key by now: it is killed.
            return false;
        }
    }
}
