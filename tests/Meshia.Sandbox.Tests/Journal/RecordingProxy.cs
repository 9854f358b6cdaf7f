using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Meshia.Sandbox.Tests.Journal;

/// <summary>A request and its answer as they were on the wire. Without an answer the status is null.</summary>
internal sealed record Exchange(string Method, string Target, Dictionary<string, string> Headers, byte[] Body, int? Status, Dictionary<string, string> AnswerHeaders, byte[] AnswerBody);

/// <summary>A proxy that passes bytes on, knows nothing of the sandbox, and keeps what it has passed.</summary>
internal sealed class RecordingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Uri _target;
    private readonly List<Task<(byte[] Sent, byte[] Answered)>> _connections = [];
    private readonly Task _accepting;

    public RecordingProxy(Uri target)
    {
        _target = target;
        _listener.Start();
        Address = new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");
        _accepting = AcceptAsync();
    }

    public Uri Address { get; }

    /// <summary>What has passed. The clients have closed their connections.</summary>
    public async Task<List<Exchange>> ExchangesAsync()
    {
        var exchanges = new List<Exchange>();
        foreach (var connection in _connections)
        {
            var (sent, answered) = await connection;
            for (var (request, answer) = (new WireReader(sent), new WireReader(answered)); !request.IsAtEnd;)
            {
                var (start, headers) = request.Head();
                var method = start[0];
                var body = request.Body(headers, mayHaveBody: headers.ContainsKey("Content-Length") || headers.ContainsKey("Transfer-Encoding"));
                if (answer.IsAtEnd)
                {
                    exchanges.Add(new(method, start[1], headers, body, null, [], []));
                    continue;
                }

                var (status, answerHeaders) = answer.Head();
                var code = int.Parse(status[1], CultureInfo.InvariantCulture);
                exchanges.Add(new(method, start[1], headers, body, code, answerHeaders, answer.Body(answerHeaders, method != "HEAD" && code is not (204 or 304))));
            }
        }

        return exchanges;
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _accepting;
        _listener.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _connections.Add(PassAsync(await _listener.AcceptTcpClientAsync()));
        }
        catch (SocketException)
        {
            // The listener has been stopped.
        }
    }

    private async Task<(byte[] Sent, byte[] Answered)> PassAsync(TcpClient client)
    {
        using (client)
        using (var server = new TcpClient())
        {
            await server.ConnectAsync(_target.Host, _target.Port);
            var sent = CopyAsync(client, server);
            var answered = await CopyAsync(server, client);
            // The sandbox has cut the connection, or the client has ended it.
            client.Client.Close();
            return (await sent, answered);
        }
    }

    private static async Task<byte[]> CopyAsync(TcpClient from, TcpClient to)
    {
        using var kept = new MemoryStream();
        var buffer = new byte[65536];
        try
        {
            while (await from.Client.ReceiveAsync(buffer) is > 0 and var read)
            {
                kept.Write(buffer, 0, read);
                await to.Client.SendAsync(buffer.AsMemory(0, read));
            }

            to.Client.Shutdown(SocketShutdown.Send);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // A cut: what came before it is kept.
        }

        return kept.ToArray();
    }

    /// <summary>Reads messages of HTTP/1.1 one after the other. A cut body is as long as it is.</summary>
    private sealed class WireReader(byte[] bytes)
    {
        private int _at;

        public bool IsAtEnd => _at >= bytes.Length;

        public (string[] Start, Dictionary<string, string> Headers) Head()
        {
            var start = Line().Split(' ', 3);
            var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
            while (Line() is { Length: > 0 } line)
            {
                var (name, value) = (line[..line.IndexOf(':', StringComparison.Ordinal)], line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim());
                headers[name] = headers.TryGetValue(name, out var before) ? $"{before},{value}" : value;
            }

            return (start, headers);
        }

        public byte[] Body(Dictionary<string, string> headers, bool mayHaveBody)
        {
            if (!mayHaveBody)
                return [];
            if (!headers.ContainsKey("Transfer-Encoding"))
                return Take(headers.TryGetValue("Content-Length", out var length) ? int.Parse(length, CultureInfo.InvariantCulture) : bytes.Length);
            var body = new List<byte>();
            while (!IsAtEnd && int.Parse(Line(), NumberStyles.HexNumber, CultureInfo.InvariantCulture) is var size)
            {
                body.AddRange(Take(size));
                Line();
                if (size == 0)
                    break;
            }

            return [.. body];
        }

        private byte[] Take(int count)
        {
            var taken = bytes.AsSpan(_at, Math.Min(count, bytes.Length - _at)).ToArray();
            _at += taken.Length;
            return taken;
        }

        private string Line()
        {
            var rest = bytes.AsSpan(_at);
            var length = rest.IndexOf("\r\n"u8);
            var line = Encoding.Latin1.GetString(length < 0 ? rest : rest[..length]);
            _at = length < 0 ? bytes.Length : _at + length + 2;
            return line;
        }
    }
}
