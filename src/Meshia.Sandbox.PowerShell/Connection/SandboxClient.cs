using System.Management.Automation;
using System.Net;
using System.Net.Http.Headers;

namespace Meshia.PowerShell;

/// <summary>Requests to the part of a sandbox that the real service does not have, below <c>/sandbox</c>.</summary>
internal sealed class SandboxClient(Uri baseUri, ApiKey key)
{
    /// <summary>A step may deliver many webhooks to receivers that are slow.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(10);

    // Nothing on loopback goes through a proxy, and no redirect takes the key elsewhere.
    private static readonly HttpClient _http = new(new HttpClientHandler { UseProxy = false, AllowAutoRedirect = false, UseCookies = false }) { Timeout = _patience };

    private readonly Uri _origin = new(baseUri, "/sandbox/");

    /// <summary>Sends a request, and reads the JSON of its answer.</summary>
    /// <param name="method">The HTTP method.</param>
    /// <param name="path">The path below <c>/sandbox</c>.</param>
    /// <param name="body">Plain values, sent as JSON; bytes are sent as they are.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <returns>The fields of the answer; empty without a body.</returns>
    /// <exception cref="SandboxRequestException">The sandbox refuses, or does not answer.</exception>
    public async Task<JsonFields> SendAsync(string method, string path, object? body, CancellationToken cancellationToken)
    {
        var answer = await SendBytesAsync(method, path, body, cancellationToken).ConfigureAwait(false);
        return new(answer.Length == 0 ? [] : (Dictionary<string, object?>)JsonValue.Parse(answer)!);
    }

    /// <summary>The same, with the answer as it came.</summary>
    /// <exception cref="SandboxRequestException">The sandbox refuses, or does not answer.</exception>
    public async Task<byte[]> SendBytesAsync(string method, string path, object? body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(_origin, path));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key.Reveal());
        // On a connection of its own: nothing sends a request again when a kept connection has died.
        request.Headers.ConnectionClose = true;
        if (method != "GET")
        {
            request.Content = new ByteArrayContent(body as byte[] ?? (body is null ? [] : JsonValue.ToBytes(body)));
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        try
        {
            using var response = await _http.SendAsync(request, cancellationToken).ConfigureAwait(false);
            var answer = await response.Content.ReadAsByteArrayAsync().ConfigureAwait(false);
            return response.IsSuccessStatusCode ? answer : throw Refused(response.StatusCode, answer);
        }
        catch (HttpRequestException failure)
        {
            throw new SandboxRequestException("SandboxNotReached", ErrorCategory.ConnectionError, $"The sandbox at {_origin.GetLeftPart(UriPartial.Authority)} does not answer: {failure.GetBaseException().Message}", "Start it again, or choose another one with Select-MeshiaSandbox.", failure);
        }
        catch (OperationCanceledException failure) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SandboxRequestException("SandboxTimedOut", ErrorCategory.OperationTimeout, $"The sandbox did not answer within {_patience.TotalMinutes:0} minutes.", null, failure);
        }
    }

    private static SandboxRequestException Refused(HttpStatusCode status, byte[] answer)
    {
        var (code, message) = ("SandboxError", $"The sandbox answered {(int)status}.");
        try
        {
            if (JsonValue.Parse(answer) is Dictionary<string, object?> map && map.TryGetValue("error", out var value) && value is Dictionary<string, object?> error)
                (code, message) = (error["code"] as string ?? code, error["message"] as string ?? message);
        }
        catch (Exception failure) when (failure is System.Text.Json.JsonException or KeyNotFoundException)
        {
            // Another program answers there: the status is all that is known.
        }

        var category = status switch
        {
            HttpStatusCode.NotFound => ErrorCategory.ObjectNotFound,
            HttpStatusCode.Unauthorized => ErrorCategory.AuthenticationError,
            HttpStatusCode.Forbidden => ErrorCategory.PermissionDenied,
            HttpStatusCode.Conflict => ErrorCategory.ResourceExists,
            >= HttpStatusCode.InternalServerError => ErrorCategory.InvalidResult,
            _ => ErrorCategory.InvalidArgument,
        };
        return new(code, category, message, status == HttpStatusCode.Unauthorized ? "Use the key with which the sandbox was started." : null, null);
    }
}

/// <summary>A sandbox refused a request, or did not answer.</summary>
internal sealed class SandboxRequestException(string code, ErrorCategory category, string message, string? advice, Exception? innerException) : Exception(message, innerException)
{
    /// <summary>The code of the sandbox, or of this module.</summary>
    public string Code { get; } = code;

    public ErrorCategory Category { get; } = category;

    public string? Advice { get; } = advice;
}
