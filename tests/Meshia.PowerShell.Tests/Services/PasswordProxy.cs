using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Meshia.PowerShell.Tests;

/// <summary>
/// A proxy that wants a user name and a password, and behind it the service that a request asks for: with TLS, under a certificate
/// of a private authority. What the proxy itself sees is what came before the TLS.
/// </summary>
internal sealed class PasswordProxy : IAsyncDisposable
{
    public const string Host = "meshia.example";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<string> _seen = new();
    private readonly ConcurrentQueue<string> _requests = new();
    private readonly ConcurrentBag<Task> _connections = [];
    private readonly X509Certificate2 _certificate;
    private readonly Func<string, string> _answer;
    private readonly Task _accepting;

    /// <param name="answer">What the service answers to a request, all of it, by the request's text.</param>
    public PasswordProxy(Func<string, string>? answer = null)
    {
        _answer = answer ?? (static _ => Json("[]"));
        using var authority = new PrivateAuthority();
        (Authority, _certificate) = (authority.Pem, authority.Issue(Host));
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>User name and password, as they are sent.</summary>
    public string Credentials { get; } = $"svc:{Password}";

    public static string Password => "S3cret@x/%";

    /// <summary>What the proxy answers to somebody who has the password, in place of a tunnel.</summary>
    public string? Refusal { get; init; }

    /// <summary>The certificate of the authority, as PEM.</summary>
    public string Authority { get; }

    /// <summary>The address with the password, as a user writes it into <c>HTTPS_PROXY</c>.</summary>
    public string Address(string? password = null) => $"http://svc:{Uri.EscapeDataString(password ?? Password)}@127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    /// <summary>The heads that the proxy saw.</summary>
    public IReadOnlyList<string> Seen => [.. _seen];

    /// <summary>The requests that the service got.</summary>
    public IReadOnlyList<string> Requests => [.. _requests];

    public static string Json(string body, string status = "200 OK", string headers = "") =>
        $"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n{headers}\r\n{body}";

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _accepting;
        _listener.Dispose();
        await Task.WhenAll(_connections);
        _certificate.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _connections.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        try
        {
            using (client)
            {
                var stream = client.GetStream();
                while (await ReadAsync(stream) is { Length: > 0 } head)
                {
                    _seen.Enqueue(head);
                    var right = $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes(Credentials))}";
                    if (!head.Contains($"Proxy-Authorization: {right}\r\n", StringComparison.OrdinalIgnoreCase))
                    {
                        await stream.WriteAsync(Encoding.UTF8.GetBytes(Json("{}", "407 Proxy Authentication Required", "Proxy-Authenticate: Basic realm=\"x\"\r\n").Replace("Connection: close\r\n", "", StringComparison.Ordinal)), _stop.Token);
                        continue;
                    }

                    if (Refusal is not null)
                    {
                        await stream.WriteAsync(Encoding.UTF8.GetBytes(Refusal), _stop.Token);
                        return;
                    }

                    await stream.WriteAsync("HTTP/1.1 200 Connection established\r\n\r\n"u8.ToArray(), _stop.Token);
                    using var tls = new SslStream(stream);
                    await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _certificate }, _stop.Token);
                    var request = await ReadAsync(tls);
                    if (request.Length == 0)
                        return;
                    _requests.Enqueue(request);
                    await tls.WriteAsync(Encoding.UTF8.GetBytes(_answer(request)), _stop.Token);
                    await tls.ShutdownAsync();
                    return;
                }
            }
        }
        catch (Exception failure) when (failure is IOException or OperationCanceledException or System.Security.Authentication.AuthenticationException)
        {
            // The client went away, or does not trust the certificate.
        }
    }

    private async Task<string> ReadAsync(Stream stream)
    {
        var (text, buffer) = (new StringBuilder(), new byte[8192]);
        while (!text.ToString().Contains("\r\n\r\n", StringComparison.Ordinal))
        {
            var count = await stream.ReadAsync(buffer, _stop.Token);
            if (count == 0)
                return "";
            text.Append(Encoding.UTF8.GetString(buffer, 0, count));
        }

        return text.ToString();
    }
}
