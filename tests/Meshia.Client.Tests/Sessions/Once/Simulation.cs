namespace Meshia.Client.Tests;

/// <summary>One seeded schedule: several callers of one key, and one of another key with the same name, against a service that misbehaves.</summary>
internal sealed class Simulation
{
    private const string BaseName = "nightly";

    private readonly PriorityQueue<Action, double> _events = new();
    private readonly List<SimulatedCaller> _callers = [];
    private readonly Func<OnceRequest, Dictionary<string, DateTimeOffset>, SimulatedStart> _startOf;

    public Simulation(int seed, Func<Random, Weather> weatherOf, Func<OnceRequest, Dictionary<string, DateTimeOffset>, SimulatedStart> startOf, bool sendsStops = true)
    {
        Random = new(seed);
        Weather = weatherOf(Random);
        Service = new(Random, Weather);
        SendsStops = sendsStops;
        _startOf = startOf;
        var callers = Random.Next(2, 7);
        var spread = Random.Next(3) switch { 0 => 2, 1 => 40, _ => 400 };
        for (var i = 0; i < callers; i++)
            Launch("one", Random.NextDouble() * spread, [], isRerun: false);
        Launch("other", Random.NextDouble() * spread, [], isRerun: false);
    }

    public Random Random { get; }

    public Weather Weather { get; }

    public SimulatedService Service { get; }

    /// <summary>Whether the caller really sends the stops that the algorithm asks for.</summary>
    public bool SendsStops { get; }

    public double Now { get; private set; }

    /// <summary>Hears what happens, to find out about one seed.</summary>
    public Action<string>? Trace { get; set; }

    public Outcome Outcome { get; } = new();

    /// <summary>The pods that a caller reported as duplicates that run.</summary>
    public HashSet<string> Reported { get; } = [];

    public static OnceRequest Request(string key) => new(BaseName, OnceKey.From(key), "rtx4090", null, null);

    public Outcome Run()
    {
        while (_events.TryDequeue(out var action, out var time))
        {
            Now = time;
            action();
        }

        Sweep();
        var pods = Service.Pods;
        foreach (var pod in pods.Where(pod => double.IsInfinity(pod.Stopping)))
        {
            if (pods.Find(older => older.Name == pod.Name && IsOlder(older, pod) && pod.Created < older.Stopping) is not { } first)
                continue;
            Trace?.Invoke($"{pod.Id} is left over; callers that could have stopped it: {string.Join(", ", _callers.Where(caller => caller.Neglected(pod.Id, first.Id)))}; reported: {Reported.Contains(pod.Id)}");
            // What runs is never stopped, because a job may use it: then no caller that lived may have had the chance, and one must have reported it.
            if (Reported.Contains(pod.Id) && !_callers.Exists(caller => caller.Neglected(pod.Id, first.Id)))
                Outcome.Undecided++;
            else
                Outcome.Extra++;
        }

        Outcome.LostJobs = Service.LostJobs;
        Outcome.Pods = pods.Count;
        return Outcome;
    }

    /// <summary>What <c>Stop-MeshiaSession -Duplicate</c> does, once at the end.</summary>
    private void Sweep()
    {
        var end = Now + Weather.Lag;
        var (provisioning, _) = SessionSelection.Duplicates(Service.Pods.Select(pod => Service.See(pod, end)!));
        foreach (var pod in provisioning)
            Service.Stop(pod.Id, end, isAtEnd: false);
    }

    /// <summary>As all callers see it: by <c>created_at</c>, then by id.</summary>
    private static bool IsOlder(Pod left, Pod right) => left.CreatedSays < right.CreatedSays || (left.CreatedSays == right.CreatedSays && string.CompareOrdinal(left.Id, right.Id) < 0);

    public void At(double time, Action action) => _events.Enqueue(action, Math.Max(time, Now));

    /// <summary>Starts a caller. Some are killed, at any moment; the job is then run again, on the same machine or on a new one.</summary>
    public void Launch(string key, double time, Dictionary<string, DateTimeOffset> disk, bool isRerun)
    {
        var caller = new SimulatedCaller(this, _startOf(Request(key), disk), Request(key).Once.Token, _callers.Count + 1, isRerun);
        _callers.Add(caller);
        At(time, caller.Begin);
        if (Random.Next(100) >= 35)
            return;
        var killed = time + (Random.Next(2) == 0 ? Random.NextDouble() * 5 : Random.NextDouble() * 200);
        At(killed, () =>
        {
            if (!caller.Kill())
                return;
            Outcome.Kills++;
            Trace?.Invoke($"{caller} killed");
            Launch(key, Now + (Random.NextDouble() * 60), Random.Next(2) == 0 ? disk : [], isRerun: true);
        });
    }
}

/// <summary>What came of one schedule.</summary>
internal sealed class Outcome
{
    /// <summary>Duplicates that are left over after one sweep, and that a caller could have stopped or that no caller reported.</summary>
    public int Extra { get; set; }

    public int WrongAdoptions { get; set; }

    public int LostJobs { get; set; }

    public int Pods { get; set; }

    public int HandedOut { get; set; }

    public int JobsDone { get; set; }

    public int Stops { get; set; }

    public int Kills { get; set; }

    public int Unsettled { get; set; }

    public int Requests { get; set; }

    /// <summary>Duplicates that ran before a caller that lived could stop them, and that a caller reported.</summary>
    public int Undecided { get; set; }

    /// <summary>All that are left over.</summary>
    public int LeftOver => Extra + Undecided;

    public void Add(Outcome other)
    {
        Extra += other.Extra;
        WrongAdoptions += other.WrongAdoptions;
        LostJobs += other.LostJobs;
        Pods += other.Pods;
        HandedOut += other.HandedOut;
        JobsDone += other.JobsDone;
        Stops += other.Stops;
        Kills += other.Kills;
        Unsettled += other.Unsettled;
        Requests += other.Requests;
        Undecided += other.Undecided;
    }

    public override string ToString() =>
        $"extra {Extra}, undecided {Undecided}, wrong {WrongAdoptions}, lost jobs {LostJobs}; pods {Pods}, handed out {HandedOut}, jobs done {JobsDone}, duplicates stopped {Stops}, kills {Kills}, unsettled {Unsettled}, requests {Requests}";
}
