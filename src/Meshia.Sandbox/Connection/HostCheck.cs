using System.Net;

namespace Meshia.Sandbox.Connection;

/// <summary>
/// Keeps out pages in a browser. A page whose name was made to lead here (DNS rebinding) is known by its <c>Host</c>; a
/// page from elsewhere by its <c>Origin</c>.
/// </summary>
internal sealed class HostCheck(RequestDelegate next, Origins origins)
{
    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        if (!IsOurs(request.Host.Host))
            throw new ApiException(StatusCodes.Status421MisdirectedRequest, ErrorCodes.HostRefused,
                "The Host header must be localhost or an address of this machine.");
        var origin = request.Headers.Origin.ToString();
        if (origin.Length > 0 && !origin.Equals($"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase))
            throw new ApiException(StatusCodes.Status403Forbidden, ErrorCodes.OriginRefused, "A page of another origin may not use the sandbox.");
        if (request.Headers["Sec-Fetch-Site"] == "cross-site")
            throw new ApiException(StatusCodes.Status403Forbidden, ErrorCodes.OriginRefused, "A page of another site may not use the sandbox.");
        return next(context);
    }

    private bool IsOurs(string host)
    {
        if (host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || host.Equals(origins.Host, StringComparison.OrdinalIgnoreCase))
            return true;
        // A name can be made to lead anywhere, an address cannot. Beyond loopback they count only where that was asked for.
        return IPAddress.TryParse(host.Trim('[', ']'), out var address)
            ? IPAddress.IsLoopback(address) || origins.Host is not null
            : origins.Host is not null && host.Equals(Dns.GetHostName(), StringComparison.OrdinalIgnoreCase);
    }
}
