using System.Globalization;
using Meshia.Sandbox.Time;

namespace Meshia.Sandbox.Connection;

/// <summary>[A] Gives each response, that of the storage too, an id by which it can be spoken of, and the sandbox's time.</summary>
/// <remarks>
/// With one seed, the n-th request after the m-th start has the same id each time. Each part of the sandbox counts by
/// itself, so that looking at the sandbox changes nothing.
/// </remarks>
internal sealed class RequestId(RequestDelegate next, RequestNumbers numbers, Origins origins, SandboxClock clock)
{
    public const string Header = "X-Request-Id";

    // Most requests come in the same second as the one before.
    private volatile Tuple<long, string> _date = Tuple.Create(long.MinValue, "");

    public Task InvokeAsync(HttpContext context)
    {
        var part = origins.IsStorage(context) ? "storage"
            : context.Request.Path.StartsWithSegments(Origins.ApiPath) ? "api"
            : "sandbox";
        context.Response.Headers[Header] = numbers.Next(part);
        context.Response.Headers.Date = Date(clock.Now);
        return next(context);
    }

    private string Date(DateTimeOffset now)
    {
        var known = _date;
        if (known.Item1 != now.ToUnixTimeSeconds())
            _date = known = Tuple.Create(now.ToUnixTimeSeconds(), now.ToString("R", CultureInfo.InvariantCulture));
        return known.Item2;
    }
}

/// <summary>Counts the requests to each part of the sandbox.</summary>
internal sealed class RequestNumbers(Database database, Seed seed)
{
    private const string Setting = "starts";

    private readonly Lock _gate = new();
    private Dictionary<string, long> _counts = [];
    private long _start = Begin(database, long.Parse(database.FindSetting(Setting) ?? "0", CultureInfo.InvariantCulture) + 1);

    public string Next(string part)
    {
        long number;
        lock (_gate)
            _counts[part] = number = _counts.GetValueOrDefault(part) + 1;
        return seed.Id("req", _start.ToString(CultureInfo.InvariantCulture), part, number.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Counts as after the first start, after a reset or an import.</summary>
    public void Reset()
    {
        lock (_gate)
        {
            _counts = [];
            _start = Begin(database, 1);
        }
    }

    private static long Begin(Database database, long start)
    {
        database.SetSetting(Setting, start.ToString(CultureInfo.InvariantCulture));
        return start;
    }
}
