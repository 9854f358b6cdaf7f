using CsCheck;

namespace Meshia.Client.Tests;

public sealed class SessionSelectionTests
{
    private static readonly DateTimeOffset _now = new(2026, 11, 26, 12, 0, 0, TimeSpan.Zero);
    private static readonly OnceKey _key = OnceKey.From("key");

    /// <summary>Sessions of all kinds: with and without a key and a deadline, live and ended, old and new, some without a time.</summary>
    private static readonly Gen<SeenSession> _sessions = Gen.Select(
        Gen.Int[0, 30],
        Gen.OneOfConst("provisioning", "running", "stopping", "stopped", "failed", "unheard-of"),
        Gen.Int[-10_000, 200],
        Gen.OneOf(Gen.Const((int?)null), Gen.Int[-9_000, 9_000].Select(minutes => (int?)minutes)),
        Gen.OneOfConst(null, "one", "two"),
        Gen.Bool)
        .Select((id, status, created, deadline, key, hasTime) => new SeenSession(
            $"s{id}",
            SessionName.Compose("a", key is null ? null : OnceKey.From(key), deadline is { } minutes ? _now.AddMinutes(minutes) : null).Text,
            "rtx4090",
            null,
            status,
            hasTime ? _now.AddMinutes(created) : null,
            status == "stopped" ? _now.AddMinutes(created + 60) : null));

    [Theory]
    [InlineData(-1, true)]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public void A_live_session_has_expired_at_its_deadline(int minutes, bool hasExpired) =>
        Assert.Equal(hasExpired, Expired(Session("a", deadline: _now.AddMinutes(minutes))).Count == 1);

    [Theory]
    [InlineData("stopped")]
    [InlineData("stopping")]
    [InlineData("failed")]
    public void A_session_that_has_ended_has_not_expired(string status) =>
        Assert.Empty(Expired(Session("a", deadline: _now.AddMinutes(-1)) with { Status = status }));

    [Theory]
    [InlineData("train-u20201126t1400z")]
    [InlineData("train-u20201126t1400z-abcd")]
    [InlineData("train-oabcdefghij-u20201126t1400z-abcd")]
    public void A_users_own_name_that_looks_like_a_deadline_never_expires(string name) =>
        Assert.Empty(Expired(Session("a") with { Name = name }));

    [Fact]
    public void A_deadline_that_cannot_be_true_never_expires()
    {
        // More than 73 hours after the creation, or before it.
        Assert.Empty(Expired(Session("a", deadline: _now.AddHours(-1)) with { CreatedAt = _now.AddHours(-75) }));
        Assert.Empty(Expired(Session("a", deadline: _now.AddHours(-1)) with { CreatedAt = _now.AddHours(-1) }));
        Assert.Single(Expired(Session("a", deadline: _now.AddHours(-1)) with { CreatedAt = _now.AddHours(-74) }));
        // A creation that is no time of this world stops no sweep.
        Assert.Empty(Expired(Session("a", deadline: DateTimeOffset.MaxValue.AddMinutes(-1)) with { CreatedAt = DateTimeOffset.MaxValue.AddHours(-1) }));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(301)]
    [InlineData(-301)]
    [InlineData(3600)]
    [InlineData(-3600)]
    public void Where_the_time_is_not_sure_nothing_has_expired_and_an_error_says_why(int? seconds)
    {
        var session = Session("a", deadline: _now.AddDays(-1)) with { CreatedAt = _now.AddDays(-2) };
        DateTimeOffset? date = seconds is null ? null : _now.AddSeconds(seconds.Value);

        Assert.Empty(SessionSelection.Expired([session], date, _now));
        Assert.Empty(SessionSelection.OlderThan([session], TimeSpan.FromHours(1), date, _now));
        Assert.Contains("Nothing was stopped", SweepClock.WhyNotTrusted(date, _now));
    }

    [Theory]
    [InlineData(300)]
    [InlineData(-300)]
    public void Clocks_that_differ_by_five_minutes_are_believed_and_the_services_clock_counts(int seconds)
    {
        var date = _now.AddSeconds(seconds);

        Assert.Null(SweepClock.WhyNotTrusted(date, _now));
        Assert.Equal(seconds > 0, SessionSelection.Expired([Session("a", deadline: _now.AddMinutes(2))], date, _now).Count == 1);
    }

    [Fact]
    public void A_session_that_is_listed_on_two_pages_is_one_and_no_duplicate_of_itself()
    {
        var session = Session("a", deadline: _now.AddMinutes(-1), key: _key);

        Assert.Single(Expired(session, session));
        Assert.Equal(0, Count(SessionSelection.Duplicates([session, session, session])));
    }

    [Fact]
    public void One_that_is_shown_as_live_on_one_page_and_as_ended_on_the_next_has_ended()
    {
        var session = Session("a", deadline: _now.AddMinutes(-1));

        Assert.Empty(Expired(session, session with { Status = "stopped", StoppedAt = _now }));
        Assert.Empty(Expired(session with { Status = "stopped", StoppedAt = _now }, session));
    }

    [Fact]
    public void The_younger_of_two_live_sessions_of_a_key_is_a_duplicate_and_only_what_is_provisioning_may_be_stopped()
    {
        var (first, second, third) = (Session("a", key: _key), Session("b", key: _key), Session("c", key: _key));
        second = second with { CreatedAt = first.CreatedAt?.AddSeconds(1), Status = "provisioning" };
        third = third with { CreatedAt = first.CreatedAt?.AddSeconds(2) };

        var (provisioning, running) = SessionSelection.Duplicates([third, second, first, Session("d", key: OnceKey.From("another")), Session("e")]);

        Assert.Equal(["b"], Ids(provisioning));
        Assert.Equal(["c"], Ids(running));
    }

    [Fact]
    public void Sessions_of_a_key_one_after_the_other_are_no_duplicates()
    {
        var first = Session("a", key: _key) with { Status = "stopped", StoppedAt = _now.AddMinutes(-30) };

        Assert.Equal(0, Count(SessionSelection.Duplicates([first, Session("b", key: _key) with { CreatedAt = _now.AddMinutes(-30) }])));
        Assert.Equal(1, Count(SessionSelection.Duplicates([first, Session("b", key: _key) with { CreatedAt = _now.AddMinutes(-31) }])));
    }

    [Theory]
    [InlineData(60, true)]
    [InlineData(120, false)]
    [InlineData(121, false)]
    public void Older_than_goes_by_the_creation(int minutes, bool isOlder) =>
        Assert.Equal(isOlder, SessionSelection.OlderThan([Session("a")], TimeSpan.FromMinutes(minutes), _now, _now).Count == 1);

    [Fact]
    public void A_session_without_a_time_is_not_old() =>
        Assert.Empty(SessionSelection.OlderThan([Session("a") with { CreatedAt = null }], TimeSpan.FromMinutes(1), _now, _now));

    [Fact]
    public void What_is_selected_does_not_depend_on_pages_and_their_order() => Gen.Select(_sessions.Array[0, 30], Gen.Int[0, int.MaxValue]).Sample((listed, seed) =>
    {
        // One session is one, with what its first entry says but its state.
        listed = [.. listed.DistinctBy(session => session.Id)];
        var shifted = listed.Concat(listed.Take(5)).ToArray();
        new Random(seed).Shuffle(shifted);

        Assert.Equal(Ids(SessionSelection.Expired(listed, _now, _now)), Ids(SessionSelection.Expired(shifted, _now, _now)));
        Assert.Equal(Ids(SessionSelection.OlderThan(listed, TimeSpan.FromHours(5), _now, _now)), Ids(SessionSelection.OlderThan(shifted, TimeSpan.FromHours(5), _now, _now)));
        Assert.Equal(Ids(SessionSelection.Duplicates(listed).Provisioning), Ids(SessionSelection.Duplicates(shifted).Provisioning));
        Assert.Equal(Ids(SessionSelection.Duplicates(listed).Running), Ids(SessionSelection.Duplicates(shifted).Running));
    });

    [Fact]
    public void Whatever_is_listed_only_live_sessions_of_the_list_are_selected() => _sessions.Array[0, 30].Sample(listed =>
    {
        var merged = SessionSelection.Merge(listed);
        var (provisioning, running) = SessionSelection.Duplicates(listed);
        var selected = SessionSelection.Expired(listed, _now, _now).Concat(SessionSelection.OlderThan(listed, TimeSpan.Zero, _now, _now)).Concat(provisioning).Concat(running).ToList();

        Assert.DoesNotContain(selected, session => session.HasEnded);
        Assert.Subset(merged.Select(session => session.Id).ToHashSet(), selected.Select(session => session.Id).ToHashSet());
        Assert.Equal(merged.Count, merged.DistinctBy(session => session.Id).Count());
    });

    private static IReadOnlyList<SeenSession> Expired(params SeenSession[] listed) => SessionSelection.Expired(listed, _now, _now);

    private static int Count((IReadOnlyList<SeenSession> Provisioning, IReadOnlyList<SeenSession> Running) duplicates) => duplicates.Provisioning.Count + duplicates.Running.Count;

    private static IEnumerable<string> Ids(IEnumerable<SeenSession> sessions) => sessions.Select(session => session.Id).Order(StringComparer.Ordinal);

    private static SeenSession Session(string id, DateTimeOffset? deadline = null, OnceKey? key = null) =>
        new(id, SessionName.Compose("a", key, deadline).Text, "rtx4090", null, "running", _now.AddHours(-2), null);
}
