namespace Meshia.Shell;

/// <summary>Where the built Meshia module lies.</summary>
internal static class ModuleFolder
{
    private const string Manifest = "Meshia.psd1";
    private const string PathVariable = "MESHIA_MODULE_PATH";

    internal static string FindManifest()
    {
        if (Environment.GetEnvironmentVariable(PathVariable) is { Length: > 0 } folder)
        {
            var manifest = Path.Combine(Path.GetFullPath(folder), Manifest);
            return File.Exists(manifest)
                ? manifest
                : throw new StartException(ExitCode.Failure, $"{PathVariable} is '{folder}', but there is no {Manifest} in it.");
        }

        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            var manifest = Path.Combine(directory.FullName, "out", "Meshia", Manifest);
            if (File.Exists(manifest))
                return manifest;
        }

        throw new StartException(
            ExitCode.Failure,
            $"The Meshia module is not built: no out/Meshia/{Manifest} above '{AppContext.BaseDirectory}'. " +
            $"Run 'dotnet build' in the repository, or set {PathVariable} to the folder that holds {Manifest}.");
    }
}
