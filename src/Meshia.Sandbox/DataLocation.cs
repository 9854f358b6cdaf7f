namespace Meshia.Sandbox;

/// <summary>Where the state is kept: in the folder or file that was asked for, or in a folder that goes with the process.</summary>
internal sealed class DataLocation : IDisposable
{
    private const string FileName = "meshia-sandbox.db";

    private static readonly string[] _fileExtensions = [".db", ".sqlite", ".sqlite3"];

    private readonly bool _temporary;

    public DataLocation(string? wanted)
    {
        _temporary = wanted is null;
        Path = wanted is null ? Directory.CreateTempSubdirectory("meshia-sandbox-").FullName : System.IO.Path.GetFullPath(wanted);
        var isFile = !Directory.Exists(Path)
            && (System.IO.File.Exists(Path) || _fileExtensions.Contains(System.IO.Path.GetExtension(Path), StringComparer.OrdinalIgnoreCase));
        File = isFile ? Path : System.IO.Path.Combine(Path, FileName);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(File)!);
    }

    /// <summary>The folder or file as the user knows it.</summary>
    public string Path { get; }

    public string File { get; }

    public void Dispose()
    {
        if (_temporary)
            Directory.Delete(Path, recursive: true);
    }
}
