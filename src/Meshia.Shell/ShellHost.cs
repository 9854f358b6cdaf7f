using System.Globalization;
using System.Management.Automation.Host;

namespace Meshia.Shell;

/// <summary>What the engine talks to instead of pwsh.</summary>
internal sealed class ShellHost(CancellationToken stop) : PSHost
{
    public override string Name => "Meshia.Shell";

    public override Version Version { get; } = typeof(ShellHost).Assembly.GetName().Version!;

    public override Guid InstanceId { get; } = Guid.NewGuid();

    public override CultureInfo CurrentCulture => CultureInfo.CurrentCulture;

    public override CultureInfo CurrentUICulture => CultureInfo.CurrentUICulture;

    public override PSHostUserInterface UI => UserInterface;

    internal ShellHostUserInterface UserInterface { get; } = new(stop);

    /// <summary>What the script's <c>exit</c> asked for; 0 where it did not.</summary>
    internal int RequestedExitCode { get; private set; }

    public override void SetShouldExit(int exitCode) => RequestedExitCode = exitCode;

    public override void EnterNestedPrompt() => throw new NotSupportedException("Meshia.Shell runs scripts only: it has no prompt to suspend to.");

    public override void ExitNestedPrompt()
    {
    }

    public override void NotifyBeginApplication()
    {
    }

    public override void NotifyEndApplication()
    {
    }
}
