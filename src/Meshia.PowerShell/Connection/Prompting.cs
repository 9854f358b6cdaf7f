using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;

namespace Meshia.PowerShell;

/// <summary>Whether there is a person to ask. A script that runs alone must never wait for one.</summary>
internal static class Prompting
{
    private const string Switch = "NonInteractive";
    private const int ShortestSwitch = 4;

    /// <summary>Whether a person uses this host, so that a Tab may send a request.</summary>
    public static bool IsSomebodyAt(PSHost host) => IsPossible && host.Name is ("ConsoleHost" or "Visual Studio Code Host");

    private static bool IsPossible => Environment.UserInteractive && !Console.IsInputRedirected && !Array.Exists(Environment.GetCommandLineArgs(), IsSwitch);

    /// <summary>Asks without showing what is typed; null if nobody can be asked.</summary>
    public static SecureString? Ask(PSHost host, string question)
    {
        if (!IsPossible)
            return null;
        try
        {
            host.UI.Write($"{question}: ");
            return host.UI.ReadLineAsSecureString();
        }
        catch (Exception failure) when (failure is PSInvalidOperationException or HostException or NotImplementedException)
        {
            // A host without a keyboard, as in a job: the last of these is what a host throws that does not implement asking.
            return null;
        }
    }

    /// <summary>PowerShell takes <c>-noni</c>, <c>--NonInteractive</c> and everything between.</summary>
    private static bool IsSwitch(string argument) =>
        argument.TrimStart('-') is { Length: >= ShortestSwitch } name && name.Length < argument.Length && Switch.StartsWith(name, StringComparison.OrdinalIgnoreCase);
}
