using System.Security.Cryptography;
using System.Text;

namespace Meshia.Sandbox.Connection;

/// <summary>[D] Every request carries the key as a bearer token.</summary>
internal sealed class BearerAuthentication(RequestDelegate next, ApiKey key)
{
    private const string Scheme = "Bearer ";

    public Task InvokeAsync(HttpContext context)
    {
        var header = context.Request.Headers.Authorization.ToString();
        if (header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) && key.Is(header[Scheme.Length..].Trim()))
            return next(context);
        context.Response.Headers.WWWAuthenticate = "Bearer";
        throw new ApiException(StatusCodes.Status401Unauthorized, ErrorCodes.Unauthorized,
            header.Length == 0 ? "The Authorization header is missing." : "The API key is not valid.");
    }
}

/// <summary>The one key that the sandbox accepts.</summary>
internal sealed class ApiKey(string value)
{
    public const string Prefix = "msh_";

    // Hashes have one length, so the comparison takes the same time whatever is offered.
    private readonly byte[] _hash = SHA256.HashData(Encoding.UTF8.GetBytes(value));

    public static string Generate() => $"{Prefix}sandbox_{RandomNumberGenerator.GetHexString(40, lowercase: true)}";

    public bool Is(string offered) =>
        CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(offered)), _hash);
}
