namespace Meshia.Client.Tests;

public sealed class SessionPolicyTests
{
    private static readonly DateTimeOffset _noon = new(2026, 11, 26, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void No_policy_allows_everything()
    {
        Assert.Null(SessionPolicy.None.Check("h100", null));
        Assert.Null(SessionPolicy.None.CheckRunning(Live(1000)));
        Assert.Null(SessionPolicy.None.Cost("h100", _noon, _noon.AddHours(1)));
    }

    [Theory]
    [InlineData("rtx4090", true)]
    [InlineData("RTX4090", true)]
    [InlineData("h100", false)]
    [InlineData("rtx4090x", false)]
    public void Only_allowed_gpus_may_be_used(string gpu, bool isAllowed)
    {
        var violation = new SessionPolicy { AllowedGpus = ["rtx4090", "a100"] }.Check(gpu, null);

        Assert.Equal(isAllowed, violation is null);
        if (violation is not null)
            Assert.Equal(("GpuNotAllowed", gpu, true), (violation.Code, violation.Value, violation.Message.Contains("rtx4090, a100", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_longest_time_can_be_required()
    {
        var policy = new SessionPolicy { RequireMaxDuration = true };

        Assert.Equal("MaxDurationRequired", policy.Check("rtx4090", null)?.Code);
        Assert.Null(policy.Check("rtx4090", TimeSpan.FromHours(1)));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, true)]
    [InlineData(2, false)]
    [InlineData(30, false)]
    public void No_more_sessions_may_be_live_than_the_policy_says(int live, bool isAllowed)
    {
        var ended = new SeenSession("x", null, null, null, "stopped", _noon, _noon);
        var violation = new SessionPolicy { MaxRunning = 2 }.CheckRunning([ended, .. Live(live)]);

        Assert.Equal(isAllowed, violation is null);
        if (violation is not null)
            Assert.Contains($"{live} are running", violation.Message);
    }

    [Theory]
    [InlineData(1, 1, "allows 1 running session, and 1 is running: s0.")]
    [InlineData(2, 10, "allows 2 running sessions, and 10 are running: s0, s1, s2, s3, s4, s5, s6, s7, s8, s9.")]
    [InlineData(2, 12, "s8, s9 and 2 more.")]
    public void A_refusal_counts_and_names_the_sessions(int most, int live, string text) =>
        Assert.Contains(text, new SessionPolicy { MaxRunning = most }.CheckRunning(Live(live))?.Message);

    [Fact]
    public void A_list_that_is_not_complete_allows_no_session_if_the_number_is_limited()
    {
        SessionPolicy.None.RequireRoom([], isComplete: false);
        var limited = new SessionPolicy { MaxRunning = 2 };
        limited.RequireRoom(Live(1), isComplete: true);

        Assert.Equal("ListIncomplete", Assert.Throws<MeshiaException>(() => limited.RequireRoom(Live(1), isComplete: false)).Code);
        Assert.Equal("TooManyRunning", Assert.Throws<MeshiaException>(() => limited.RequireRoom(Live(2), isComplete: false)).Code);
    }

    [Fact]
    public void A_price_may_be_zero() => Assert.Equal(0m, new SessionPolicy { Prices = new Dictionary<string, decimal> { ["own"] = 0 } }.Cost("own", _noon, _noon.AddHours(1)));

    [Fact]
    public void A_session_that_is_listed_on_two_pages_counts_once() =>
        Assert.Null(new SessionPolicy { MaxRunning = 2 }.CheckRunning([.. Live(1), .. Live(1)]));

    [Fact]
    public void A_cost_is_the_price_of_an_hour_times_the_hours_and_is_never_invented()
    {
        var policy = new SessionPolicy { Prices = new Dictionary<string, decimal> { ["rtx4090"] = 0.69m } };

        Assert.Equal(1.035m, policy.Cost("RTX4090", _noon, _noon.AddMinutes(90)));
        Assert.Equal(0m, policy.Cost("rtx4090", _noon, _noon.AddMinutes(-1)));
        Assert.Null(policy.Cost("h100", _noon, _noon.AddHours(1)));
        Assert.Null(policy.Cost("rtx4090", null, _noon));
        Assert.Null(policy.Cost(null, _noon, _noon));
    }

    [Fact]
    public void Settings_that_make_no_sense_are_refused()
    {
        Assert.Contains("-MaxRunning", Assert.Throws<ArgumentOutOfRangeException>(() => new SessionPolicy { MaxRunning = 0 }).Message);
        Assert.Contains("'a100'", Assert.Throws<ArgumentException>(() => new SessionPolicy { Prices = new Dictionary<string, decimal> { ["a100"] = -1 } }).Message);
        Assert.Contains("two prices", Assert.Throws<ArgumentException>(() => new SessionPolicy { Prices = new Dictionary<string, decimal> { ["a100"] = 1, ["A100"] = 2 } }).Message);
    }

    private static IEnumerable<SeenSession> Live(int count) => Enumerable.Range(0, count).Select(i => new SeenSession($"s{i}", null, null, null, i % 2 == 0 ? "running" : "provisioning", _noon, null));
}
