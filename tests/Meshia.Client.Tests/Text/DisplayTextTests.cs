namespace Meshia.Client.Tests;

[Trait("Culture", "Dependent")]
public class DisplayTextTests
{
    [Theory]
    [InlineData("plain text, 100% ASCII", "plain text, 100% ASCII")]
    [InlineData("two\r\nlines\tand a tab", "two  lines and a tab")]
    [InlineData("next\u0085line\u2028para\u2029", "next line para ")]
    [InlineData("bell\a escape\u001b]0;title\u0007 delete\u007f C1\u009b2J", "bell\uFFFD escape\uFFFD]0;title\uFFFD delete\uFFFD C1\uFFFD2J")]
    [InlineData("bidi \u202Egnp.exe\u202C \u2066x\u2069 \u200F\u061C", "bidi \uFFFDgnp.exe\uFFFD \uFFFDx\uFFFD \uFFFD\uFFFD")]
    [InlineData("zero\u200Bwidth soft\u00ADhyphen \uFEFF\u2060\u034F\u3164\u115F", "zero\uFFFDwidth soft\uFFFDhyphen \uFFFD\uFFFD\uFFFD\uFFFD\uFFFD")]
    [InlineData("a\u200Cb Greek α\u200Dβ", "a\uFFFDb Greek α\uFFFDβ")]
    [InlineData("tags \U000E0041\U000E0042 selectors \uFE0F\uFE0F x\U000E0101\U000E0102", "tags \uFFFD\uFFFD selectors \uFFFD\uFFFD x\U000E0101\uFFFD")]
    [InlineData("\U0001F3F4\U000E0041\U000E0042\U000E0043", "\U0001F3F4\uFFFD\uFFFD\uFFFD")]
    public void What_cannot_be_seen_is_replaced(string text, string expected) => Assert.Equal(expected, DisplayText.Clean(text));

    [Fact]
    public void Halves_of_characters_and_what_is_no_character_are_replaced() =>
        Assert.Equal("half \uFFFD and \uFFFD, none \uFFFD\uFFFD\uFFFD", DisplayText.Clean("half \uD800 and \uDC00, none \uFFFE\uFFFF\uFDD0"));

    [Theory]
    [InlineData("👩\u200D👩\u200D👧 👩🏽\u200D🚀 ❤\uFE0F\u200D🔥 🏳\uFE0F\u200D🌈 1\uFE0F\u20E3")]
    [InlineData("می\u200Cخواهم")]
    [InlineData("क्\u200Dष क्\u200D ക\u0D4D\u200C")]
    [InlineData("🏴\U000E0067\U000E0062\U000E0065\U000E006E\U000E0067\U000E007F")]
    [InlineData("עברית العربية ไทย 日本語 한국어 Ελληνικά Ünïcödé e\u0301 葛\U000E0100 no\u00A0break")]
    public void Real_text_stays_whole(string text) => Assert.Equal(text, DisplayText.Clean(text));

    [Fact]
    public void A_long_value_is_cut_between_characters()
    {
        Assert.Equal("aaaaaaaaa…", DisplayText.Clean(new string('a', 11), 10));
        Assert.Equal(new string('a', 10), DisplayText.Clean(new string('a', 10), 10));
        var families = string.Concat(Enumerable.Repeat("👩\u200D👩\u200D👧", 3));
        Assert.Equal("👩\u200D👩\u200D👧…", DisplayText.Clean(families, 12));
        Assert.Equal(DisplayText.LongestValue, DisplayText.Clean(new string('é', 10_000)).Length);
        DisplayText text = $"{new string('x', 10_000):long}";
        Assert.Equal(DisplayText.LongestMessage, text.ToString().Length);
    }

    [Fact]
    public void A_secret_is_removed_in_every_form()
    {
        const string secret = "s3cret +/\"ä\" of a webhook";
        KnownSecrets.Add(secret);
        string[] forms = [secret, secret.ToUpperInvariant(), Uri.EscapeDataString(secret), Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(secret)), System.Text.Json.JsonEncodedText.Encode(secret).ToString()];
        Each.Of(forms, form => Assert.Equal("<…>", DisplayText.Clean($"<{form}>")));
    }

    [Fact]
    public void A_secret_that_the_length_would_cut_is_removed_first()
    {
        _ = new ApiKey("msh_long_secret_1234567890abcdef");
        Assert.Equal($"{new string('a', 190)} msh_…cdef", DisplayText.Clean($"{new string('a', 190)} msh_long_secret_1234567890abcdef"));
    }

    [Fact]
    public void Anything_that_looks_like_a_key_is_removed() =>
        Assert.Equal("key msh_… of somebody, session msh_run", DisplayText.Clean("key msh_0123456789abcdef of somebody, session msh_run"));

    [Theory]
    [InlineData("http://svc:S3cret@proxy:8080/x", "http://…@proxy:8080/x")]
    [InlineData("https://token@host and http://a:b@c", "https://…@host and http://…@c")]
    [InlineData("http://svc:S3@cret@proxy:8080/", "http://…@proxy:8080/")]
    [InlineData("mail a@b.c, https://host/@name", "mail a@b.c, https://host/@name")]
    public void User_information_of_an_address_is_removed(string text, string expected) => Assert.Equal(expected, DisplayText.Clean(text));

    [Fact]
    public void Every_value_of_a_message_is_cleaned_and_the_fixed_parts_stay()
    {
        string[] names = ["a\u200Bb", "c"];
        DisplayText text = $"Session {"s\u001b1"} ({12.5:0.00}, {DateTimeOffset.UnixEpoch:yyyy}, {names}): {DisplayText.From("safe\u0007")}\nnext";
        Assert.Equal("Session s\uFFFD1 (12.50, 1970, a\uFFFDb, c): safe\uFFFD\nnext", text);
    }

    [Theory]
    [InlineData("sess_abc-1.2", "sess_abc-1.2")]
    [InlineData("s1; Write-Host PWNED #", "'s1; Write-Host PWNED #'")]
    [InlineData("it's ‘so’", "'it''s ‘‘so’’'")]
    [InlineData("-Force", "'-Force'")]
    [InlineData("", "''")]
    [InlineData("$(x)`n\n", "'$(x)`n '")]
    public void A_value_in_a_command_to_copy_is_quoted(string id, string expected)
    {
        DisplayText text = $"Stop-MeshiaSession {id:command}";
        Assert.Equal($"Stop-MeshiaSession {expected}", text);
    }

    [Fact]
    public void A_long_list_names_the_first_items_and_counts_the_rest()
    {
        DisplayText text = $"{Enumerable.Range(1, 25).Select(number => $"s{number}")}";
        Assert.StartsWith("s1, s2, ", text);
        Assert.EndsWith("s20 and 5 more", text);
    }
}
