using System.Globalization;
using System.Net.Mime;
using Meshia.Sandbox.Connection;
using Meshia.Sandbox.Time;
using Microsoft.AspNetCore.Http.Features;

namespace Meshia.Sandbox.Faults;

/// <summary>Lets the faults hit the requests to the API, before or after the work.</summary>
internal sealed class FaultMiddleware(
    RequestDelegate next, FaultBook faults, LateRequests late, ApiKeys keys, Seed seed, SandboxClock clock, TimeProvider real)
{
    public Task InvokeAsync(HttpContext context)
    {
        context.Request.Path.StartsWithSegments(Origins.ApiPath, out var path);
        var hits = faults.NextForRequest(FaultSubject.Request, context.Request.Method, path);
        if (context.AskedFault(FaultSubject.Request) is { } asked)
            hits = [.. hits, asked];
        return hits.Count == 0 ? next(context) : HitAsync(context, hits);
    }

    private async Task HitAsync(HttpContext context, IReadOnlyList<Fault> hits)
    {
        foreach (var hit in hits)
        {
            context.NameFault(hit);
            if (hit.Effect == FaultEffect.Delay)
                await Task.Delay(TimeSpan.FromSeconds(hit.Seconds ?? 5), real, context.RequestAborted);
            if (hit.Effect == FaultEffect.Lag)
                context.Features.Set(new ListLag(hit, hit.Seed ?? seed.Value, clock.Now));
        }

        var outcome = hits.FirstOrDefault(hit => !hit.Effect.IsView());
        switch (outcome?.Effect)
        {
            case FaultEffect.CutBefore:
                context.Cut();
                break;
            case FaultEffect.LandLate:
                await late.AddAsync(context, next, TimeSpan.FromSeconds(outcome.Seconds ?? 5));
                context.Cut();
                break;
            case FaultEffect.Status:
            case FaultEffect.Throttle:
            case FaultEffect.Html:
                await FaultAnswer.WriteAsync(context, outcome, clock.Now);
                break;
            case FaultEffect.RevokeKey:
                keys.SetRevoked(context.Features.GetRequiredFeature<ApiKey>().Id, true);
                context.Response.Headers.WWWAuthenticate = "Bearer";
                throw new ApiException(StatusCodes.Status401Unauthorized, ErrorCodes.Unauthorized, "The API key has been revoked.");
            case null when !hits.Any(hit => hit.Effect is FaultEffect.BareNaN or FaultEffect.Vary):
                await next(context);
                break;
            default:
                await AnswerAsync(context, hits, outcome);
                break;
        }
    }

    /// <summary>Does the work, then changes what is sent of it.</summary>
    private async Task AnswerAsync(HttpContext context, IReadOnlyList<Fault> hits, Fault? outcome)
    {
        var body = await CaptureAsync(context);
        foreach (var hit in hits)
        {
            body = hit.Effect switch
            {
                FaultEffect.BareNaN => BareNumbers.Write(body),
                FaultEffect.Vary => Variation.Of(context, body, hit, hit.Seed ?? seed.Value),
                FaultEffect.Empty => [],
                FaultEffect.Malformed => body[..(body.Length / 2)],
                _ => body,
            };
        }

        if (outcome?.Effect == FaultEffect.CutAfter)
        {
            context.Cut();
            return;
        }

        if (outcome?.Effect == FaultEffect.StatusAfter)
        {
            context.Response.Headers.Remove("Location");
            await FaultAnswer.WriteAsync(context, outcome, clock.Now);
            return;
        }

        context.Response.ContentLength = null;
        if (outcome?.Effect is not (FaultEffect.CutBody or FaultEffect.Stall or FaultEffect.Trickle or FaultEffect.Corrupt))
        {
            if (body.Length > 0)
                await context.Response.Body.WriteAsync(body, context.RequestAborted);
            else if (context.Response.StatusCode != StatusCodes.Status204NoContent)
                context.Response.ContentLength = 0;
            return;
        }

        context.Response.ContentLength = body.Length;
        await using var faulty = new FaultyBody(context, outcome, outcome.Seed ?? seed.Value, real);
        await faulty.WriteAsync(body, context.RequestAborted);
    }

    private async Task<byte[]> CaptureAsync(HttpContext context)
    {
        var wire = context.Response.Body;
        using var buffer = new MemoryStream();
        context.Response.Body = buffer;
        try
        {
            await next(context);
            await context.Response.BodyWriter.FlushAsync();
        }
        finally
        {
            context.Response.Body = wire;
        }

        return buffer.ToArray();
    }
}

/// <summary>The errors that faults answer with.</summary>
internal static class FaultAnswer
{
    private const string GatewayPage = """
        <html>
        <head><title>502 Bad Gateway</title></head>
        <body><center><h1>502 Bad Gateway</h1></center><hr><center>nginx</center></body>
        </html>

        """;

    public static async Task WriteAsync(HttpContext context, Fault fault, DateTimeOffset now)
    {
        var response = context.Response;
        var status = fault.Status ?? fault.Effect switch
        {
            FaultEffect.Throttle => StatusCodes.Status429TooManyRequests,
            FaultEffect.Html => StatusCodes.Status502BadGateway,
            FaultEffect.StatusAfter => StatusCodes.Status500InternalServerError,
            _ => StatusCodes.Status503ServiceUnavailable,
        };
        response.StatusCode = status;
        response.ContentLength = null;
        var retryAfter = fault.RetryAfter ?? (fault.Effect == FaultEffect.Throttle ? "1" : null);
        if (retryAfter is not null && RetryAfter(retryAfter, now) is { } value)
            response.Headers.RetryAfter = value;
        var form = fault.Body ?? (fault.Effect == FaultEffect.Html ? "html" : "json");
        if (form == "json")
        {
            var error = new { code = status == 429 ? ErrorCodes.RateLimited : ErrorCodes.Internal, message = $"A fault makes the sandbox answer {status} ({fault.Effect})." };
            await response.WriteAsJsonAsync(new { error }, Wire.Json, context.RequestAborted);
            return;
        }

        var text = form switch { "html" => GatewayPage, "text" => "upstream connect error or disconnect/reset before headers", _ => "" };
        response.ContentType = form == "html" ? MediaTypeNames.Text.Html : form == "text" ? MediaTypeNames.Text.Plain : null;
        if (text.Length == 0)
            response.ContentLength = 0;
        else
            await response.WriteAsync(text, context.RequestAborted);
    }

    /// <summary>The header in the form that was asked for; null if it is to be missing.</summary>
    private static string? RetryAfter(string form, DateTimeOffset now) => form.ToLowerInvariant() switch
    {
        "none" => null,
        "zero" => "0",
        "negative" => "-1",
        "fraction" => "0.5",
        "long" => "3600",
        "invalid" => "soon",
        "empty" => "",
        "date" => (now + TimeSpan.FromSeconds(2)).ToString("R", CultureInfo.InvariantCulture),
        "past" => (now - TimeSpan.FromMinutes(1)).ToString("R", CultureInfo.InvariantCulture),
        _ => form,
    };
}
