using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace Meshia.Benchmarks;

/// <summary>A storage on bare sockets that is faster than what it serves: one file, ranges, and a rate for each connection.</summary>
internal sealed class StorageServer(long size, long bytesPerSecond) : IDisposable
{
    private const int BlockSize = 1024 * 1024;

    private readonly byte[] _block = MakeBlock();
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    /// <summary>Serves until standard input ends. The first line on standard output is the origin and the file's SHA-256.</summary>
    public static async Task RunAsync(long size, long bytesPerSecond)
    {
        using var server = new StorageServer(size, bytesPerSecond);
        server._listener.Start();
        _ = server.AcceptAsync();
        Console.WriteLine($"{server.Origin} {server.Sha256()}");
        await Console.In.ReadToEndAsync();
    }

    public void Dispose() => _listener.Dispose();

    private string Origin => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    private static byte[] MakeBlock()
    {
        var block = new byte[BlockSize];
        new Random(1).NextBytes(block);
        return block;
    }

    private string Sha256()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var position = 0L; position < size; position += BlockSize)
            hash.AppendData(_block, 0, (int)Math.Min(BlockSize, size - position));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            var socket = await _listener.AcceptSocketAsync();
            socket.NoDelay = true;
            _ = Task.Run(() => ServeAsync(socket));
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        using (socket)
        {
            try
            {
                while (await ReadRequestAsync(socket) is { } request)
                    await AnswerAsync(socket, request);
            }
            catch (SocketException)
            {
                // The client went away.
            }
        }
    }

    private static async Task<string?> ReadRequestAsync(Socket socket)
    {
        var text = new StringBuilder();
        var buffer = new byte[4096];
        while (!text.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            var count = await socket.ReceiveAsync(buffer);
            if (count == 0)
                return null;
            text.Append(Encoding.ASCII.GetString(buffer, 0, count));
        }

        return text.ToString();
    }

    private async Task AnswerAsync(Socket socket, string request)
    {
        if (request.StartsWith("GET /api/", StringComparison.Ordinal))
        {
            var json = $$"""{"url":"{{Origin}}/file"}""";
            await SendAsync(socket, Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {json.Length}\r\n\r\n{json}"));
            return;
        }

        var (from, to) = (0L, size - 1);
        var range = request.Split("\r\n").FirstOrDefault(line => line.StartsWith("Range: bytes=", StringComparison.OrdinalIgnoreCase))?["Range: bytes=".Length..].Split('-');
        if (range is not null)
        {
            from = long.Parse(range[0], CultureInfo.InvariantCulture);
            to = range[1].Length > 0 ? long.Parse(range[1], CultureInfo.InvariantCulture) : to;
        }

        var status = range is null ? "200 OK" : $"206 Partial Content\r\nContent-Range: bytes {from}-{to}/{size}";
        await SendAsync(socket, Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\nETag: \"one\"\r\nAccept-Ranges: bytes\r\nContent-Length: {to - from + 1}\r\n\r\n"));
        var watch = Stopwatch.StartNew();
        var piece = bytesPerSecond > 0 ? (int)Math.Min(BlockSize, Math.Max(1, bytesPerSecond / 50)) : BlockSize;
        for (var position = from; position <= to;)
        {
            var offset = (int)(position % BlockSize);
            var count = (int)Math.Min(Math.Min(BlockSize - offset, piece), to - position + 1);
            await SendAsync(socket, _block.AsMemory(offset, count));
            position += count;
            var due = bytesPerSecond > 0 ? TimeSpan.FromSeconds((double)(position - from) / bytesPerSecond) - watch.Elapsed : TimeSpan.Zero;
            if (due > TimeSpan.Zero)
                await Task.Delay(due);
        }
    }

    private static async Task SendAsync(Socket socket, ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
            bytes = bytes[await socket.SendAsync(bytes)..];
    }
}
