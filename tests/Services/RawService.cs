using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Meshia.Tests;

/// <summary>A service on bare sockets, for what no web server does: half headers, cut bodies, dropped connections, silence.</summary>
internal sealed class RawService : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentBag<Task> _connections = [];
    private readonly ConcurrentQueue<string> _requests = new();
    private readonly Task _accepting;

    /// <param name="script">Serves one connection, which is closed when it returns.</param>
    /// <param name="port">Where; any free port where it is 0.</param>
    public RawService(Func<RawConnection, Task> script, int port = 0)
    {
        _listener = new(IPAddress.Loopback, port);
        _listener.Start();
        _accepting = AcceptAsync(script);
    }

    /// <summary>Method and path of every request, in the order in which they came.</summary>
    public IReadOnlyList<string> Requests => [.. _requests];

    public Uri Origin => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");

    public Uri BaseUri => new(Origin, "/api/v1");

    public async ValueTask DisposeAsync()
    {
        // Only then: a listener that has ended refuses to be asked for one more connection.
        await _stop.CancelAsync();
        await _accepting;
        _listener.Dispose();
        await Task.WhenAll(_connections);
        _stop.Dispose();
    }

    private async Task AcceptAsync(Func<RawConnection, Task> script)
    {
        try
        {
            while (true)
                _connections.Add(ServeAsync(await _listener.AcceptSocketAsync(_stop.Token), script));
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(Socket socket, Func<RawConnection, Task> script)
    {
        await Task.Yield();
        using (socket)
        {
            try
            {
                await script(new(socket, _requests, _stop.Token));
            }
            catch (Exception failure) when (failure is OperationCanceledException or SocketException or EndOfStreamException)
            {
                // The client went away or the test is over.
            }
        }
    }
}

/// <summary>One connection to a <see cref="RawService"/>.</summary>
internal sealed class RawConnection(Socket socket, ConcurrentQueue<string> requests, CancellationToken stop)
{
    /// <summary>Reads a whole request, body included.</summary>
    public async Task<string> ReadRequestAsync()
    {
        var text = new StringBuilder();
        var buffer = new byte[8192];
        while (!IsWhole(text.ToString()))
        {
            var count = await socket.ReceiveAsync(buffer, stop);
            if (count == 0)
                throw new EndOfStreamException();
            text.Append(Encoding.UTF8.GetString(buffer, 0, count));
        }

        var request = text.ToString();
        requests.Enqueue(string.Join(' ', request.Split(' ').Take(2)).Replace("/api/v1", "", StringComparison.Ordinal));
        return request;
    }

    public Task SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text));

    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
            bytes = bytes[await socket.SendAsync(bytes, stop)..];
    }

    /// <summary>Sends an ordinary answer and keeps the connection.</summary>
    public Task AnswerAsync(string body, int status = 200, string headers = "") =>
        SendAsync($"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n{headers}\r\n{body}");

    /// <summary>Says nothing until the client goes away or the test is over.</summary>
    public async Task StaySilentAsync()
    {
        while (await socket.ReceiveAsync(new byte[256], stop) > 0)
        {
        }
    }

    /// <summary>Drops the connection with a reset, without a goodbye.</summary>
    public void Reset() => socket.Close(0);

    private static bool IsWhole(string request)
    {
        var end = request.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (end < 0)
            return false;
        var length = request[..end].Split("\r\n").FirstOrDefault(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase));
        return length is null || request.Length - end - 4 >= int.Parse(length.Split(':')[1], System.Globalization.CultureInfo.InvariantCulture);
    }
}
