using System.Globalization;
using Meshia.Sandbox.Connection;

namespace Meshia.Sandbox.Faults;

/// <summary>
/// The faults that are set. Whether one hits is a hash of the seed, the fault and the number of the match, so that what does
/// not match it changes nothing, however it is mixed in.
/// </summary>
internal sealed class FaultBook(Seed seed)
{
    private readonly Lock _gate = new();
    private List<Fault> _faults = [];
    private long _added;
    private volatile bool _any;

    public IReadOnlyList<Fault> All
    {
        get
        {
            lock (_gate)
                return [.. _faults];
        }
    }

    /// <summary>The longest time by which a list may lag at present, in seconds.</summary>
    public double ListLag
    {
        get
        {
            if (!_any)
                return 0;
            lock (_gate)
                return _faults.Where(fault => fault.Effect == FaultEffect.Lag && fault.Hits < (fault.Count ?? long.MaxValue)).Select(fault => fault.Seconds ?? 30).DefaultIfEmpty().Max();
        }
    }

    public Fault Add(RequestBody body)
    {
        lock (_gate)
        {
            var fault = Fault.Read(body, NextId());
            Set([.. _faults, fault]);
            return fault;
        }
    }

    /// <summary>Puts these instead of all that are set. Their matches and hits count on only where that is asked for.</summary>
    public void ReplaceAll(IEnumerable<RequestBody> bodies, bool keepCounts = false)
    {
        lock (_gate)
        {
            Set(
            [
                .. bodies.Select(body => keepCounts
                    ? Fault.Read(body, NextId()) with { Matches = body.OptionalInteger("matches", 0, long.MaxValue) ?? 0, Hits = body.OptionalInteger("hits", 0, long.MaxValue) ?? 0 }
                    : Fault.Read(body, NextId())),
            ]);
        }
    }

    public Fault Replace(string id, RequestBody body)
    {
        lock (_gate)
        {
            var place = Place(id);
            var fault = Fault.Read(body, id);
            _faults[place] = fault;
            return fault;
        }
    }

    public Fault Get(string id)
    {
        lock (_gate)
            return _faults[Place(id)];
    }

    public void Remove(string id)
    {
        lock (_gate)
        {
            _faults.RemoveAt(Place(id));
            Set(_faults);
        }
    }

    /// <summary>Removes all; with the same seed the next ones are what the first ones were.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            Set([]);
            _added = 0;
        }
    }

    /// <summary>The faults that hit this request: one outcome at most, and any views of the answer.</summary>
    public IReadOnlyList<Fault> NextForRequest(FaultSubject subject, string method, string path) => Next(subject, method, path);

    public Fault? NextForSession(string name) => Next(FaultSubject.Session, null, name).FirstOrDefault();

    public Fault? NextForMessage(string eventName) => Next(FaultSubject.Webhook, null, eventName).FirstOrDefault();

    private List<Fault> Next(FaultSubject subject, string? method, string text)
    {
        if (!_any)
            return [];
        var hits = new List<Fault>();
        lock (_gate)
        {
            for (var i = 0; i < _faults.Count; i++)
            {
                var fault = _faults[i];
                if (fault.Target.Subject != subject || !fault.Target.IsMatch(method, text))
                    continue;
                fault = fault with { Matches = fault.Matches + 1 };
                var isTaken = subject is FaultSubject.Session or FaultSubject.Webhook
                    ? hits.Count > 0
                    : !fault.Effect.IsView() && hits.Exists(hit => !hit.Effect.IsView());
                if (!isTaken && fault.Matches > fault.Skip && fault.Hits < (fault.Count ?? long.MaxValue) && Decide(fault))
                {
                    fault = fault with { Hits = fault.Hits + 1 };
                    hits.Add(fault);
                }

                _faults[i] = fault;
            }
        }

        return hits;
    }

    private bool Decide(Fault fault) => fault.Probability >= 1 || FaultChance.Of(fault.Seed ?? seed.Value, fault.Identity, fault.Matches) < fault.Probability;

    private int Place(string id)
    {
        var place = _faults.FindIndex(fault => fault.Id == id);
        return place >= 0 ? place : throw ApiException.NotFound("fault", id);
    }

    private string NextId() => seed.Id("flt", (++_added).ToString(CultureInfo.InvariantCulture));

    private void Set(List<Fault> faults)
    {
        _faults = faults;
        _any = faults.Count > 0;
    }
}

/// <summary>The chance that decides: a number from 0 up to, but not including, 1.</summary>
internal static class FaultChance
{
    public static double Of(long seed, string identity, long number) =>
        new Seed(seed).Fraction("fault", identity, number.ToString(CultureInfo.InvariantCulture));

    public static double Of(long seed, string identity, string item) => new Seed(seed).Fraction("fault-item", identity, item);
}
