namespace Meshia.Reports.Tests;

/// <summary>How many cells of a terminal a text takes.</summary>
public sealed class ScreenTextTests
{
    [Theory]
    [InlineData("abc", 3)]
    [InlineData("漢字", 4)]
    [InlineData("e\u0301", 1)]
    [InlineData("👩‍🚀", 2)]
    [InlineData("❤️", 2)]
    [InlineData("🇩🇪", 2)]
    [InlineData("می‌خواهم", 7)]
    // Wide since Unicode 16.
    [InlineData("☰", 2)]
    [InlineData("䷀", 2)]
    // Narrow, though a wide block surrounds it.
    [InlineData("\u303F", 1)]
    [InlineData("🕺\U0001F54F", 3)]
    public void A_text_takes_as_many_cells_as_a_terminal_draws(string text, int cells) => Assert.Equal(cells, ScreenText.WidthOf(text));

    [Theory]
    [InlineData("漢字漢字", 5, false, "漢字…")]
    [InlineData("漢字漢字", 5, true, "…漢字")]
    [InlineData("a👩‍🚀b", 3, false, "a…")]
    [InlineData("abc", 3, false, "abc")]
    public void A_text_is_cut_between_characters(string text, int width, bool keepEnd, string expected)
    {
        var fitted = ScreenText.Fit(text, width, keepEnd);

        Assert.Equal(expected, fitted);
        Assert.True(ScreenText.WidthOf(fitted) <= width);
    }
}
