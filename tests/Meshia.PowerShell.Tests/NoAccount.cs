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
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
    }
}
