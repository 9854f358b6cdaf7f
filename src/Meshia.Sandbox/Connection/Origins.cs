using System.Net;
using System.Net.Sockets;

namespace Meshia.Sandbox.Connection;

/// <summary>The two addresses, API and storage, and the ports behind them. The ports are taken at once, so that they are known.</summary>
internal sealed class Origins : IDisposable
{
    public const string ApiPath = "/api/v1";

    /// <summary>For tests and demonstrations: what begins so is no part of Meshia's contract, and the service has nothing like it.</summary>
    public const string SandboxPath = "/sandbox";

    private readonly Dictionary<IPEndPoint, Socket> _sockets = [];

    /// <exception cref="IOException">A port is in use, or the host is not this machine; the message says which.</exception>
    public Origins(SandboxOptions options)
    {
        Host = options.Host;
        try
        {
            var addresses = Addresses(options.Host);
            Api = Bind(addresses, options.Port);
            Storage = Bind(addresses, options.StoragePort);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The name or address besides loopback that was asked for; null when none was.</summary>
    public string? Host { get; }

    public Uri Api { get; }

    public Uri Storage { get; }

    public IEnumerable<IPEndPoint> EndPoints => _sockets.Keys;

    /// <summary>The socket for one of the endpoints; the server owns it from now on.</summary>
    public Socket Take(EndPoint endPoint) => _sockets[(IPEndPoint)endPoint];

    public bool IsStorage(HttpContext context) => context.Connection.LocalPort == Storage.Port;

    public void Dispose()
    {
        foreach (var socket in _sockets.Values)
            socket.Dispose();
    }

    private static List<IPAddress> Addresses(string? host)
    {
        // Both loopback addresses: some clients take "localhost" for the one, some for the other.
        List<IPAddress> addresses = [IPAddress.Loopback];
        if (Socket.OSSupportsIPv6)
            addresses.Add(IPAddress.IPv6Loopback);
        if (host is null or "localhost")
            return addresses;
        if (Uri.CheckHostName(host) == UriHostNameType.Unknown)
            throw new IOException($"--host must be the name or an address of this machine, without a port. '{host}' is neither.");
        try
        {
            IPAddress[] asked = IPAddress.TryParse(host, out var address) ? [address] : Dns.GetHostAddresses(host);
            if (asked.Contains(IPAddress.Any))
                return [IPAddress.Any];
            return asked.Contains(IPAddress.IPv6Any) ? [IPAddress.IPv6Any] : [.. addresses.Union(asked)];
        }
        catch (SocketException exception)
        {
            throw new IOException($"--host must be the name or an address of this machine. '{host}' is not known: {exception.Message}", exception);
        }
    }

    private Uri Bind(List<IPAddress> addresses, int port)
    {
        const int Attempts = 20;
        for (var attempt = 1; attempt < Attempts; attempt++)
        {
            var bound = new Dictionary<IPEndPoint, Socket>();
            try
            {
                foreach (var address in addresses)
                    BindOne(bound, address, bound.Count == 0 ? port : bound.Keys.First().Port);
                foreach (var (endPoint, socket) in bound)
                    _sockets.Add(endPoint, socket);
                var host = Host is null or "localhost" ? "127.0.0.1" : Host is "0.0.0.0" or "::" ? Dns.GetHostName() : Host;
                return new UriBuilder(Uri.UriSchemeHttp, host, bound.Keys.First().Port).Uri;
            }
            catch (SocketException exception)
            {
                foreach (var socket in bound.Values)
                    socket.Dispose();
                if (port != 0)
                    throw new IOException($"Port {port} cannot be used: {exception.Message}.", exception);
                // A free port of one address may be taken on the other.
            }
        }

        throw new IOException("No port is free on all addresses.");
    }

    private static void BindOne(Dictionary<IPEndPoint, Socket> bound, IPAddress address, int port)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (address.Equals(IPAddress.IPv6Any))
                socket.DualMode = true;
            socket.Bind(new IPEndPoint(address, port));
            bound.Add((IPEndPoint)socket.LocalEndPoint!, socket);
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.AddressNotAvailable && address.Equals(IPAddress.IPv6Loopback))
        {
            // IPv6 is known to the system, but switched off.
            socket.Dispose();
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
