using System.Globalization;

namespace Meshia.Client.Tests;

/// <summary>
/// The algorithm of <c>-Once</c> in a seeded simulation. The normal run has 2,000 schedules. To run more:
/// <c>MESHIA_TEST_SCHEDULES=100000 dotnet test tests/Meshia.Client.Tests --filter FullyQualifiedName~OnceSimulationTests</c>.
/// A session that runs is never stopped, because a job may use it. So a duplicate stays, and is reported, where each process that knew of
/// it was killed, or its stop was lost, before the session ran. Such duplicates are counted apart, and a bound stands for how rare they are.
/// </summary>
public sealed class OnceSimulationTests(ITestOutputHelper output)
{
    private static readonly int _schedules = int.Parse(Environment.GetEnvironmentVariable("MESHIA_TEST_SCHEDULES") ?? "2000", CultureInfo.InvariantCulture);

    [Fact]
    public void No_extra_pod_remains_no_pod_of_another_key_is_used_and_no_job_loses_its_pod()
    {
        var sum = RunAll(Weather.Usual, Real, explains: true);

        // The schedules must be hard enough to mean something.
        Assert.True(sum.Kills > _schedules && sum.Stops > _schedules / 4 && sum.JobsDone > _schedules, sum.ToString());
        Assert.Equal((0, 0, 0), (sum.Extra, sum.WrongAdoptions, sum.LostJobs));
        Assert.InRange(sum.Undecided, 0, _schedules / 10_000);
    }

    [Fact]
    public void Where_the_service_lists_at_once_nothing_need_settle()
    {
        var sum = RunAll(Weather.Immediate, (request, _) => new RealStart(request, new(TimeSpan.Zero)), explains: true);

        Assert.True(sum.Stops > 0 && sum.JobsDone > _schedules, sum.ToString());
        Assert.Equal((0, 0, 0), (sum.Extra, sum.WrongAdoptions, sum.LostJobs));
    }

    [Fact]
    public void Where_pods_run_within_seconds_no_caller_leaves_out_a_stop_and_no_job_loses_its_pod()
    {
        var sum = RunAll(Weather.QuickPods, Real);

        Assert.Equal((0, 0, 0), (sum.Extra, sum.WrongAdoptions, sum.LostJobs));
        Assert.InRange(sum.Undecided, 0, _schedules / 50);
    }

    [Fact]
    public void Where_the_pages_of_a_list_wait_for_their_turn_no_extra_pod_remains_and_no_job_loses_its_pod()
    {
        var sum = RunAll(Weather.SlowPages, Real, explains: true);

        Assert.True(sum.Stops > 0 && sum.JobsDone > _schedules, sum.ToString());
        Assert.Equal((0, 0, 0), (sum.Extra, sum.WrongAdoptions, sum.LostJobs));
        Assert.InRange(sum.Undecided, 0, _schedules / 1_000);
    }

    [Fact]
    public void Where_lists_lag_by_two_minutes_at_most_one_job_in_10000_loses_its_pod()
    {
        var sum = RunAll(Weather.SlowLists, Real);

        Assert.Equal(0, sum.WrongAdoptions);
        Assert.InRange(sum.LostJobs, 0, sum.JobsDone / 10_000);
    }

    [Fact]
    public void The_simulation_sees_jobs_lose_their_pods_where_a_session_is_handed_out_after_25_s()
    {
        var sum = RunAll(Weather.QuickPods, (request, _) => new RealStart(request, new(OnceTiming.DefaultSettleTime) { HandOutAge = TimeSpan.FromSeconds(25) }));

        Assert.True(sum.LostJobs > 0, sum.ToString());
    }

    [Fact]
    public void The_simulation_sees_extra_pods_where_duplicates_are_not_stopped()
    {
        var sum = RunAll(Weather.Usual, Real, sendsStops: false);

        Assert.True(sum.Extra > _schedules / 10, sum.ToString());
    }

    [Fact]
    public void The_simulation_sees_extra_pods_where_the_list_is_read_once_after_the_request()
    {
        var sum = RunAll(Weather.Usual, (request, _) => new OneLookStart(request));

        Assert.True(sum.Extra > _schedules / 10, sum.ToString());
    }

    [Fact]
    public void The_simulation_sees_extra_pods_and_wrong_adoptions_with_a_journal_on_local_disk()
    {
        var sum = RunAll(Weather.Usual, (request, disk) => new JournalStart(request, disk));

        Assert.True(sum.Extra > _schedules / 10 && sum.WrongAdoptions > _schedules / 100, sum.ToString());
    }

    private static RealStart Real(OnceRequest request, Dictionary<string, DateTimeOffset> disk) => new(request, new(OnceTiming.DefaultSettleTime));

    private Outcome RunAll(Func<Random, Weather> weatherOf, Func<OnceRequest, Dictionary<string, DateTimeOffset>, SimulatedStart> startOf, bool sendsStops = true, bool explains = false)
    {
        var sum = new Outcome();
        var firstBad = int.MaxValue;
        Parallel.For(
            0,
            _schedules,
            () => new Outcome(),
            (seed, _, part) =>
            {
                var outcome = new Simulation(seed, weatherOf, startOf, sendsStops).Run();
                part.Add(outcome);
                if (outcome.LeftOver + outcome.WrongAdoptions + outcome.LostJobs > 0)
                    InterlockedMin(ref firstBad, seed);
                return part;
            },
            part =>
            {
                lock (sum)
                    sum.Add(part);
            });
        output.WriteLine(sum.ToString());
        if (explains && firstBad != int.MaxValue)
            Show(new(firstBad, weatherOf, startOf, sendsStops), firstBad);
        return sum;
    }

    /// <summary>Shows a schedule with a fault, step by step.</summary>
    private void Show(Simulation simulation, int seed)
    {
        output.WriteLine($"Seed {seed}: {simulation.Weather}");
        simulation.Trace = text => output.WriteLine(FormattableString.Invariant($"{simulation.Now,7:0.0} {text}"));
        output.WriteLine(simulation.Run().ToString());
    }

    private static void InterlockedMin(ref int target, int value)
    {
        for (var known = Volatile.Read(ref target); value < known;)
            known = Interlocked.CompareExchange(ref target, value, known) == known ? value : Volatile.Read(ref target);
    }
}
