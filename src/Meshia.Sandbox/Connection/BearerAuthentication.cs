using Microsoft.AspNetCore.Http.Features;

namespace Meshia.Sandbox.Connection;

/// <summary>[D] Every request carries a key as a bearer token.</summary>
internal sealed class BearerAuthentication(RequestDelegate next, ApiKeys keys)
{
    private const string Scheme = "Bearer ";

    public Task InvokeAsync(HttpContext context)
    {
        var header = context.Request.Headers.Authorization.ToString();
        var key = header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? keys.Find(header[Scheme.Length..].Trim()) : null;
        var isSandbox = context.Request.Path.StartsWithSegments(Origins.SandboxPath);
        if (key is null || (key.RevokedAt is not null && !isSandbox))
            throw Refuse(context, header.Length == 0 ? "The Authorization header is missing." : "The API key is not valid.");
        // A revoked key may still undo that it was revoked.
        if (isSandbox && !keys.IsMain(key))
            throw Refuse(context, $"Only the key that the sandbox was started with is accepted below {Origins.SandboxPath}.");
        context.Features.Set(key);
        return next(context);
    }

    private static ApiException Refuse(HttpContext context, string message)
    {
        context.Response.Headers.WWWAuthenticate = "Bearer";
        return new ApiException(StatusCodes.Status401Unauthorized, ErrorCodes.Unauthorized, message);
    }
}

internal static class AuthenticatedContext
{
    /// <summary>The account of the key that the request carries.</summary>
    public static Account GetAccount(this HttpContext context) => context.Features.GetRequiredFeature<ApiKey>().Account;
}
