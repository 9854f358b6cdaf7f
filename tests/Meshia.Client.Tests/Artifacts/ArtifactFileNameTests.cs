using System.Text;

namespace Meshia.Client.Tests;

[Trait("Culture", "Dependent")]
public sealed class ArtifactFileNameTests
{
    [Theory]
    [InlineData("model.safetensors", "model.safetensors")]
    [InlineData("日本 モデル.bin", "日本 モデル.bin")]
    [InlineData("../../etc/passwd", "..%2F..%2Fetc%2Fpasswd")]
    [InlineData(@"C:\Windows\x", "C%3A%5CWindows%5Cx")]
    [InlineData("..", ".%2E")]
    [InlineData(".", "%2E")]
    [InlineData("a.", "a%2E")]
    [InlineData("CON", "%43ON")]
    [InlineData("nul.txt", "%6Eul.txt")]
    [InlineData("a\nb", "a%0Ab")]
    [InlineData("100%", "100%25")]
    [InlineData("a~1.txt", "a%7E1.txt")]
    [InlineData("🥰.bin", "🥰.bin")]
    [InlineData("\U0001FAE8\U0001FADC.bin", "\U0001FAE8\U0001FADC.bin")]
    [InlineData("\u0378.bin", "\u0378.bin")]
    [InlineData("a\u202Eb\u200B", "a%E2%80%AEb%E2%80%8B")]
    [InlineData("\U000E0041x", "%F3%A0%81%81x")]
    [InlineData("\uFFFFx", "%EF%BF%BFx")]
    [InlineData("", "art_1")]
    [InlineData(null, "art_1")]
    public void Becomes_safe_and_is_mapped_back(string? name, string expected)
    {
        Assert.Equal(expected, ArtifactFileName.For(name, "art_1"));
        Assert.Equal(string.IsNullOrEmpty(name) ? "art_1" : name, ArtifactFileName.NameOf(expected));
    }

    [Theory]
    [InlineData("model.bin", "art_2", "model~art_2.bin")]
    [InlineData("Model", "art_A", "Model~art_%41")]
    [InlineData(".env", "art_2", "~art_2.env")]
    [InlineData("a.tar.gz", "x/../y", "a.tar~x%2F%2E%2E%2Fy.gz")]
    public void A_name_that_is_taken_gets_the_id_before_its_extension(string name, string id, string expected)
    {
        Assert.Equal(expected, ArtifactFileName.Distinct(name, id));
        Assert.Equal(name, ArtifactFileName.NameOf(expected));
    }

    [Theory]
    [InlineData("model.bin.partial", "model.bin%2Epartial")]
    [InlineData("model.bin.PARTIAL.journal", "model.bin%2EPARTIAL.journal")]
    [InlineData(".meshia-artifacts", "%2Emeshia-artifacts")]
    public void The_files_that_the_download_lays_beside_are_not_to_be_had_by_name(string name, string expected) => Assert.Equal(expected, ArtifactFileName.For(name, "art_1"));

    [Theory]
    [InlineData("exp_c94f6c4c0899794d", "exp_c94f6c4c0899794d")]
    [InlineData("Exp", "%45xp")]
    [InlineData("..", "%2E%2E")]
    [InlineData("con", "%=con")]
    public void A_folder_of_an_experiment_is_its_id(string id, string expected) => Assert.Equal(expected, ArtifactFileName.Folder(id));

    [Fact]
    public void A_hundred_thousand_names_stay_in_their_folder_and_apart_and_are_mapped_back()
    {
        var folder = Path.GetFullPath(Path.Combine(Path.GetTempPath(), $"meshia-names-{Guid.NewGuid():N}"));
        var manifest = FolderManifest.Read(folder);
        var random = new Random(7);
        var files = new Dictionary<string, string>(StringComparer.Ordinal);
        var (distinct, cut) = (0, 0);
        for (var i = 0; i < 100_000; i++)
        {
            var name = Name(random);
            var id = random.Next(4) == 0 ? $"Art_{i}" : $"art_{i}";

            var path = manifest.PathFor(new Artifact { Id = id, Name = name });

            var file = Path.GetFileName(path);
            Assert.Equal(folder, Path.GetDirectoryName(Path.GetFullPath(path)));
            Assert.InRange(Encoding.UTF8.GetByteCount(file), 1, 200);
            Assert.DoesNotContain(file, character => char.IsControl(character) || "<>:\"/\\|?*".Contains(character, StringComparison.Ordinal));
            Assert.False(file[^1] is '.' or ' ' || file[0] == ' ', file);
            Assert.DoesNotMatch("(?i)^(con|prn|aux|nul|com[0-9]|lpt[0-9])( *[.].*)?$", file);
            // As a file system sees them that takes neither case nor normal form for a difference.
            Assert.True(files.TryAdd(file.Normalize(NormalizationForm.FormD).ToUpperInvariant(), id), $"'{name}' is '{file}', as that of {files.GetValueOrDefault(file)}.");
            Assert.Equal(name, manifest.NameOf(file));
            if (!file.Contains("~~", StringComparison.Ordinal))
                Assert.Equal(name, ArtifactFileName.NameOf(file));
            distinct += file.Contains('~', StringComparison.Ordinal) ? 1 : 0;
            cut += file.Contains("~~", StringComparison.Ordinal) ? 1 : 0;
        }

        // The generator makes what it is to make.
        Assert.InRange(distinct, 10_000, 90_000);
        Assert.InRange(cut, 1_000, 90_000);
    }

    private static string Name(Random random)
    {
        string[] pieces =
        [
            "a", "A", "B", "model", "Model", ".", "..", "/", "\\", ":", "C:", "\\\\server\\share", "CON", "nul", "COM1", " ", "%", "%2F", "~", "\0", "\n", "é", "e\u0301", "É", "ﬁ", "ß", "日本", "😀", "\uD800",
            "\u202E", "\u200B", "*", "?", "\"", "<", "|", ".partial", ".bin", new string('x', 120), new string('字', 50),
        ];
        var text = new StringBuilder();
        for (var count = random.Next(1, 8); count > 0; count--)
            text.Append(pieces[random.Next(pieces.Length)]);
        return text.ToString();
    }
}
