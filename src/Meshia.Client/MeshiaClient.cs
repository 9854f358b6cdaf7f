using System.Text;
using System.Text.Json;

namespace Meshia;

/// <summary>
/// The Meshia REST API: one method for each documented endpoint, and <see cref="SendAsync"/> for everything that the service
/// adds. Every request goes through the <see cref="Transport"/>. Methods throw <see cref="MeshiaException"/> where the
/// service or the way to it fails, <see cref="ArgumentException"/> for a bad argument, and
/// <see cref="OperationCanceledException"/> when cancelled.
/// </summary>
/// <remarks>Instances are safe to use from several threads.</remarks>
public sealed partial class MeshiaClient : IDisposable
{
    /// <summary>Methods that HTTP calls idempotent; for others it is not known.</summary>
    private static readonly HashSet<string> _repeatable = new(["GET", "HEAD", "PUT", "DELETE", "OPTIONS"], StringComparer.OrdinalIgnoreCase);

    private readonly ListReader _lists;

    /// <summary>Makes a client; no request is sent yet.</summary>
    /// <param name="key">The key of the account.</param>
    /// <param name="options">Address, time-outs and limits; the defaults where null.</param>
    /// <exception cref="ArgumentException">The address is not an https one, nor http on loopback.</exception>
    public MeshiaClient(ApiKey key, MeshiaClientOptions? options = null)
    {
        Transport = new(key ?? throw new ArgumentNullException(nameof(key)), options ?? new());
        _lists = new(Transport);
    }

    /// <summary>Where the service is.</summary>
    public Uri BaseUri => Transport.Options.BaseUri;

    /// <summary>
    /// How many requests are left in this minute: never more than by the count of this machine's processes, nor than the
    /// service's last answer left in its minute while that is not over.
    /// </summary>
    public int RequestsLeft => Transport.RequestsLeft;

    /// <summary>
    /// What is left of the requests a minute that all processes of this machine share, and who waits. It sends no request.
    /// </summary>
    /// <returns>Null where <see cref="MeshiaClientOptions.RequestsPerMinute"/> switches the limit off.</returns>
    public RateLimit? GetRateLimit() => Transport.Budget is { } budget ? new(BaseUri, budget.Look(), budget.Commands()) : null;

    internal Transport Transport { get; }

    /// <summary>Sends any request of the API with the same key, limit and retry as all others.</summary>
    /// <param name="method">GET, HEAD, PUT and DELETE are repeated where that can help; others only where they surely did nothing.</param>
    /// <param name="path">Below the base address, as in <c>/sessions?status=running</c>.</param>
    /// <param name="body">Plain values to send as JSON, or null for no body.</param>
    /// <param name="call">The settings of this call.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The answer's JSON as plain values; its text if it is not JSON; null if it is empty.</returns>
    public async Task<object?> SendAsync(HttpMethod method, string path, object? body = null, CallOptions? call = null, CancellationToken cancellationToken = default)
    {
        var request = Transport.Request(method, path) with { Body = body is null ? null : JsonValue.ToBytes(body), IsRepeatable = _repeatable.Contains(method.Method) };
        using var response = await Transport.SendAsync(request, call, cancellationToken).ConfigureAwait(false);
        return await ApiResponse.ReadAnyAsync(response).ConfigureAwait(false);
    }

    /// <summary>Finds out with one small request whether the service answers and takes the key; it does not throw for either.</summary>
    /// <param name="timeout">How long to wait, retries included.</param>
    /// <param name="call">The settings of this call.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<ConnectionTest> TestAsync(TimeSpan timeout, CallOptions? call = null, CancellationToken cancellationToken = default) =>
        new ConnectionTester(Transport).TestAsync(timeout, call, cancellationToken);

    /// <summary>Finds out with one small request whether the service takes the key; throws where it does not, or cannot be asked.</summary>
    internal Task TestKeyAsync(CallOptions? call, CancellationToken cancellationToken) => new ConnectionTester(Transport).AskAsync(call, cancellationToken);

    /// <summary>Reads JSON text into the plain values that <see cref="SendAsync"/> takes.</summary>
    /// <exception cref="FormatException">It is not JSON.</exception>
    public static object? ParseJson(string text)
    {
        try
        {
            return JsonValue.Parse(Encoding.UTF8.GetBytes(text));
        }
        catch (JsonException failure)
        {
            throw new FormatException($"{failure.Message}", failure);
        }
    }

    /// <summary>Ends the client's own requests; connections are shared by all clients and stay.</summary>
    public void Dispose() => Transport.Dispose();
}
