using System.Text.Json;
using System.Xml.Linq;

namespace Meshia.PowerShell.Tests;

/// <summary>A package of somebody else, of which the module holds a file; read off what NuGet restored.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Version">Its version.</param>
/// <param name="Hash">The SHA-512 of its package, in hexadecimal.</param>
/// <param name="Copyright">Whose it is, in its own words.</param>
internal sealed record ShippedLibrary(string Id, string Version, string Hash, string Copyright)
{
    /// <summary>All of them, by their ids.</summary>
    public static IReadOnlyList<ShippedLibrary> All { get; } =
    [
        .. new[] { "Meshia.PowerShell", "Meshia.Sandbox" }.SelectMany(Read).DistinctBy(library => library.Id).OrderBy(library => library.Id, StringComparer.Ordinal),
    ];

    private static IEnumerable<ShippedLibrary> Read(string project)
    {
        using var assets = JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository.Root, "src", project, "obj", "project.assets.json")));
        var folders = assets.RootElement.GetProperty("packageFolders").EnumerateObject().Select(folder => folder.Name).ToList();
        var libraries = assets.RootElement.GetProperty("libraries");
        var found = new List<ShippedLibrary>();
        foreach (var library in assets.RootElement.GetProperty("targets").EnumerateObject().SelectMany(target => target.Value.EnumerateObject()))
        {
            if (library.Value.GetProperty("type").GetString() != "package" || !HasFiles(library.Value, "runtime") && !HasFiles(library.Value, "runtimeTargets"))
                continue;
            var described = libraries.GetProperty(library.Name);
            var (id, version) = (library.Name.Split('/')[0], library.Name.Split('/')[1]);
            var nuspec = XDocument.Load(folders.Select(folder => Path.Combine(folder, described.GetProperty("path").GetString()!, $"{id.ToLowerInvariant()}.nuspec")).First(File.Exists));
            var copyright = nuspec.Descendants().FirstOrDefault(element => element.Name.LocalName == "copyright")?.Value ?? "";
            found.Add(new(id, version, Convert.ToHexStringLower(Convert.FromBase64String(described.GetProperty("sha512").GetString()!)), copyright));
        }

        return found;
    }

    /// <summary>NuGet writes "_._" where a package has nothing for a framework.</summary>
    private static bool HasFiles(JsonElement library, string kind) =>
        library.TryGetProperty(kind, out var files) && files.EnumerateObject().Any(file => Path.GetExtension(file.Name) is ".dll" or ".so" or ".dylib");
}
