using System.Net;

namespace Meshia;

/// <summary>
/// Keeps pages in a browser away from a receiver that verifies nothing: any page may send a request to this machine, and
/// with a DNS name that it makes lead here (DNS rebinding) it may read the answer.
/// </summary>
/// <param name="uri">Where the receiver listens.</param>
internal sealed class BrowserGuard(Uri uri)
{
    /// <summary>Why a request is refused; null if it is not.</summary>
    /// <param name="request">The request.</param>
    public string? Problem(HttpRequestHead request)
    {
        if (request.Headers.ContainsKey("Origin") || request.Headers.ContainsKey("Sec-Fetch-Site"))
            return "The request comes from a web page. Without a secret such requests are refused.";
        if (request.Header("Host") is { } host && !IsOurs(host))
            return $"The request is for another host. Without a secret, send it to an IP address, to localhost or to {uri.Host}; a proxy must set the Host header to one of these.";
        return null;
    }

    private bool IsOurs(string host)
    {
        var name = Uri.TryCreate($"http://{host}/", UriKind.Absolute, out var parsed) ? parsed.DnsSafeHost : "";
        return IPAddress.TryParse(name, out _) || name.Equals("localhost", StringComparison.OrdinalIgnoreCase) || name.Equals(uri.DnsSafeHost, StringComparison.OrdinalIgnoreCase);
    }
}
