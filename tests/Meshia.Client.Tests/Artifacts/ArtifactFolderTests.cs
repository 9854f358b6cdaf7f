using System.Text;

namespace Meshia.Client.Tests;

/// <summary>Names with folders: kept where they are safe on every system, escaped to one file name where they are not.</summary>
public sealed class ArtifactFolderTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("meshia-folders-");

    public static TheoryData<string> Hostile =>
    [
        "../x", "a/../x", "a/..", "..", "./x", "a/./x", "/etc/passwd", "//server/share/x", "a//x", "a/", "\\x", "a\\..\\x", "a/..\\x", "C:/x", "C:x", "a/C:/x", "\\\\server\\share\\x",
        "CON/x", "a/nul", "a/com1.txt", "a/LPT¹/x", "aux.d/x", "a /x", " a/x", "a./x", "a/x.", "a/x ", "~/x", "~root/x", "%2E%2E/x", "a/%2e%2e/x", "x:stream/y", "a/x:$DATA", "PROGRA~1/x",
        ".git/hooks/post-checkout", ".ssh/authorized_keys", "a/.config/x", "a/.meshia-artifacts", ".meshia-artifacts/x", "a/x.partial", "a/x.partial.journal", "a.partial/x",
        "a\0/x", "a/\n", "a/\u202Ex", "a\u200B/x", "a*/x", "a?/x", "a|b/x", "<a>/x", string.Concat(Enumerable.Repeat("a/", 20)) + "x", new string('a', 120) + "/" + new string('b', 120),
    ];

    [Theory]
    [InlineData("checkpoints/last.safetensors")]
    [InlineData("a/b/c/d.bin")]
    [InlineData("Größe/日本.bin")]
    [InlineData("v1.0/model (final).bin")]
    public void A_name_that_is_safe_keeps_its_folders(string name)
    {
        var path = Read().PathFor(Artifact("art_1", name), keepFolders: true);

        Assert.Equal(Path.Combine([_folder.FullName, .. name.Split('/')]), path);
    }

    [Theory]
    [MemberData(nameof(Hostile))]
    public void A_name_that_is_not_safe_is_one_file_name_in_the_folder(string name)
    {
        var path = Read().PathFor(Artifact("art_1", name), keepFolders: true);

        Assert.Equal(_folder.FullName, Path.GetDirectoryName(Path.GetFullPath(path)));
        Assert.Equal(Read().PathFor(Artifact("art_1", name)), path);
    }

    [Theory]
    [InlineData("a", "a/b", "a", "a%2Fb")]
    [InlineData("a/b", "a", "a/b", "a~art_2")]
    [InlineData("a/b", "A/c", "a/b", "A%2Fc")]
    [InlineData("a/b", "a/B", "a/b", "a%2FB")]
    [InlineData("é/b", "e\u0301/c", "é/b", "e\u0301%2Fc")]
    [InlineData("a/b/c", "a/b", "a/b/c", "a%2Fb")]
    public void Two_names_that_a_file_system_may_take_for_one_get_two_paths(string first, string second, string file, string other)
    {
        var manifest = Read();

        Assert.Equal(_folder.FullName + "/" + file, Slashes(manifest.PathFor(Artifact("art_1", first), keepFolders: true)));
        Assert.Equal(_folder.FullName + "/" + other, Slashes(manifest.PathFor(Artifact("art_2", second), keepFolders: true)));
    }

    [Fact]
    public void A_folder_that_is_a_link_or_a_file_is_not_entered()
    {
        var elsewhere = Directory.CreateTempSubdirectory("meshia-elsewhere-");
        try
        {
            Directory.CreateDirectory(Path.Combine(_folder.FullName, "real"));
            Directory.CreateSymbolicLink(Path.Combine(_folder.FullName, "real", "linked"), elsewhere.FullName);
            File.WriteAllText(Path.Combine(_folder.FullName, "file"), "");

            Each.Of(["real/linked/x", "file/x"], name => Assert.Equal(_folder.FullName, Path.GetDirectoryName(Read().PathFor(Artifact("art_1", name), keepFolders: true))));
        }
        catch (UnauthorizedAccessException)
        {
            Assert.Skip("This user may not create links.");
        }
        finally
        {
            elsewhere.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("../outside")]
    [InlineData("a/../../outside")]
    [InlineData("/outside")]
    [InlineData("a//b")]
    public void A_manifest_that_names_a_file_elsewhere_is_not_believed(string file)
    {
        File.WriteAllText(Path.Combine(_folder.FullName, FolderManifest.FileName), $$"""{"version":1,"file":"{{file}}","id":"art_1","name":"x","length":1,"modified":"2026-01-01T00:00:00.1Z","sha256":"","verified":"Size"}""" + "\n");

        Assert.Equal(Path.Combine(_folder.FullName, "x"), Read().PathFor(Artifact("art_1", "x"), keepFolders: true));
    }

    [Fact]
    public void Twenty_thousand_names_stay_in_the_folder_and_apart()
    {
        var manifest = Read();
        var random = new Random(7);
        string[] pieces = ["a", "A", "b", "c", "d", "e", "f", "g", "h", "é", "e\u0301", ".", "..", "/", "/", "/", "/", "/", "/", ":", "CON", " ", ".bin", "x", "ß", "ss"];
        HashSet<string> files = new(StringComparer.Ordinal), folders = new(StringComparer.Ordinal);
        var deep = 0;
        for (var i = 0; i < 20_000; i++)
        {
            var name = string.Concat(Enumerable.Range(0, random.Next(1, 8)).Select(_ => pieces[random.Next(pieces.Length)]));

            var path = Path.GetFullPath(manifest.PathFor(Artifact($"art_{i}", name), keepFolders: true));

            Assert.StartsWith(_folder.FullName + Path.DirectorySeparatorChar, path, StringComparison.Ordinal);
            // As a file system sees them that ignores case and normal form.
            var seen = Slashes(path[(_folder.FullName.Length + 1)..]).Normalize(NormalizationForm.FormD).ToUpperInvariant();
            Assert.True(files.Add(seen), name);
            var parts = seen.Split('/');
            for (var depth = 1; depth < parts.Length; depth++)
                folders.Add(string.Join('/', parts.Take(depth)));
            deep += parts.Length > 1 ? 1 : 0;
        }

        Assert.Empty(files.Intersect(folders));
        Assert.InRange(deep, 200, 20_000);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static Artifact Artifact(string id, string name) => new() { Id = id, Name = name };

    private static string Slashes(string path) => path.Replace(Path.DirectorySeparatorChar, '/');

    private FolderManifest Read() => FolderManifest.Read(_folder.FullName);
}
