using System.Runtime.CompilerServices;

namespace Meshia.Client.Tests;

/// <summary>Keeps what the tests remember out of the folders of the person who runs them.</summary>
internal static class NoState
{
    [ModuleInitializer]
    internal static void Hide()
    {
        var folder = Directory.CreateTempSubdirectory("meshia-no-state-").FullName;
        Environment.SetEnvironmentVariable("MESHIA_CONFIG_PATH", folder);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
    }
}
