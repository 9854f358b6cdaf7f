namespace Meshia.PowerShell.Tests;

/// <summary>The checkout that the tests were built from.</summary>
internal static class Repository
{
    private static readonly string[] _made = ["bin", "obj", "out", ".git", "TestResults"];

    public static string Root { get; } = Path.GetFullPath(Path.Combine(ModuleSession.ModulePath, "..", ".."));

    /// <summary>Every page of the project, made files left out; relative to the root.</summary>
    public static IReadOnlyList<string> Pages { get; } = [.. Find(new DirectoryInfo(Root)).Select(file => Path.GetRelativePath(Root, file.FullName)).Order(StringComparer.Ordinal)];

    private static IEnumerable<FileInfo> Find(DirectoryInfo folder) =>
        folder.EnumerateFiles("*.md").Concat(folder.EnumerateDirectories().Where(inner => !_made.Contains(inner.Name)).SelectMany(Find));
}
