using Meshia.Sandbox.Connection;
using Meshia.Sandbox.Time;
using Microsoft.AspNetCore.Http.Features;

namespace Meshia.Sandbox.Faults;

/// <summary>Requests whose answer was lost before they arrived. Each takes effect at its time, without an answer.</summary>
internal sealed class LateRequests(IServiceProvider services, SandboxClock clock, ILogger<LateRequests> logger)
{
    private readonly Lock _gate = new();
    private readonly PriorityQueue<Func<Task>, (DateTimeOffset, long)> _waiting = new();
    private long _added;

    public DateTimeOffset? NextDue
    {
        get
        {
            lock (_gate)
                return _waiting.TryPeek(out _, out var place) ? place.Item1 : null;
        }
    }

    /// <summary>Takes in a request, to pass it on later.</summary>
    public async Task AddAsync(HttpContext context, RequestDelegate next, TimeSpan delay)
    {
        var request = context.Request;
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, context.RequestAborted);
        var features = new FeatureCollection();
        features.Set<IHttpRequestFeature>(new HttpRequestFeature
        {
            Method = request.Method,
            Scheme = request.Scheme,
            Protocol = request.Protocol,
            PathBase = request.PathBase,
            Path = request.Path,
            QueryString = request.QueryString.ToString(),
            Headers = new HeaderDictionary(request.Headers.ToDictionary(header => header.Key, header => header.Value)),
            Body = new MemoryStream(body.ToArray()),
        });
        features.Set<IHttpResponseFeature>(new HttpResponseFeature());
        features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(Stream.Null));
        features.Set(context.Features.GetRequiredFeature<ApiKey>());
        var later = new DefaultHttpContext(features) { RequestServices = services };
        later.SetEndpoint(context.GetEndpoint());
        later.Request.RouteValues = context.Request.RouteValues;
        // Faults that hit sessions are asked for in the same header.
        later.Request.Headers.Remove(FaultContext.Header);
        lock (_gate)
            _waiting.Enqueue(() => next(later), (clock.Now + delay, ++_added));
    }

    /// <summary>Lets those land that are due by now, one after another.</summary>
    public async Task RunDueAsync()
    {
        while (TakeDue() is { } land)
        {
            try
            {
                await land();
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                logger.LateRequestFailed(exception);
            }
        }
    }

    public void Clear()
    {
        lock (_gate)
            _waiting.Clear();
    }

    private Func<Task>? TakeDue()
    {
        lock (_gate)
            return _waiting.TryPeek(out _, out var place) && place.Item1 <= clock.Now ? _waiting.Dequeue() : null;
    }
}
