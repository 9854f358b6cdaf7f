namespace Meshia.Client.Tests;

/// <summary>The steps of <c>-Once</c> one by one; <see cref="OnceSimulationTests"/> runs them against a service that misbehaves.</summary>
public sealed class OnceStartTests
{
    private static readonly DateTimeOffset _noon = new(2026, 11, 26, 12, 0, 0, TimeSpan.Zero);
    private static readonly OnceRequest _request = new("nightly", OnceKey.From("key"), "rtx4090", "github:me/it", null);

    private readonly OnceStart _start = new(_request, new(OnceTiming.DefaultSettleTime));
    private TimeSpan _now;

    [Fact]
    public void A_lonely_start_creates_one_session_looks_at_3_15_36_and_45_s_and_hands_it_out_as_created()
    {
        Assert.IsType<OnceStep.List>(_start.Begin(_now));
        var name = Assert.IsType<OnceStep.Create>(Look()).Name;
        Assert.Equal(("nightly", _request.Once.Token, null), (name.BaseName, name.Token, name.Deadline));
        var session = Ours("a");
        Assert.IsType<OnceStep.List>(_start.Created(new OnceCreation.Created(session), _now));

        var ages = new List<double>();
        var step = Look(session);
        while (step is OnceStep.Wait wait)
        {
            _now += wait.Time;
            ages.Add(_now.TotalSeconds);
            step = Look(session);
        }

        Assert.Equal([3, 15, 36, 45], ages);
        Assert.Equal("a", Assert.IsType<OnceStep.Get>(step).Id);
        Assert.False(Assert.IsType<OnceStep.HandOut>(_start.Got("a", session, _now)).Adopted);
    }

    [Fact]
    public void An_old_live_session_of_the_key_is_handed_out_at_once_as_adopted()
    {
        var session = Ours("a", age: 60);

        Assert.Equal("a", Assert.IsType<OnceStep.Get>(Look(session)).Id);
        Assert.Equal((session, true), _start.Got("a", session, _now) is OnceStep.HandOut end ? (end.Session, end.Adopted) : default);
    }

    [Fact]
    public void A_session_that_has_ended_meanwhile_is_not_handed_out()
    {
        var session = Ours("a", age: 60);
        Look(session);

        Assert.IsType<OnceStep.List>(_start.Got("a", session with { Status = "stopped", StoppedAt = _noon }, _now));
        // The list lags: what has ended stays so.
        Assert.IsType<OnceStep.Create>(Look(session));
    }

    [Fact]
    public void A_session_that_the_service_does_not_know_any_more_is_not_handed_out()
    {
        var session = Ours("a", age: 60);
        Look(session);

        Assert.IsType<OnceStep.List>(_start.Got("a", null, _now));
        Assert.IsType<OnceStep.Create>(Look(session));
    }

    [Fact]
    public void A_young_duplicate_is_stopped_and_the_older_one_is_handed_out()
    {
        var (older, younger) = (Ours("a", age: 50), Ours("b", age: 40));

        Assert.Equal("b", Assert.IsType<OnceStep.Stop>(Look(younger, older)).Id);
        Assert.Equal("a", Assert.IsType<OnceStep.Get>(_start.Stopped("b", true, _now)).Id);
    }

    [Fact]
    public void A_stop_without_an_answer_is_decided_anew_by_a_GET_and_not_for_ever()
    {
        var (older, younger) = (Ours("a", age: 50), Ours("b", age: 20));
        Look(older, younger);

        for (var stops = 1; stops < OnceStart.MaxStops; stops++)
        {
            Assert.Equal("b", Assert.IsType<OnceStep.Get>(_start.Stopped("b", false, _now)).Id);
            Assert.Equal("b", Assert.IsType<OnceStep.Stop>(_start.Got("b", younger, _now)).Id);
        }

        Assert.Equal("a", Assert.IsType<OnceStep.Get>(_start.Stopped("b", false, _now)).Id);
    }

    [Fact]
    public void A_duplicate_that_runs_by_the_time_that_its_stop_failed_is_not_stopped()
    {
        var (older, younger) = (Ours("a", age: 500), Ours("b", age: 400) with { Status = "provisioning" });
        Look(older, younger);
        Assert.Equal("b", Assert.IsType<OnceStep.Stop>(_start.Got("b", younger, _now)).Id);
        Assert.Equal("b", Assert.IsType<OnceStep.Get>(_start.Stopped("b", false, _now)).Id);

        Assert.Equal("a", Assert.IsType<OnceStep.Get>(_start.Got("b", younger with { Status = "running" }, _now)).Id);
    }

    [Fact]
    public void An_old_duplicate_is_stopped_only_where_a_GET_says_that_it_is_still_provisioning()
    {
        var (older, younger) = (Ours("a", age: 500), Ours("b", age: 400) with { Status = "provisioning" });
        Assert.Equal("b", Assert.IsType<OnceStep.Get>(Look(older, younger)).Id);

        Assert.Equal("b", Assert.IsType<OnceStep.Stop>(_start.Got("b", younger, _now)).Id);
    }

    [Fact]
    public void A_duplicate_that_runs_is_never_stopped()
    {
        var (older, younger) = (Ours("a", age: 500), Ours("b", age: 400));

        Assert.Equal("a", Assert.IsType<OnceStep.Get>(Look(older, younger)).Id);
        Assert.Equal(["b"], _start.LookLater(Looked(older, younger), _now).ToReport);
    }

    [Fact]
    public void A_session_that_is_listed_on_two_pages_is_one()
    {
        var session = Ours("a", age: 10);

        Assert.IsType<OnceStep.Wait>(Look(session, session with { }, session));
    }

    [Fact]
    public void Only_old_duplicates_that_run_are_an_error_with_their_ids()
    {
        var older = Ours("a", age: 500) with { Status = "stopped", StoppedAt = _noon.AddSeconds(-100) };

        var error = Error(Look(older, Ours("b", age: 400)));

        Assert.Equal((OnceError.OnceUnsettled, "b"), (error.Code, error.Ids.Single()));
    }

    [Fact]
    public void A_session_that_is_being_stopped_is_waited_for_and_not_for_ever()
    {
        var session = Ours("a", age: 500) with { Status = "stopping" };
        Assert.IsType<OnceStep.Wait>(Look(session));

        _now += TimeSpan.FromMinutes(5);
        Assert.Equal(OnceError.OnceUnsettled, Error(Look(session)).Code);
        Assert.IsType<OnceStep.Create>(Look(session with { Status = "stopped", StoppedAt = _noon }));
    }

    [Theory]
    [InlineData("h100", "github:me/it", "nightly")]
    [InlineData("rtx4090", "github:me/other", "nightly")]
    [InlineData("rtx4090", null, "nightly")]
    [InlineData("rtx4090", "github:me/it", "weekly")]
    public void A_session_of_the_key_with_another_gpu_repository_or_name_is_an_error_and_nothing_is_stopped(string gpu, string? repo, string name)
    {
        var other = Ours("a", age: 10) with { Gpu = gpu, Repo = repo, Name = SessionName.Compose(name, _request.Once, null).Text };

        var error = Error(Look(other));

        Assert.Equal((OnceError.OnceMismatch, "a"), (error.Code, error.Ids.Single()));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(-60)]
    public void A_session_of_the_key_near_or_past_its_deadline_is_an_error(int minutesLeft)
    {
        var error = Error(Look(Ours("a", age: 36_000, deadline: _noon.AddMinutes(minutesLeft))));

        Assert.Equal(OnceError.OnceExpired, error.Code);
        Assert.Contains("Stop-MeshiaSession a", error.Message);
    }

    [Fact]
    public void A_session_of_the_key_with_time_left_is_adopted_and_so_is_one_whose_deadline_cannot_be_true()
    {
        Assert.IsType<OnceStep.Get>(Look(Ours("a", age: 36_000, deadline: _noon.AddMinutes(6))));
        Assert.IsType<OnceStep.Get>(new OnceStart(_request, new(OnceTiming.DefaultSettleTime)).Listed(Looked(Ours("a", age: 60, deadline: _noon.AddDays(-1))), _now));
    }

    [Fact]
    public void A_session_that_this_call_created_gets_its_time_however_short_it_is()
    {
        var start = new OnceStart(_request with { MaxDuration = TimeSpan.FromMinutes(2) }, new(TimeSpan.Zero));
        var name = Assert.IsType<OnceStep.Create>(start.Listed(Looked(), _now)).Name;
        Assert.Equal(_noon.AddMinutes(2), name.Deadline);
        var session = Ours("a") with { Name = name.Text };
        start.Created(new OnceCreation.Created(session), _now);

        Assert.IsType<OnceStep.Get>(start.Listed(Looked(session), _now));
    }

    [Theory]
    [InlineData("nightly")]
    [InlineData("NIGHTLY-okey")]
    [InlineData("")]
    public void A_service_that_changes_the_name_is_an_error_and_the_session_is_stopped(string name)
    {
        Look();
        Assert.Equal("a", Assert.IsType<OnceStep.Stop>(_start.Created(new OnceCreation.Created(Ours("a") with { Name = name }), _now)).Id);

        Assert.Equal(OnceError.NameChanged, Error(_start.Stopped("a", true, _now)).Code);
    }

    [Fact]
    public void A_service_that_changes_the_name_in_its_list_only_is_an_error_and_the_session_is_stopped()
    {
        Look();
        _start.Created(new OnceCreation.Created(Ours("a")), _now);

        Assert.Equal("a", Assert.IsType<OnceStep.Stop>(Look(Ours("a") with { Name = "nightly" })).Id);
        Assert.Equal(OnceError.NameChanged, Error(_start.Stopped("a", false, _now)).Code);
    }

    [Fact]
    public void An_answer_without_a_name_is_checked_by_a_GET()
    {
        Look();
        Assert.Equal("a", Assert.IsType<OnceStep.Get>(_start.Created(new OnceCreation.Created(Ours("a") with { Name = null }), _now)).Id);

        Assert.IsType<OnceStep.List>(_start.Got("a", Ours("a"), _now));
    }

    [Fact]
    public void An_incomplete_list_is_an_error_and_nothing_is_created_or_stopped()
    {
        var error = Error(_start.Listed(Looked(Ours("a", age: 50), Ours("b", age: 5)) with { IsComplete = false }, _now));

        Assert.Equal(OnceError.ListIncomplete, error.Code);
    }

    [Fact]
    public void After_an_unknown_outcome_nothing_is_created_for_51_s()
    {
        Look();
        Assert.IsType<OnceStep.List>(_start.Created(new OnceCreation.Unknown(), _now));
        var step = Look();
        while (step is OnceStep.Wait wait)
        {
            _now += wait.Time;
            step = Look();
        }

        Assert.IsType<OnceStep.Create>(step);
        Assert.Equal(51, _now.TotalSeconds);
    }

    [Fact]
    public void A_list_whose_pages_took_long_shows_what_there_was_when_its_reading_began()
    {
        Look();
        var session = Ours("a");
        _start.Created(new OnceCreation.Created(session), _now);
        _now = TimeSpan.FromSeconds(60);

        // The first page came after 20 s, when a list need not show an older session of another machine yet.
        Assert.IsType<OnceStep.Wait>(_start.Listed(Looked(session) with { Duration = TimeSpan.FromSeconds(40) }, _now));
        Assert.IsType<OnceStep.Get>(_start.Listed(Looked(session) with { Duration = TimeSpan.FromSeconds(15) }, _now));
    }

    [Fact]
    public void After_an_unknown_outcome_a_list_whose_pages_took_long_is_read_again()
    {
        Look();
        _start.Created(new OnceCreation.Unknown(), _now);
        _now = TimeSpan.FromSeconds(60);

        Assert.IsType<OnceStep.Wait>(_start.Listed(Looked() with { Duration = TimeSpan.FromSeconds(40) }, _now));
        Assert.IsType<OnceStep.Create>(_start.Listed(Looked() with { Duration = TimeSpan.FromSeconds(5) }, _now));
    }

    [Fact]
    public void A_duplicate_that_was_young_on_the_first_page_of_a_long_list_is_old_at_its_last_one()
    {
        var (older, younger) = (Ours("a", age: 500), Ours("b", age: 20));
        _now = TimeSpan.FromSeconds(40);

        // 20 s old on the first page, and 60 s when the list was read.
        Assert.Equal("b", Assert.IsType<OnceStep.Get>(_start.Listed(Looked(older, younger) with { Date = _noon, LocalTime = _noon, Duration = TimeSpan.FromSeconds(40) }, _now)).Id);
    }

    [Theory]
    [InlineData(3600)]
    [InlineData(-3600)]
    public void Where_the_clocks_differ_by_an_hour_a_session_is_watched_here_and_an_old_one_is_not_stopped(int seconds)
    {
        var (older, younger) = (Ours("a", age: 500), Ours("b", age: 400));
        OnceLook Off(params SeenSession[] sessions) => Looked(sessions) with { LocalTime = Date.AddSeconds(seconds) };

        Assert.IsType<OnceStep.Wait>(_start.Listed(Off(older, younger), _now));
        _now += OnceTiming.DefaultSettleTime;
        Assert.IsType<OnceStep.Get>(_start.Listed(Off(older, younger), _now));
    }

    [Fact]
    public void A_service_that_does_not_say_when_a_session_was_created_is_an_error() =>
        Assert.Equal(OnceError.CreationTimeMissing, Error(Look(Ours("a") with { CreatedAt = null })).Code);

    [Fact]
    public void Sessions_that_end_at_once_are_not_created_for_ever()
    {
        var step = Look();
        for (var i = 0; i < 5; i++)
        {
            Assert.IsType<OnceStep.Create>(step);
            _start.Created(new OnceCreation.Created(Ours($"s{i}") with { Status = "failed" }), _now);
            step = Look();
        }

        Assert.Equal(OnceError.OnceUnsettled, Error(step).Code);
    }

    [Fact]
    public void A_name_that_only_looks_like_the_key_is_not_touched()
    {
        var text = SessionName.Compose("nightly", _request.Once, null).Text;

        Assert.IsType<OnceStep.Create>(Look(Ours("a") with { Name = text[..^1] }, Ours("b") with { Name = text + "-2" }, Ours("c") with { Name = "nightly" }));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(601)]
    public void A_settle_time_that_makes_no_sense_is_refused(int seconds) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new OnceTiming(TimeSpan.FromSeconds(seconds)));

    private static OnceStep.Fail Error(OnceStep step) => Assert.IsType<OnceStep.Fail>(step);

    private DateTimeOffset Date => _noon + _now;

    private OnceLook Looked(params SeenSession[] sessions) => new(sessions, true, Date, Date);

    private OnceStep Look(params SeenSession[] sessions) => _start.Listed(Looked(sessions), _now);

    private static SeenSession Ours(string id, int age = 0, DateTimeOffset? deadline = null) =>
        new(id, SessionName.Compose("nightly", _request.Once, deadline).Text, "rtx4090", "github:me/it", age > 100 ? "running" : "provisioning", _noon.AddSeconds(-age), null);
}
