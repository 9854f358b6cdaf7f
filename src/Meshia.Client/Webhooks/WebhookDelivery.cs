using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;

namespace Meshia;

/// <summary>A delivery that its receiver took.</summary>
public sealed class WebhookDelivery
{
    private static readonly HttpClient _http = new(ConnectionPool.Handler, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan };

    private WebhookDelivery(Uri uri, string eventType, int statusCode, TimeSpan latency, bool isSigned)
    {
        Uri = uri;
        EventType = eventType;
        StatusCode = statusCode;
        Latency = latency;
        IsSigned = isSigned;
    }

    /// <summary>The receiver.</summary>
    public Uri Uri { get; }

    /// <summary>What was delivered, and where.</summary>
    public override string ToString() => $"{EventType} {Webhook.Shown(Uri)}";

    /// <summary>What was delivered, as in <c>experiment.completed</c>.</summary>
    public string EventType { get; }

    /// <summary>The receiver's HTTP status.</summary>
    public int StatusCode { get; }

    /// <summary>How long the receiver took to answer.</summary>
    public TimeSpan Latency { get; }

    /// <summary>Whether it was signed.</summary>
    public bool IsSigned { get; }

    /// <summary>Delivers a body as the service does, but once. No API key goes with it.</summary>
    /// <param name="uri">The receiver.</param>
    /// <param name="eventType">What the body is about.</param>
    /// <param name="body">The bytes to send, as from <see cref="WebhookSample.Body"/>.</param>
    /// <param name="secret">Signs them; null for no signature.</param>
    /// <param name="timeout">How long to wait for an answer.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="MeshiaException">The receiver is not there, is silent, or answers anything but 2xx.</exception>
    public static async Task<WebhookDelivery> SendAsync(Uri uri, string eventType, byte[] body, string? secret, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, uri) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        if (secret is not null)
            request.Headers.Add(WebhookSignature.Header, WebhookSignature.Sign(body, secret));

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(timeout);
        var watch = Stopwatch.StartNew();
        try
        {
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token).ConfigureAwait(false);
            var status = (int)response.StatusCode;
            return response.IsSuccessStatusCode
                ? new WebhookDelivery(uri, eventType, status, watch.Elapsed, secret is not null)
                : throw new MeshiaException(MeshiaFailure.Refused, "receiver_refused", $"The receiver at {Webhook.Shown(uri)} answered {status.ToString(CultureInfo.InvariantCulture)} to {eventType}.")
                {
                    StatusCode = response.StatusCode,
                    RecommendedAction = status == 401 ? "Give the secret of the receiver." : "Check the log of the receiver.",
                };
        }
        catch (HttpRequestException failure)
        {
            throw new MeshiaException(MeshiaFailure.Unreachable, "receiver_unreachable", $"The receiver at {Webhook.Shown(uri)} could not be reached: {failure.GetBaseException().Message}", failure);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new MeshiaException(MeshiaFailure.TimedOut, "receiver_timed_out", $"The receiver at {Webhook.Shown(uri)} did not answer within {timeout.TotalSeconds.ToString(CultureInfo.InvariantCulture)} s.");
        }
    }
}
