using System.Net;
using System.Net.Sockets;

namespace Meshia.Tests;

/// <summary>Ports for what has to be told one before it listens.</summary>
internal static class Ports
{
    // Below those that the system gives to outgoing connections, one of which could take it meanwhile.
    private const int First = 20_000;
    private const int Count = 10_000;

    private static int _next = Random.Shared.Next(Count);

    /// <summary>A port that nobody listens at, and that no other test is given.</summary>
    public static int Free()
    {
        while (true)
        {
            var port = First + (Interlocked.Increment(ref _next) % Count);
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
                return port;
            }
            catch (SocketException)
            {
                // Somebody has it; the next, then.
            }
        }
    }
}
