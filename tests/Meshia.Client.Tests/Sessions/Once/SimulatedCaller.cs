namespace Meshia.Client.Tests;

/// <summary>A process that calls <c>New-MeshiaSession -Once</c>, runs a job on what it gets, and stops what it created.</summary>
internal sealed class SimulatedCaller(Simulation simulation, SimulatedStart start, string token, int number, bool isRerun)
{
    private readonly Random _random = simulation.Random;
    private readonly double _clockError = simulation.Random.Next(20) == 0 ? 3600 : (simulation.Random.NextDouble() * 240) - 120;
    private readonly Dictionary<string, SeenSession> _seen = [];
    private readonly HashSet<string> _askedToStop = [];
    private bool _isDead;
    private bool _isDone;
    private Pod? _busyPod;

    public override string ToString() => number.ToString(System.Globalization.CultureInfo.InvariantCulture);

    public void Begin() => Perform(start.Begin(Elapsed));

    /// <summary>Ends the process as kill -9 does. What it has sent takes effect all the same. Returns whether it was still running.</summary>
    public bool Kill()
    {
        if (_isDone)
            return false;
        _isDead = true;
        if (_busyPod is not null)
            _busyPod.Jobs--;
        return true;
    }

    /// <summary>
    /// Whether it lived, knew of a duplicate and of the older session, believed to the end that the duplicate was not ready, and never
    /// asked to stop it.
    /// </summary>
    public bool Neglected(string duplicate, string older) =>
        !_isDead && _seen.TryGetValue(duplicate, out var last) && last.IsProvisioning && _seen.ContainsKey(older) && !_askedToStop.Contains(duplicate);

    private TimeSpan Elapsed => TimeSpan.FromSeconds(simulation.Now);

    private void After(double seconds, Action action) => simulation.At(simulation.Now + seconds, () =>
    {
        if (!_isDead)
            action();
    });

    private double Latency() => 0.05 + (_random.NextDouble() * 0.6);

    private bool Fault() => _random.Next(100) < simulation.Weather.FaultRate;

    private void Perform(OnceStep step)
    {
        simulation.Trace?.Invoke($"{number} {step}");
        switch (step)
        {
            case OnceStep.List:
                Look(look => Perform(start.Listed(look, Elapsed)));
                break;
            case OnceStep.Wait(var time, _):
                After(time.TotalSeconds, () => Perform(OnceStart.Waited()));
                break;
            case OnceStep.Get(var id):
                Get(id, session => Perform(start.Got(id, session, Elapsed)));
                break;
            case OnceStep.Stop(var id):
                simulation.Outcome.Stops++;
                if (simulation.SendsStops)
                    Stop(id, isAtEnd: false, isConfirmed => Perform(start.Stopped(id, isConfirmed, Elapsed)));
                else
                    Perform(start.Stopped(id, true, Elapsed));
                break;
            case OnceStep.Create(var name):
                Create(name.Text);
                break;
            case OnceStep.HandOut(var session, var adopted):
                HandedOut(session.Id, adopted);
                break;
            case OnceStep.Fail(_, _, var ids):
                simulation.Outcome.Unsettled++;
                simulation.Reported.UnionWith(ids);
                LookLater(() => _isDone = true);
                break;
        }
    }

    /// <summary>Reads all pages, one after the other.</summary>
    private void Look(Action<OnceLook> then)
    {
        var seen = new List<SeenSession>();
        DateTimeOffset? date = null;
        var began = simulation.Now;
        Page(0);

        void Page(int number) => After(Request() + PageWait(), () =>
        {
            var now = simulation.Now;
            var (items, hasMore) = simulation.Service.Page(number, now);
            date ??= SimulatedService.DateAt(now);
            seen.AddRange(items);
            After(Latency(), () =>
            {
                foreach (var item in items)
                    See(item);
                if (hasMore)
                    Page(number + 1);
                else
                    then(new(seen, true, date, date.Value.AddSeconds(_clockError)) { Duration = TimeSpan.FromSeconds(simulation.Now - began) });
            });
        });
    }

    private double PageWait() => simulation.Weather.PageWait == 0 ? 0 : _random.NextDouble() * simulation.Weather.PageWait;

    /// <summary>How long a read takes until the service answers; what fails is sent again.</summary>
    private double Request()
    {
        simulation.Outcome.Requests++;
        var time = Latency();
        while (Fault())
            time += 1 + (_random.NextDouble() * 3);
        return time;
    }

    private void Get(string id, Action<SeenSession?> then) => After(Request(), () =>
    {
        var session = simulation.Service.Get(id, simulation.Now);
        After(Latency(), () =>
        {
            if (session is not null)
                See(session);
            then(session);
        });
    });

    private void See(SeenSession session)
    {
        if (SessionName.Parse(session.Name).Token == token)
            _seen[session.Id] = _seen.TryGetValue(session.Id, out var known) ? SessionBook.Merge(known, session) : session;
    }

    /// <summary>Sends something that changes the service. Returns at once; it may take effect late or never, and the answer may be lost.</summary>
    private void Send(Action effect, Action<bool> then)
    {
        simulation.Outcome.Requests++;
        var arrives = Latency();
        if (!Fault())
        {
            simulation.At(simulation.Now + arrives, effect);
            After(arrives + Latency(), () => then(true));
            return;
        }

        switch (_random.Next(4))
        {
            case 0: // The request is lost.
                break;
            case 1: // It takes effect, and the answer is lost.
                simulation.At(simulation.Now + arrives, effect);
                break;
            case 2: // An error comes, after it took effect.
                simulation.At(simulation.Now + arrives, effect);
                After(arrives + Latency(), () => then(false));
                return;
            default: // It takes effect late, whether the caller has an error or nothing.
                simulation.At(simulation.Now + (_random.NextDouble() * simulation.Weather.Delay), effect);
                if (_random.Next(2) == 0)
                {
                    After(arrives + Latency(), () => then(false));
                    return;
                }

                break;
        }

        After(1 + (_random.NextDouble() * 20), () => then(false));
    }

    private void Create(string name)
    {
        SeenSession? answer = null;
        Send(
            () =>
            {
                var pod = simulation.Service.Create(name, simulation.Now);
                simulation.Trace?.Invoke($"{number} pod {pod.Id} ready {pod.Ready:0}");
                answer = simulation.Service.See(pod, simulation.Now);
            },
            hasAnswer => Perform(start.Created(hasAnswer ? new OnceCreation.Created(answer!) : new OnceCreation.Unknown(), Elapsed)));
    }

    private void Stop(string id, bool isAtEnd, Action<bool> then)
    {
        _askedToStop.Add(id);
        var sent = simulation.Now;
        Send(
            () =>
            {
                if (simulation.Service.Stop(id, simulation.Now, isAtEnd) > 0)
                    simulation.Trace?.Invoke($"LOST {id}: stop sent at {sent:0.0}");
            },
            then);
    }

    private void HandedOut(string id, bool adopted)
    {
        var pod = simulation.Service.Pods.Find(pod => pod.Id == id)!;
        simulation.Outcome.HandedOut++;
        // Its key is another one, or it ended before it was asked for.
        if (SessionName.Parse(pod.Name).Token != token || pod.Stopping < simulation.Now - 2)
            simulation.Outcome.WrongAdoptions++;
        LookLater(() => { });
        // The caller learns from a poll that the pod runs.
        After(Math.Max(0, pod.Ready - simulation.Now) + Latency() + (_random.NextDouble() * 5), () =>
        {
            if (!pod.IsLiveAt(simulation.Now))
            {
                _isDone = true;
                return;
            }

            pod.Jobs++;
            _busyPod = pod;
            After(30 + (_random.NextDouble() * 400), () =>
            {
                pod.Jobs--;
                _busyPod = null;
                simulation.Outcome.JobsDone++;
                if (!adopted || isRerun)
                    StopAtEnd(id);
                else
                    _isDone = true;
            });
        });
    }

    private void StopAtEnd(string id) => Stop(id, isAtEnd: true, isConfirmed =>
    {
        if (isConfirmed)
            _isDone = true;
        else
            StopAtEnd(id);
    });

    private void StopIfProvisioning(string id, int stops = 0) => Get(id, session =>
    {
        if (session is { IsProvisioning: true })
        {
            Stop(id, isAtEnd: false, isConfirmed =>
            {
                if (!isConfirmed && stops + 1 < OnceStart.MaxStops)
                    StopIfProvisioning(id, stops + 1);
            });
        }
        else if (session is { HasEnded: false })
        {
            simulation.Reported.Add(id);
        }
    });

    private void LookLater(Action then)
    {
        if (start.LaterLookAt is not { } at)
        {
            then();
            return;
        }

        After(Math.Max(0, at.TotalSeconds - simulation.Now), () => Look(look =>
        {
            var leftovers = start.LookLater(look, Elapsed);
            simulation.Trace?.Invoke($"{number} later {leftovers.ToStop.Count} {leftovers.ToStopIfProvisioning.Count} {leftovers.ToReport.Count}");
            simulation.Reported.UnionWith(leftovers.ToReport);
            if (simulation.SendsStops)
            {
                foreach (var id in leftovers.ToStop)
                {
                    Stop(id, isAtEnd: false, isConfirmed =>
                    {
                        if (!isConfirmed)
                            StopIfProvisioning(id);
                    });
                }

                foreach (var id in leftovers.ToStopIfProvisioning)
                    StopIfProvisioning(id);
            }

            then();
        }));
    }
}
