namespace Meshia.Benchmarks;

/// <summary>The module that the build made.</summary>
internal static class BuiltModule
{
    /// <summary>Its folder, <c>out/Meshia</c>.</summary>
    public static string Folder { get; } = Find();

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var module = Path.Combine(folder.FullName, "out", "Meshia");
            if (File.Exists(Path.Combine(module, "Meshia.psd1")))
                return module;
        }

        throw new InvalidOperationException("out/Meshia is missing: run `dotnet build -c Release` first.");
    }
}
