using Meshia.Sandbox.Connection;

namespace Meshia.Sandbox.Time;

internal sealed class ClockEndpoints(SandboxClock clock, Stepping stepping, WakeSignal wake)
{
    public void MapSandbox(IEndpointRouteBuilder sandbox)
    {
        sandbox.MapGet("/clock", () => Results.Json(Show(), Wire.Json));
        sandbox.MapPut("/clock", async (HttpRequest request) =>
        {
            var body = await RequestBody.ReadAsync(request);
            body.RefuseUnknown("stands_still");
            if (!body.Has("stands_still"))
                throw ApiException.Invalid("'stands_still' must be true or false.");
            clock.StandStill(body.OptionalFlag("stands_still"));
            wake.Set();
            return Results.Json(Show(), Wire.Json);
        });
        sandbox.MapPost("/clock/step", async (HttpContext context) =>
        {
            var body = await RequestBody.ReadAsync(context.Request);
            body.RefuseUnknown("seconds", "to", "until_idle");
            var seconds = body.OptionalNumber("seconds", 0, 366 * 24 * 3600);
            var to = body.OptionalTime("to");
            if (new[] { seconds is not null, to is not null, body.OptionalFlag("until_idle") }.Count(given => given) != 1)
                throw ApiException.Invalid("Give one of 'seconds', 'to' and 'until_idle'.");
            if (to < clock.Now)
                throw ApiException.Invalid($"'to' must not be before {Wire.Time(clock.Now)}: the clock goes only forward.");
            if (seconds is not null)
                to = clock.Now + TimeSpan.FromSeconds(seconds.Value);
            if (to > SandboxClock.Latest)
                throw ApiException.Invalid($"The clock goes no further than {Wire.Time(SandboxClock.Latest)}.");
            var events = await stepping.StepAsync(to, context.RequestAborted);
            return Results.Json(new { clock.Now, clock.StandsStill, events }, Wire.Json);
        });
    }

    private object Show() => new { clock.Now, clock.StandsStill };
}
