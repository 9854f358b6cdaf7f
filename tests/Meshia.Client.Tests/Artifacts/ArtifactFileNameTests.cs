using System.Text;

namespace Meshia.Client.Tests;

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
    [InlineData("", "art_1")]
    [InlineData(null, "art_1")]
    public void Becomes_safe(string? name, string expected) => Assert.Equal(expected, ArtifactFileName.For(name, "art_1"));

    [Fact]
    public void A_hundred_thousand_names_stay_in_their_folder_and_apart()
    {
        var folder = Path.GetFullPath(Path.Combine(Path.GetTempPath(), "destination"));
        var random = new Random(7);
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < 100_000; i++)
        {
            var name = Name(random);
            var file = ArtifactFileName.For(name, $"art_{i}");

            Assert.Equal(folder, Path.GetDirectoryName(Path.GetFullPath(Path.Combine(folder, file))));
            Assert.InRange(Encoding.UTF8.GetByteCount(file), 1, 200);
            Assert.DoesNotContain(file, character => char.IsControl(character) || "<>:\"/\\|?*".Contains(character, StringComparison.Ordinal));
            Assert.False(file[^1] is '.' or ' ', file);
            if (names.TryGetValue(file, out var other))
                Assert.Equal(other, name);
            names[file] = name;
        }
    }

    private static string Name(Random random)
    {
        string[] pieces = ["a", "B", "model", ".", "..", "/", "\\", ":", "CON", "nul", "COM1", " ", "%", "%2F", "~", "\0", "\n", "é", "e\u0301", "日本", "😀", "\uD800", "\u202E", "\u200B", "*", "?", "\"", "<", "|", new string('x', 120)];
        var text = new StringBuilder();
        for (var count = random.Next(1, 8); count > 0; count--)
            text.Append(pieces[random.Next(pieces.Length)]);
        return text.ToString();
    }
}
