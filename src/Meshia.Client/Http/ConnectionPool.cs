#if !NET
using System.Net;
#endif

namespace Meshia;

/// <summary>The one handler that holds connections, shared by all clients for the life of the process.</summary>
internal static class ConnectionPool
{
    /// <summary>How long the making of a connection may take.</summary>
    public static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(20);

    public static HttpMessageHandler Handler { get; } = Create();

#if NET
    private static SocketsHttpHandler Create() => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        Proxy = new ServiceProxy(static () => HttpClient.DefaultProxy),
        ConnectTimeout = ConnectTimeout,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
    };
#else
    private static HttpClientHandler Create()
    {
        // Windows PowerShell 5.1 may still start without TLS 1.2; add it, and take nothing away. Zero means that the system chooses.
        if (ServicePointManager.SecurityProtocol != 0)
            ServicePointManager.SecurityProtocol |= SecurityProtocolType.Tls12;
        return new()
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            Proxy = new ServiceProxy(static () => WebRequest.DefaultWebProxy),
            MaxConnectionsPerServer = 16,
        };
    }
#endif
}
