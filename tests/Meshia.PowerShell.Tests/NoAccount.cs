using System.Runtime.CompilerServices;

namespace Meshia.PowerShell.Tests;

/// <summary>Hides the settings and the state of the person who runs the tests.</summary>
internal static class NoAccount
{
    [ModuleInitializer]
    internal static void Hide()
    {
        var folder = Directory.CreateTempSubdirectory("meshia-no-account-").FullName;
        Environment.SetEnvironmentVariable("MESHIA_CONFIG_PATH", folder);
        // tests/Pester/AccountSafety.Tests.ps1 has the guard, in processes that are killed.
        Environment.SetEnvironmentVariable("MESHIA_NO_GUARD", "1");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
    }
}
