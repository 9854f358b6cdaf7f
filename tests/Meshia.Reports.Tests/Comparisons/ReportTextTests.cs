namespace Meshia.Reports.Tests;

/// <summary>Which characters of a text from outside a report shows.</summary>
public sealed class ReportTextTests
{
    [Theory]
    [InlineData("👩‍🚀 team")]
    [InlineData("می‌خواهم")]
    [InlineData("line 1\r\nline 2\tend")]
    [InlineData("🏴󠁧󠁢󠁥󠁮󠁧󠁿")]
    public void Real_text_stays_whole(string text) => Assert.Equal(text, ReportText.Clean(text));

    [Theory]
    [InlineData('\u200B')]
    [InlineData('\u00AD')]
    [InlineData('\u200D')]
    [InlineData('\u202E')]
    [InlineData('\u2066')]
    [InlineData('\u3164')]
    [InlineData('\uFEFF')]
    [InlineData('\e')]
    [InlineData('\u009B')]
    [InlineData('\uD800')]
    public void What_cannot_be_seen_is_replaced(char letter)
    {
        Assert.Equal("a\uFFFDb", ReportText.Clean($"a{letter}b"));
        Assert.Equal("a\uFFFDb", ReadableValue.Of($"a{letter}b"));
        Assert.Equal("{k\uFFFD: a\uFFFDb}", ReportText.Exact(new Dictionary<string, object?> { [$"k{letter}"] = $"a{letter}b" }));
    }
}
