namespace Meshia.Client.Tests;

public sealed class UsageReportTests
{
    private static readonly DateTimeOffset _since = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset _until = _since.AddDays(10);
    private static readonly SessionPolicy _policy = new() { Prices = new Dictionary<string, decimal> { ["RTX4090"] = 0.5m } };

    [Fact]
    public void Hours_are_added_up_by_gpu_and_priced_where_there_is_a_price()
    {
        var usages = Make(UsageGrouping.Gpu, Session("a", from: 1, to: 3), Session("b", from: 5, to: 6), Session("c", gpu: "h100", from: 1, to: 2));

        Assert.Equal([("rtx4090", 2, 3.0, 1.5m, 0.0), ("h100", 1, 1.0, null, 1.0)], usages.Select(usage => (usage.Value, usage.Sessions, usage.GpuHours, usage.Cost, usage.UnpricedGpuHours)));
    }

    [Fact]
    public void A_group_of_which_only_some_hours_have_a_price_says_so()
    {
        var usage = Assert.Single(Make(UsageGrouping.Repo, Session("a", from: 1, to: 3), Session("b", gpu: "h100", from: 1, to: 2)));

        Assert.Equal((null, 3.0, 1.0m, 1.0), (usage.Value, usage.GpuHours, usage.Cost, usage.UnpricedGpuHours));
    }

    [Fact]
    public void Only_the_hours_in_the_time_count_and_what_still_lives_counts_until_now()
    {
        var usage = Assert.Single(Make(UsageGrouping.Gpu, Session("before", from: -9, to: -1), Session("across", from: -5, to: 2), Session("live", from: 238, to: null), Session("stopping", from: 239, to: null, status: "stopping")));

        Assert.Equal((3, 5.0), (usage.Sessions, usage.GpuHours));
    }

    [Fact]
    public void A_session_whose_end_is_not_known_is_counted_apart()
    {
        var usage = Assert.Single(Make(UsageGrouping.Gpu, Session("a", from: 1, to: 3), Session("b", from: 1, to: null, status: "failed"), Session("c", from: 1, to: 2) with { CreatedAt = null }));

        Assert.Equal((3, 2, 2.0), (usage.Sessions, usage.UnknownSessions, usage.GpuHours));
    }

    [Fact]
    public void A_session_that_is_listed_twice_counts_once()
    {
        var usage = Assert.Single(Make(UsageGrouping.Gpu, Session("a", from: 1, to: null, status: "running"), Session("a", from: 1, to: 3)));

        Assert.Equal((1, 2.0), (usage.Sessions, usage.GpuHours));
    }

    [Fact]
    public void Names_are_those_without_key_and_deadline()
    {
        var once = SessionName.Compose("nightly", OnceKey.From("1"), _until).Text;

        var usages = Make(UsageGrouping.BaseName, Session("a", from: 1, to: 3, name: once), Session("b", from: 1, to: 2, name: "nightly"), Session("c", from: 1, to: 2, name: "other"));

        Assert.Equal([("nightly", 3.0), ("other", 1.0)], usages.Select(usage => (usage.Value, usage.GpuHours)));
    }

    private static IReadOnlyList<Usage> Make(UsageGrouping by, params SeenSession[] sessions) => new UsageReport(_since, _until, by, _policy).Make(sessions);

    private static SeenSession Session(string id, double from, double? to, string gpu = "rtx4090", string? status = null, string name = "n") =>
        new(id, name, gpu, null, status ?? (to is null ? "running" : "stopped"), _since.AddHours(from), to is { } hours ? _since.AddHours(hours) : null);
}
