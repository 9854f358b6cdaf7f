#if !NET
using System.Net;
#endif

namespace Meshia;

/// <summary>The one handler that holds connections, shared by all clients for the life of the process.</summary>
internal static class ConnectionPool
{
    /// <summary>How long the making of a connection may take.</summary>
    public static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(20);

    /// <summary>How long a connection may be used: a longer wait would never see that the service has another address.</summary>
    private static readonly TimeSpan _lifetime = TimeSpan.FromMinutes(5);

#if !NET
    private static readonly ServiceProxy _proxy = new(static () => WebRequest.DefaultWebProxy);
#endif

    public static HttpMessageHandler Handler { get; } = Create();

#if NET
    private static SocketsHttpHandler Create() => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        Proxy = new ServiceProxy(static () => HttpClient.DefaultProxy),
        ConnectTimeout = ConnectTimeout,
        PooledConnectionLifetime = _lifetime,
    };
#else
    private const int MostConnections = 16;

    /// <summary>Sets what .NET Framework has other defaults for, for one host and not for the process, which is the user's.</summary>
    /// <param name="uri">An address of the host.</param>
    public static void Prepare(Uri uri)
    {
        var point = ServicePointManager.FindServicePoint(uri, _proxy);
        point.ConnectionLimit = Math.Max(point.ConnectionLimit, MostConnections);
        point.ConnectionLeaseTimeout = (int)_lifetime.TotalMilliseconds;
        // It would wait up to 350 ms for a leave to send the body.
        point.Expect100Continue = false;
        point.UseNagleAlgorithm = false;
    }

    private static HttpClientHandler Create()
    {
        // Windows PowerShell 5.1 may still start without TLS 1.2; add it, and take nothing away. Zero means that the system chooses.
        if (ServicePointManager.SecurityProtocol != 0)
            ServicePointManager.SecurityProtocol |= SecurityProtocolType.Tls12;
        return new()
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            Proxy = _proxy,
            MaxConnectionsPerServer = MostConnections,
        };
    }
#endif
}
