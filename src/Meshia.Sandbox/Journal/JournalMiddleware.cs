using Meshia.Sandbox.Connection;
using Meshia.Sandbox.Faults;
using Meshia.Sandbox.Time;
using Microsoft.AspNetCore.Http.Features;

namespace Meshia.Sandbox.Journal;

/// <summary>Writes down every request to the API and the storage, with its answer.</summary>
/// <remarks>
/// An answer ends on the wire only after this: it has no length, or nothing of it has been flushed. So a caller that has read it
/// finds it in the journal.
/// </remarks>
internal sealed class JournalMiddleware(RequestDelegate next, RequestJournal journal, Origins origins, SandboxClock clock)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var isStorage = origins.IsStorage(context);
        if (!isStorage && !context.Request.Path.StartsWithSegments(Origins.ApiPath))
        {
            await next(context);
            return;
        }

        var at = clock.Now;
        var (features, request) = (context.Features, context.Request);
        var (wire, sent) = (features.GetRequiredFeature<IHttpResponseBodyFeature>(), request.Body);
        var received = features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false } ? null : new RecordedRequest(sent);
        var answered = isStorage || HttpMethods.IsHead(request.Method) ? null : new RecordedAnswer(wire);
        if (received is not null)
            request.Body = received;
        if (answered is not null)
            features.Set<IHttpResponseBodyFeature>(answered);
        try
        {
            await next(context);
        }
        finally
        {
            if (answered is not null)
                features.Set(wire);
            if (received is not null)
            {
                request.Body = sent;
                await received.ReadRestAsync(context);
            }

            journal.Add(Entry(context, at, isStorage, received?.Kept, answered?.Kept));
            if (context.IsCut())
                context.Abort();
        }
    }

    private static JournalEntry Entry(HttpContext context, DateTimeOffset at, bool isStorage, KeptBytes? received, KeptBytes? answered)
    {
        var (request, response) = (context.Request, context.Response);
        request.Path.StartsWithSegments(Origins.ApiPath, out var path);
        var usualPath = (isStorage ? request.Path : path).ToString();
        var isCut = !response.HasStarted && (context.IsCut() || context.RequestAborted.IsCancellationRequested);
        return new JournalEntry(
            usualPath, new(request.Headers), received ?? KeptBytes.None, isCut ? default : new(response.Headers), answered ?? KeptBytes.None)
        {
            RequestId = response.Headers[RequestId.Header].ToString(),
            At = at,
            Part = isStorage ? "storage" : "api",
            Method = request.Method,
            Path = SentPath(context, isStorage ? "" : Origins.ApiPath) ?? usualPath,
            Query = request.QueryString.ToString(),
            Status = isCut ? null : response.StatusCode,
            Fault = context.Features.Get<FaultNames>() is { } names ? string.Join(", ", names.Names) : null,
        };
    }

    /// <summary>The path as it was sent; null where it does not begin in the usual way, as with an absolute address.</summary>
    private static string? SentPath(HttpContext context, string start)
    {
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        return target.StartsWith($"{start}/", StringComparison.Ordinal) ? target[start.Length..].Split('?')[0] : null;
    }
}
