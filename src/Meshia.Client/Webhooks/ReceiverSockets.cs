using System.Net;
using System.Net.Sockets;

namespace Meshia;

/// <summary>The sockets that a receiver listens with: one, or for <c>localhost</c> one for each of its two addresses.</summary>
internal sealed class ReceiverSockets : IDisposable
{
    /// <summary>A port that is free at one address may be taken at the other.</summary>
    private const int MostTries = 10;

    private readonly List<TcpListener> _listeners = [];

    /// <param name="uri">Where to listen.</param>
    /// <exception cref="ArgumentException">The address is not one to listen at.</exception>
    /// <exception cref="IOException">The port is taken, or the address is not this machine's.</exception>
    public ReceiverSockets(Uri uri)
    {
        var addresses = AddressesOf(uri);
        for (var tries = 1; ; tries++)
        {
            try
            {
                Port = uri.Port;
                foreach (var address in addresses)
                    Listen(address);
                return;
            }
            catch (SocketException failure)
            {
                Dispose();
                if (uri.Port != 0 || _listeners.Count == 0 || tries == MostTries)
                    throw new IOException($"Cannot listen on {uri}: {failure.Message}.", failure);
                _listeners.Clear();
            }
        }
    }

    /// <summary>The port, which is a free one where 0 was asked for.</summary>
    public int Port { get; private set; }

    /// <summary>Accepts connections at every address until cancelled. One that fails is reported, and the next is accepted.</summary>
    /// <param name="ready">Waits until a connection may be accepted.</param>
    /// <param name="accepted">Takes a connection.</param>
    /// <param name="failed">Is told of a connection that failed.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task AcceptAsync(Func<CancellationToken, Task> ready, Action<Socket> accepted, Action<SocketException> failed, CancellationToken cancellationToken)
    {
        using var registration = cancellationToken.Register(Dispose);
        await Task.WhenAll(_listeners.Select(AcceptAtAsync)).ConfigureAwait(false);

        async Task AcceptAtAsync(TcpListener listener)
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                try
                {
                    await ready(cancellationToken).ConfigureAwait(false);
                    accepted(await listener.AcceptSocketAsync().ConfigureAwait(false));
                }
                catch (Exception failure) when (cancellationToken.IsCancellationRequested && failure is OperationCanceledException or SocketException or ObjectDisposedException or InvalidOperationException)
                {
                    return;
                }
                catch (SocketException failure)
                {
                    // One client that goes away at the wrong moment, or too many open files: the receiver goes on.
                    failed(failure);
                    await Task.Delay(TimeSpan.FromMilliseconds(50), CancellationToken.None).ConfigureAwait(false);
                }
            }
        }
    }

    public void Dispose()
    {
        foreach (var listener in _listeners)
            listener.Stop();
    }

    private void Listen(IPAddress address)
    {
        var listener = new TcpListener(address, Port);
        try
        {
            listener.Start();
        }
        catch (SocketException) when (_listeners.Count > 0 && (!Socket.OSSupportsIPv6 || !HasLoopback(address)))
        {
            // This machine has no ::1.
            return;
        }

        _listeners.Add(listener);
        Port = ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static bool HasLoopback(IPAddress address)
    {
        try
        {
            using var probe = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            probe.Bind(new IPEndPoint(address, 0));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static IPAddress[] AddressesOf(Uri uri)
    {
        if (uri.IsAbsoluteUri && uri.Scheme == Uri.UriSchemeHttp)
        {
            if (uri.Host == "localhost")
                return [IPAddress.Loopback, IPAddress.IPv6Loopback];
            if (IPAddress.TryParse(uri.DnsSafeHost, out var address))
                return [address];
        }

        throw new ArgumentException($"'{DisplayText.Clean(uri.OriginalString)}' is not an address to listen on. Example: {WebhookReceiverOptions.DefaultUri}, or http://0.0.0.0:8787/meshia-hook for all addresses of this machine.");
    }
}
