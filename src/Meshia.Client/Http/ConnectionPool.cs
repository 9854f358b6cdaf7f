using System.Collections.Concurrent;
#if !NET
using System.Net;
#endif
using System.Security.Cryptography.X509Certificates;

namespace Meshia;

/// <summary>
/// The handlers that hold connections, shared by all clients for the life of the process: one for all hosts, and one for each
/// service that is shown a client certificate.
/// </summary>
internal static class ConnectionPool
{
    /// <summary>How long the making of a connection may take.</summary>
    public static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(20);

    /// <summary>How long a connection may be used: a longer wait would never see that the service has another address.</summary>
    private static readonly TimeSpan _lifetime = TimeSpan.FromMinutes(5);

#if !NET
    private static readonly ServiceProxy _proxy = new(static () => WebRequest.DefaultWebProxy);
#endif

    /// <summary>By host and certificate.</summary>
    private static readonly ConcurrentDictionary<string, HttpMessageHandler> _certified = new(StringComparer.Ordinal);

    /// <summary>The handler that shows no certificate.</summary>
    public static HttpMessageHandler Handler { get; } = Create();

    /// <summary>The handler for requests to a service.</summary>
    /// <param name="options">The address of the service, and the client certificate.</param>
    public static HttpMessageHandler For(MeshiaClientOptions options) => options.ClientCertificate is { } certificate
        ? _certified.GetOrAdd($"{options.BaseUri.IdnHost} {Convert.ToBase64String(certificate.RawData)}", _ => Create(options.BaseUri.IdnHost, certificate))
        : Handler;

#if NET
    private static SocketsHttpHandler Create(string host, X509Certificate2 certificate)
    {
        var handler = Create();
        // A proxy with TLS of its own would otherwise be shown the certificate too.
        handler.SslOptions.LocalCertificateSelectionCallback = (_, target, _, _, _) => string.Equals(target, host, StringComparison.OrdinalIgnoreCase) ? certificate : null!;
        return handler;
    }

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

    /// <summary>.NET Framework speaks to a proxy without TLS, so that only the service is shown the certificate.</summary>
    private static HttpClientHandler Create(string _, X509Certificate2 certificate)
    {
        var handler = Create();
        handler.ClientCertificateOptions = ClientCertificateOption.Manual;
        handler.ClientCertificates.Add(certificate);
        return handler;
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
