using CsCheck;

namespace Meshia.Client.Tests;

public sealed class SessionNameTests
{
    private static readonly DateTimeOffset _deadline = new(2026, 11, 26, 14, 0, 0, TimeSpan.Zero);
    private static readonly OnceKey _key = OnceKey.From("nightly-train");

    private static readonly Gen<string> _bases = Gen.String[Gen.Char["abcuoz0126"], 1, 8].Array[1, 4].Select(parts => string.Join("-", parts)).Where(name => name.Length <= 28);

    [Fact]
    public void Without_a_key_and_a_deadline_the_name_stays_as_it_was_written()
    {
        foreach (var name in (string[])["nightly", "Nightly Training", "a--b", "x-u20261126t1400z-abcd", new('x', 300)])
            Assert.Equal(name, SessionName.Compose(name, null, null).Text);
    }

    [Fact]
    public void A_name_has_its_token_its_deadline_and_a_check()
    {
        Assert.Matches("^nightly-o[a-z2-7]{10}-u20261126t1400z-[a-z2-7]{4}$", SessionName.Compose("nightly", _key, _deadline).Text);
        Assert.Matches("^nightly-o[a-z2-7]{10}-[a-z2-7]{4}$", SessionName.Compose("nightly", _key, null).Text);
        Assert.Matches("^nightly-u20261126t1400z-[a-z2-7]{4}$", SessionName.Compose("nightly", null, _deadline).Text);
    }

    [Theory]
    [InlineData(true, true, 30)]
    [InlineData(true, false, 46)]
    [InlineData(false, true, 42)]
    public void The_longest_name_that_is_taken_fills_63_characters_and_a_longer_one_is_refused(bool hasKey, bool hasDeadline, int longest)
    {
        var name = SessionName.Compose(new('a', longest), hasKey ? _key : null, hasDeadline ? _deadline : null);
        Assert.Equal(SessionName.MaxLength, name.Text.Length);
        Assert.Equal(name, SessionName.Parse(name.Text));

        var refused = Assert.Throws<ArgumentException>(() => SessionName.Validate(new('a', longest + 1), hasKey, hasDeadline));
        Assert.Contains($"{longest} characters at most", refused.Message);
        Assert.Contains($"'{new string('a', longest)}'", refused.Message);
    }

    [Theory]
    [InlineData("Nightly Training", "'nightly-training'")]
    [InlineData("!!!", "'llama-finetune'")]
    public void A_refusal_suggests_a_name(string name, string suggestion) =>
        Assert.Contains(suggestion, Assert.Throws<ArgumentException>(() => SessionName.Validate(name, true, false)).Message);

    [Fact]
    public void Without_a_key_and_a_deadline_every_name_is_valid() => SessionName.Validate("Nightly Training!", false, false);

    [Fact]
    public void A_token_never_changes()
    {
        // Another version of Meshia must find the sessions of this one. Computed with: printf '1|nightly-train' | sha256sum | xxd -r -p | base32
        Assert.Equal("kph4v5yzsd", _key.Token);
    }

    [Fact]
    public void Every_name_comes_back_from_its_text_from_a_slug_and_as_a_part_of_a_git_ref() => Gen.Select(_bases, Gen.String[1, 20].Where(IsKey), Gen.Int[0, 2], Gen.Int[0, 1_000_000]).Sample((baseName, key, kind, minutes) =>
    {
        if (SessionName.Parse(baseName).BaseName != baseName)
            return;
        var name = SessionName.Compose(baseName, kind == 1 ? null : OnceKey.From(key), kind == 0 ? null : _deadline.AddMinutes(minutes));

        Assert.Equal(name, SessionName.Parse(name.Text));
        Assert.Equal((baseName, kind != 1, kind != 0), (name.BaseName, name.Token is not null, name.Deadline is not null));
        Assert.Matches("^[a-z0-9]+(-[a-z0-9]+)*$", name.Text);
        Assert.InRange(name.Text.Length, 1, SessionName.MaxLength);
    });

    [Fact]
    public void A_name_with_any_other_character_is_not_ours()
    {
        var text = SessionName.Compose("nightly", _key, _deadline).Text;
        for (var i = 0; i < text.Length; i++)
        {
            var changed = text[..i] + (text[i] == 'a' ? 'b' : 'a') + text[(i + 1)..];
            Assert.Equal((changed, null, null), Parts(SessionName.Parse(changed)));
        }

        foreach (var changed in (string[])[text.ToUpperInvariant(), text[..^1], text + "a", text + "\n", " " + text, text.Replace("-u", "_u", StringComparison.Ordinal)])
            Assert.Equal((changed, null, null), Parts(SessionName.Parse(changed)));
    }

    [Theory]
    [InlineData("train-u20261126t1400z")]
    [InlineData("train-u20261126t1400z-abcd")]
    [InlineData("train-oabcdefghij-u20261126t1400z-abcd")]
    [InlineData("train-oabcdefghij-abcd")]
    [InlineData("-u20261126t1400z-abcd")]
    [InlineData("u20261126t1400z")]
    [InlineData("")]
    [InlineData(null)]
    public void A_users_own_name_that_looks_like_one_of_ours_is_none(string? name) =>
        Assert.Equal((name ?? "", null, null), Parts(SessionName.Parse(name)));

    [Theory]
    [InlineData("train-u20261126t1400z")]
    [InlineData("train-oabcdefghij")]
    [InlineData("u20261126t1400z")]
    public void A_base_name_that_looks_like_a_key_or_a_deadline_stays_a_base_name(string baseName)
    {
        Assert.Equal((baseName, _key.Token, null), Parts(SessionName.Parse(SessionName.Compose(baseName, _key, null).Text)));
        Assert.Equal((baseName, null, _deadline), Parts(SessionName.Parse(SessionName.Compose(baseName, null, _deadline).Text)));
    }

    [Fact]
    public void A_deadline_is_rounded_up_to_the_minute_and_is_UTC()
    {
        var name = SessionName.Compose("a", null, new DateTimeOffset(2026, 11, 26, 15, 59, 0, 1, TimeSpan.FromHours(2)));

        Assert.Equal(new DateTimeOffset(2026, 11, 26, 14, 0, 0, TimeSpan.Zero), name.Deadline);
    }

    [Theory]
    [InlineData("Nightly Training", "nightly-training")]
    [InlineData("nightly_train", "nightly-train")]
    [InlineData("a--b", "a-b")]
    [InlineData("-a", "a")]
    [InlineData("a.lock", "a-lock")]
    [InlineData("a-name-that-is-much-longer-than-it-may-be", "a-name-that-is-much-longer-th")]
    [InlineData("été", "t")]
    [InlineData("日本", "llama-finetune")]
    [InlineData("a\n", "a")]
    public void A_name_that_a_slug_would_change_is_refused_with_one_that_it_would_not(string name, string suggestion)
    {
        var error = Assert.Throws<ArgumentException>(() => SessionName.Compose(name, _key, _deadline));

        Assert.Contains($"'{suggestion}", error.Message);
        SessionName.Validate(suggestion, hasKey: true, hasDeadline: true);
    }

    [Fact]
    public void A_whole_name_in_place_of_a_base_name_is_refused_with_its_base_name()
    {
        var error = Assert.Throws<ArgumentException>(() => SessionName.Compose(SessionName.Compose("a", _key, null).Text, OnceKey.From("b"), null));

        Assert.Contains("'a'", error.Message);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("  \r\n\t")]
    [InlineData("-")]
    [InlineData("--_./:|#")]
    [InlineData("\u200b\u00a0")]
    public void A_key_that_says_nothing_is_refused(string? key) =>
        Assert.Contains("-Once", Assert.Throws<ArgumentException>(() => OnceKey.From(key)).Message);

    [Theory]
    [InlineData("0")]
    [InlineData("run-1234-linux")]
    [InlineData("夜間")]
    [InlineData("🚀")]
    public void Any_other_key_is_taken(string key) => Assert.Equal(key, OnceKey.From(key).Value);

    [Fact]
    public void White_space_around_a_key_does_not_count_and_all_else_does()
    {
        Assert.Equal(_key.Token, OnceKey.From(" nightly-train\r\n").Token);
        Assert.NotEqual(_key.Token, OnceKey.From("Nightly-train").Token);
        Assert.NotEqual(_key.Token, OnceKey.From("nightly train").Token);
    }

    private static bool IsKey(string text) => text.Any(char.IsLetterOrDigit);

    private static (string, string?, DateTimeOffset?) Parts(SessionName name) => (name.BaseName, name.Token, name.Deadline);
}
