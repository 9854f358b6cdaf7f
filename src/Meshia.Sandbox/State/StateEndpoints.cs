using System.Text.Json;
using Meshia.Sandbox.Connection;
using Meshia.Sandbox.Time;
using Microsoft.AspNetCore.Http.Features;

namespace Meshia.Sandbox.State;

internal sealed class StateEndpoints(SandboxState state, Stepping stepping)
{
    private const long MaxImportBytes = 1L << 30;

    public void MapSandbox(IEndpointRouteBuilder sandbox)
    {
        sandbox.MapPost("/reset", async (HttpContext context) =>
        {
            await stepping.AloneAsync(state.Reset, context.RequestAborted);
            return Results.NoContent();
        });
        sandbox.MapGet("/state", async (HttpContext context) =>
        {
            var export = await stepping.AloneAsync(state.Export, context.RequestAborted);
            return Results.Bytes(export, "application/json");
        });
        sandbox.MapPut("/state", async (HttpContext context) =>
        {
            if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
                size.MaxRequestBodySize = MaxImportBytes;
            try
            {
                using var import = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
                await stepping.AloneAsync(() => state.Import(import.RootElement), context.RequestAborted);
                return Results.NoContent();
            }
            catch (JsonException)
            {
                throw ApiException.Invalid($"The state is not valid JSON. {SandboxState.WhatIsValid}");
            }
        });
    }
}
