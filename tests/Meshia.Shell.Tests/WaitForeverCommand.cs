using System.Management.Automation;

namespace Meshia.Shell.Tests;

/// <summary>Waits until it is stopped, as a request in flight does, and says that it was.</summary>
[Cmdlet(VerbsLifecycle.Wait, "Forever")]
public sealed class WaitForeverCommand : PSCmdlet, IDisposable
{
    private readonly ManualResetEventSlim _stopped = new();

    protected override void ProcessRecord()
    {
        Host.UI.WriteLine("waiting");
        _stopped.Wait();
        Host.UI.WriteLine("wait over");
    }

    protected override void StopProcessing()
    {
        Host.UI.WriteLine("stopped");
        _stopped.Set();
    }

    public void Dispose() => _stopped.Dispose();
}
