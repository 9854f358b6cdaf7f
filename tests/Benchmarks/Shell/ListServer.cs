using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Meshia.Benchmarks;

/// <summary>A process that gives every request the same list of sessions, which it made before.</summary>
internal sealed class ListServer : IDisposable
{
    private readonly Process _process;

    private ListServer(Process process, string baseUri) => (_process, BaseUri) = (process, baseUri);

    /// <summary>With <c>/api/v1</c>.</summary>
    public string BaseUri { get; }

    public static async Task<ListServer> StartAsync(int sessions)
    {
        var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [.. Program.Self, "answer", sessions.ToString(CultureInfo.InvariantCulture)]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        return new(process, (await process.StandardOutput.ReadLineAsync())!);
    }

    /// <summary>The server itself: until standard input ends.</summary>
    public static async Task ServeAsync(int sessions)
    {
        var list = string.Join(',', Enumerable.Range(0, sessions).Select(SessionJson));
        var body = $$"""{"sessions":[{{list}}]}""";
        using var listener = Listen(body);
        Console.WriteLine(AddressOf(listener));
        await Console.In.ReadToEndAsync();
    }

    /// <summary>One session, as the service gives it for its id.</summary>
    public static string OneSession { get; } = SessionJson(0);

    /// <summary>Answers every request with the same text, from this process.</summary>
    public static TcpListener Listen(string body, Action? onRequest = null)
    {
        var answer = Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}");
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        _ = Task.Run(async () =>
        {
            try
            {
                while (true)
                {
                    var socket = await listener.AcceptSocketAsync();
                    socket.NoDelay = true;
                    _ = Task.Run(() => AnswerAsync(socket, answer, onRequest));
                }
            }
            catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
            {
                // Disposed.
            }
        });
        return listener;
    }

    /// <summary>With <c>/api/v1</c>.</summary>
    public static string AddressOf(TcpListener listener) => $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/api/v1";

    private static string SessionJson(int number) =>
        $$"""{"id":"sess_{{number:x16}}","name":"run {{number}}","gpu":"rtx4090","repo":null,"status":"running","created_at":"2026-11-01T10:00:00Z"}""";

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }

    private static async Task AnswerAsync(Socket socket, byte[] answer, Action? onRequest)
    {
        using (socket)
        {
            try
            {
                // A request without a body ends with an empty line, and each comes whole.
                var buffer = new byte[8192];
                while (await socket.ReceiveAsync(buffer) is > 0 and var count)
                {
                    onRequest?.Invoke();
                    for (var rest = new ReadOnlyMemory<byte>(answer); buffer.AsSpan(0, count).EndsWith("\r\n\r\n"u8) && !rest.IsEmpty;)
                        rest = rest[await socket.SendAsync(rest)..];
                }
            }
            catch (SocketException)
            {
                // The client went away.
            }
        }
    }
}
