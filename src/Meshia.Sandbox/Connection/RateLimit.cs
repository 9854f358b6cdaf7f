using System.Globalization;
using Meshia.Sandbox.Time;
using Microsoft.AspNetCore.Http.Features;

namespace Meshia.Sandbox.Connection;

/// <summary>
/// [D] So many requests a minute per key, then 429 with <c>Retry-After</c>. [A] A fixed window and the <c>X-RateLimit-*</c> headers.
/// The limiters of the base library cannot be given a clock, and their <c>Retry-After</c> is the whole window, not what is left of it.
/// </summary>
internal sealed class RateLimit(RequestDelegate next, SandboxOptions options, SandboxClock clock)
{
    private readonly string _limit = options.RateLimit.ToString(CultureInfo.InvariantCulture);

    public Task InvokeAsync(HttpContext context)
    {
        var (allowed, remaining, wait) = context.Features.GetRequiredFeature<ApiKey>().Rate.Take(options.RateLimit, clock.RateTime);
        var headers = context.Response.Headers;
        headers["X-RateLimit-Limit"] = _limit;
        headers["X-RateLimit-Remaining"] = remaining.ToString(CultureInfo.InvariantCulture);
        headers["X-RateLimit-Reset"] = (((clock.Now + wait).ToUnixTimeMilliseconds() + 999) / 1000).ToString(CultureInfo.InvariantCulture);
        if (allowed)
            return next(context);

        var seconds = (int)Math.Ceiling(wait.TotalSeconds);
        headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        throw new ApiException(StatusCodes.Status429TooManyRequests, ErrorCodes.RateLimited,
            $"More than {options.RateLimit} requests in a minute. Try again in {seconds} s.");
    }
}

/// <summary>The minute of one key.</summary>
internal sealed class RateWindow
{
    private static readonly TimeSpan _window = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private DateTimeOffset _reset;
    private int _used;

    /// <summary>Takes one request, if one is left, and says how many then are, and how long the window still lasts.</summary>
    public (bool Allowed, int Remaining, TimeSpan Wait) Take(int limit, DateTimeOffset now)
    {
        lock (_gate)
        {
            if (now >= _reset)
                (_reset, _used) = (now + _window, 0);
            var allowed = _used < limit;
            if (allowed)
                _used++;
            return (allowed, limit - _used, _reset - now);
        }
    }

    public void Reset()
    {
        lock (_gate)
            _reset = default;
    }
}
