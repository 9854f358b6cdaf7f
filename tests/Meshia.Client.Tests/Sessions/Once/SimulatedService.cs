namespace Meshia.Client.Tests;

/// <summary>How the service and the network misbehave in one schedule.</summary>
/// <param name="Lag">How late a list may show a change, in seconds.</param>
/// <param name="Flaps">Whether each look shows each session with a lag of its own, so that sessions come and go.</param>
/// <param name="Skew">How wrong <c>created_at</c> may be, in seconds.</param>
/// <param name="HasFractions">Whether times have fractions of a second.</param>
/// <param name="PageSize">Sessions on one page of a list.</param>
/// <param name="FaultRate">How many requests in a hundred go wrong.</param>
/// <param name="Delay">How much later than it was sent a request may take effect, in seconds.</param>
/// <param name="Provisioning">How long a pod is made ready, in seconds.</param>
internal sealed record Weather(double Lag, bool Flaps, double Skew, bool HasFractions, int PageSize, int FaultRate, double Delay, double Provisioning)
{
    /// <summary>How long the request for a page may wait for its turn, in seconds.</summary>
    public double PageWait { get; init; }

    /// <summary>Pods that are ready after one to seven minutes.</summary>
    public static Weather Usual(Random random) => Lagging(random, 30, random.Next(120, 300));

    /// <summary>Pods that are ready after a few seconds.</summary>
    public static Weather QuickPods(Random random) => Lagging(random, 30, random.Next(5, 40));

    /// <summary>Lists whose pages wait for the requests a minute, so that reading all of them may take a minute or more.</summary>
    public static Weather SlowPages(Random random) => Usual(random) with { PageSize = 2, PageWait = 20 };

    /// <summary>Lists that lag by more than is assumed.</summary>
    public static Weather SlowLists(Random random) => Lagging(random, 120, random.Next(120, 300));

    /// <summary>A service that lists at once, as the sandbox does; requests and answers are lost all the same.</summary>
    public static Weather Immediate(Random random) => new(0, false, 0, true, 3, random.Next(0, 35), 0, random.Next(1, 40));

    /// <summary>Between 0 and 1, and often 1: the worst is the interesting case.</summary>
    public static double Part(Random random) => Math.Min(1, random.NextDouble() * 1.5);

    private static Weather Lagging(Random random, double lag, double provisioning) => new(
        lag * Part(random),
        random.Next(2) == 0,
        random.NextDouble(),
        random.Next(2) == 0,
        random.Next(2, 6),
        random.Next(0, 35),
        20,
        provisioning);
}

/// <summary>A pod, and when its list entry changed.</summary>
internal sealed class Pod
{
    public required string Id { get; init; }

    public required string Name { get; init; }

    public required double Created { get; init; }

    public required double CreatedSays { get; init; }

    public required double Ready { get; init; }

    public required double ItemLag { get; init; }

    /// <summary>When it began to stop, and when it has stopped.</summary>
    public double Stopping { get; set; } = double.PositiveInfinity;

    public double Stopped { get; set; } = double.PositiveInfinity;

    /// <summary>Jobs that run on it now.</summary>
    public int Jobs { get; set; }

    public bool IsLiveAt(double time) => time >= Created && time < Stopping;
}

/// <summary>The service of a simulation: pods, and lists that lag. Times are seconds.</summary>
internal sealed class SimulatedService(Random random, Weather weather)
{
    private static readonly DateTimeOffset _epoch = new(2026, 11, 26, 12, 0, 0, TimeSpan.Zero);

    public List<Pod> Pods { get; } = [];

    /// <summary>Jobs that lost their pod to a stop that was not theirs.</summary>
    public int LostJobs { get; private set; }

    public static DateTimeOffset TimeAt(double seconds) => _epoch.AddTicks((long)(seconds * TimeSpan.TicksPerSecond));

    /// <summary>The service's <c>Date</c>: full seconds.</summary>
    public static DateTimeOffset DateAt(double seconds) => TimeAt(Math.Floor(seconds));

    public Pod Create(string name, double time)
    {
        var says = time + (((random.NextDouble() * 2) - 1) * weather.Skew);
        var pod = new Pod
        {
            Id = $"sess_{random.Next(1 << 24):x6}{Pods.Count}",
            Name = name,
            Created = time,
            CreatedSays = weather.HasFractions ? says : Math.Floor(says),
            Ready = time + (weather.Provisioning * (0.5 + random.NextDouble())),
            ItemLag = Weather.Part(random) * weather.Lag,
        };
        Pods.Add(pod);
        return pod;
    }

    /// <param name="id">The pod's id.</param>
    /// <param name="time">When.</param>
    /// <param name="isAtEnd">Whether its own job stops it at its end.</param>
    /// <returns>How many jobs lost their pod.</returns>
    public int Stop(string id, double time, bool isAtEnd)
    {
        if (Pods.Find(pod => pod.Id == id) is not { } pod || !pod.IsLiveAt(time))
            return 0;
        pod.Stopping = time;
        pod.Stopped = time + (random.NextDouble() * 4);
        var lost = isAtEnd ? 0 : pod.Jobs;
        LostJobs += lost;
        return lost;
    }

    /// <summary>A session as it was at a time.</summary>
    public SeenSession? See(Pod pod, double time) => time < pod.Created
        ? null
        : new(
            pod.Id,
            pod.Name,
            "rtx4090",
            null,
            time >= pod.Stopped ? "stopped" : time >= pod.Stopping ? "stopping" : time >= pod.Ready ? "running" : "provisioning",
            TimeAt(pod.CreatedSays),
            time >= pod.Stopped ? TimeAt(weather.HasFractions ? pod.Stopped : Math.Floor(pod.Stopped)) : null);

    public SeenSession? Get(string id, double time) => Pods.Find(pod => pod.Id == id) is { } pod ? See(pod, time) : null;

    /// <summary>One page of the list, newest first. Pages shift when the list changes between two of them.</summary>
    public (List<SeenSession> Items, bool HasMore) Page(int number, double time)
    {
        var shown = new List<SeenSession>();
        for (var i = Pods.Count - 1; i >= 0; i--)
        {
            if (See(Pods[i], time - (weather.Flaps ? Weather.Part(random) * weather.Lag : Pods[i].ItemLag)) is { } session)
                shown.Add(session);
        }

        var start = number * weather.PageSize;
        return (shown.Skip(start).Take(weather.PageSize).ToList(), shown.Count > start + weather.PageSize);
    }
}
