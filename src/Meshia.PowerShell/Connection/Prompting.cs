using System.Management.Automation.Host;
using System.Security;

namespace Meshia.PowerShell;

/// <summary>Whether there is a person to ask. A script that runs alone must never wait for one.</summary>
internal static class Prompting
{
    public static bool IsPossible => Environment.UserInteractive && !Console.IsInputRedirected
        && !Array.Exists(Environment.GetCommandLineArgs(), argument => argument.StartsWith("-noni", StringComparison.OrdinalIgnoreCase));

    /// <summary>Asks, without showing what is typed.</summary>
    public static SecureString AskSecret(PSHost host, string question)
    {
        host.UI.Write($"{question}: ");
        return host.UI.ReadLineAsSecureString();
    }
}
