using System.Globalization;
using System.Management.Automation;
using System.Text;

namespace Meshia.PowerShell.Tests;

[Trait("Culture", "Dependent")]
public sealed class ComparisonTableTests : IDisposable
{
    private const string Family = "👩‍👩‍👧‍👦";
    private const string Accented = "e\u0301";

    private readonly ModuleSession _session = new();

    public void Dispose() => _session.Dispose();

    [Theory]
    [InlineData(40)]
    [InlineData(50)]
    [InlineData(64)]
    public void A_narrow_terminal_breaks_no_line_however_long_the_ids_and_keys_are(int width)
    {
        var ids = Enumerable.Range(1, 3).Select(number => $"exp_of_a_very_long_name_that_goes_on_{number:D40}").ToList();
        var comparison = ComparisonObject.FromJson($$"""
            {"BaselineId":"{{ids[0]}}","Tolerance":"0",
             "Experiments":[{{string.Join(',', ids.Select(id => $$"""{"Id":"{{id}}","Name":"a name of some length, {{id}}","Status":"failed"}"""))}}],
             "Config":[{"Kind":"Config","Key":"optimizer.parameter_groups.schedule.warmup","Values":{"{{ids[0]}}":"cosine with restarts and a long tail","{{ids[1]}}":"linear","{{ids[2]}}":null} }],
             "Metrics":[{"Kind":"Metric","Key":"validation.of.the.whole.set.loss","Goal":"Minimize","GoalSource":"Guessed","Values":{"{{ids[0]}}":0.291984,"{{ids[1]}}":0.22339,"{{ids[2]}}":464934047899.31} },
                        {"Kind":"Metric","Key":"history.of.the.loss","Values":{"{{ids[0]}}":[5,4,3,2,1.25111],"{{ids[1]}}":[9,8,7,6,1.5],"{{ids[2]}}":[1,2]} }]}
            """);

        var lines = Draw((PSObject)comparison!, width);

        Each.Of(lines, line => Assert.InRange(Cells(line), 0, width - 1));
        Assert.Equal(2, lines.Count(line => line.Contains("warmup", StringComparison.Ordinal)));
        Assert.Contains(lines, line => line.Contains("* 0.22339", StringComparison.Ordinal) && line.StartsWith('…'));
        Assert.Contains(lines, line => line.Contains("4.6493E+11", StringComparison.Ordinal));
        Assert.Equal(2, lines.Count(line => line.Contains(" 0.29198", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("alpha 日本語の長い名前")]
    [InlineData(Family + " family")]
    [InlineData("caf" + Accented + " cr" + Accented + "me")]
    [InlineData("🇩🇪 ❤️ 한국어")]
    public void A_character_that_takes_two_cells_or_none_leaves_the_columns_below_each_other(string text)
    {
        var lines = Draw(ComparisonObject.Of([text, text], [(text, [text, "other"]), ("k", ["x", "y"])], []), 100);

        var name = Assert.Single(lines, line => line.Contains(text, StringComparison.Ordinal) && !line.Contains("other", StringComparison.Ordinal));
        var key = Assert.Single(lines, line => line.StartsWith(text, StringComparison.Ordinal));
        var other = Assert.Single(lines, line => line.StartsWith("k ", StringComparison.Ordinal));
        var columns = (Cells(text) + 2, (Cells(text) * 2) + 4);
        Assert.Equal(columns, (CellsBefore(name, text, 1), CellsBefore(name, text, 2)));
        Assert.Equal(columns, (CellsBefore(key, text, 2), CellsBefore(key, "other", 1)));
        Assert.Equal(columns, (CellsBefore(other, "x", 1), CellsBefore(other, "y", 1)));
    }

    [Theory]
    [InlineData("a\u200Db", "a\uFFFDb")]
    [InlineData("語\u200D", "語\uFFFD")]
    [InlineData("語\u200D\u200D語", "語\uFFFD\uFFFD語")]
    [InlineData("\uD83C語", "\uFFFD語")]
    [InlineData("می\u200Cخواهم", "می\u200Cخواهم")]
    public void A_joiner_without_neighbours_is_visible(string text, string shown) =>
        Assert.Contains(Draw(ComparisonObject.Of([text, "b"], [("k", [1, 2])], []), 100), line => line.Contains(shown, StringComparison.Ordinal));

    [Fact]
    public void A_cut_goes_between_characters_and_leaves_no_half_of_one()
    {
        foreach (var text in new[] { string.Concat(Enumerable.Repeat("🎉", 30)), string.Concat(Enumerable.Repeat(Family, 30)), string.Concat(Enumerable.Repeat(Accented, 60)), new string('語', 30), "a" + new string('語', 30) })
        {
            foreach (var width in Enumerable.Range(40, 6))
            {
                var lines = Draw(ComparisonObject.Of([text, text], [(text, [text, "other"])], []), width);

                Each.Of(lines, line => Assert.InRange(Cells(line), 0, width - 1));
                Each.Of(lines.SelectMany(line => line.EnumerateRunes()), rune => Assert.NotEqual(Rune.ReplacementChar, rune));
                var elements = new HashSet<string>(Elements(text)) { "…", " " };
                Each.Of(Elements(lines.Single(line => line.EndsWith("other", StringComparison.Ordinal))[..^"other".Length]), element => Assert.Contains(element, elements));
            }
        }
    }

    [Theory]
    [InlineData("0.01")]
    [InlineData("-1e5")]
    [InlineData("true")]
    [InlineData("null")]
    public void A_text_that_reads_as_something_else_is_shown_as_a_text(string text)
    {
        var lines = Draw(ComparisonObject.Of(["a", "b", "c"], [("lr", [text, 0.01, new object[] { text, "plain", "NaN" }])], [("m", [0.5, "0.75", "text"])]), 100);

        Assert.Equal($"lr \"{text}\" 0.01 [\"{text}\", plain, NaN]", Words(lines, "lr"));
        // A metric's text that is a number counts as one.
        Assert.Equal("m 0.5 0.75 (+50%) text", Words(lines, "m"));
    }

    [Fact]
    public void A_difference_that_is_not_zero_does_not_look_like_zero()
    {
        var lines = Draw(ComparisonObject.Of(["a", "b", "c", "d", "e"], [], [("m", [100_000.0, 100_001.0, 99_999.0, 100_010.0, 100_000.0])]), 100);

        Assert.Equal("m 100000 100001 (+<0.01%) 99999 (-<0.01%) 100010 (+0.01%) 100000", Words(lines, "m"));
    }

    [Fact]
    public void Whole_numbers_have_every_digit_as_long_as_they_are_exact()
    {
        var lines = Draw(ComparisonObject.Of(["a", "b", "c"], [], [("m", [9_007_199_254_740_991.0, 9_007_199_254_740_990.0, 1e16])]), 100);

        Assert.Equal("m 9007199254740991 9007199254740990 (-<0.01%) 1E+16 (+11%)", Words(lines, "m"));
    }

    private List<string> Draw(PSObject comparison, int width)
    {
        _session.Columns = width;
        return [.. _session.Output("[Meshia.PowerShell.ComparisonTable]::Draw($comparison, $Host, $null)", ("comparison", comparison)).SelectMany(text => ((string)text.BaseObject).Split('\n'))];
    }

    private static string Words(List<string> lines, string key) =>
        string.Join(' ', Assert.Single(lines, line => line.StartsWith(key + " ", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries));

    private static IEnumerable<string> Elements(string text)
    {
        for (var elements = StringInfo.GetTextElementEnumerator(text); elements.MoveNext();)
            yield return elements.GetTextElement();
    }

    /// <summary>How many cells of a terminal a text takes: two for each of the wide characters of these tests.</summary>
    private static int Cells(string text) => Elements(text).Sum(element => element[0] is (>= 'ᄀ' and < '\uFFFD' and not (>= '\u2000' and < '\u2E80')) || element.Contains('\uFE0F', StringComparison.Ordinal) ? 2 : 1);

    private static int CellsBefore(string line, string text, int occurrence)
    {
        var index = -1;
        for (var number = 0; number < occurrence; number++)
            index = line.IndexOf(text, index + 1, StringComparison.Ordinal);
        return Cells(line[..index]);
    }
}
