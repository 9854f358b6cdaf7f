using System.Globalization;

namespace Meshia.Sandbox.Connection;

/// <summary>
/// [D] So many requests a minute per key, then 429 with <c>Retry-After</c>. [A] A fixed window and the <c>X-RateLimit-*</c> headers.
/// Only the one valid key gets this far, so there is one window. The limiters of the base library cannot
/// be given a clock, and their <c>Retry-After</c> is the whole window, not what is left of it.
/// </summary>
internal sealed class RateLimit(RequestDelegate next, SandboxOptions options, TimeProvider time)
{
    private static readonly TimeSpan _window = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private DateTimeOffset _reset;
    private int _used;

    public Task InvokeAsync(HttpContext context)
    {
        var (allowed, remaining, reset, wait) = Take();
        var headers = context.Response.Headers;
        headers["X-RateLimit-Limit"] = options.RateLimit.ToString(CultureInfo.InvariantCulture);
        headers["X-RateLimit-Remaining"] = remaining.ToString(CultureInfo.InvariantCulture);
        headers["X-RateLimit-Reset"] = Math.Ceiling(reset.ToUnixTimeMilliseconds() / 1000.0).ToString(CultureInfo.InvariantCulture);
        if (allowed)
            return next(context);

        var seconds = (int)Math.Ceiling(wait.TotalSeconds);
        headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        throw new ApiException(StatusCodes.Status429TooManyRequests, ErrorCodes.RateLimited,
            $"More than {options.RateLimit} requests in a minute. Try again in {seconds} s.");
    }

    private (bool Allowed, int Remaining, DateTimeOffset Reset, TimeSpan Wait) Take()
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            if (now >= _reset)
                (_reset, _used) = (now + _window, 0);
            var allowed = _used < options.RateLimit;
            if (allowed)
                _used++;
            return (allowed, options.RateLimit - _used, _reset, _reset - now);
        }
    }
}
