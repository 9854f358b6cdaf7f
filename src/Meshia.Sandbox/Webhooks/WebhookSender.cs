using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Mime;
using System.Security.Cryptography;
using System.Text;
using Meshia.Sandbox.Faults;
using Meshia.Sandbox.Time;

namespace Meshia.Sandbox.Webhooks;

/// <summary>Delivers what is due: to each webhook in order, one at a time; to different webhooks at once.</summary>
internal sealed class WebhookSender(
    Database database, Seed seed, SandboxOptions options, WakeSignal wake, SandboxClock clock, TimeProvider real, ILogger<WebhookSender> logger) : IDisposable
{
    private const int MaxRetries = 3;

    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, Task> _sending = [];

    // A delivery has the headers that are set here: no traceparent, which would be another one each time.
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false, ActivityHeadersPropagator = null })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <summary>Starts sending and returns at once. Called by one thread at a time.</summary>
    public void SendDue(CancellationToken stopping)
    {
        using var connection = database.Open();
        foreach (var webhookId in DeliveryTable.WebhooksWithDue(connection, clock.Now))
        {
            if (_sending.TryGetValue(webhookId, out var task) && !task.IsCompleted)
                continue;
            _sending[webhookId] = task = Task.Run(() => SendAllAsync(webhookId, stopping), CancellationToken.None);
            // Only once it is seen as completed, so that what came in the meantime is not left lying.
            task.ContinueWith(_ => wake.Set(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    /// <summary>When the next attempt is due; null when none is.</summary>
    public DateTimeOffset? NextDue()
    {
        using var connection = database.Open();
        return DeliveryTable.NextDue(connection);
    }

    /// <summary>Sends all that is due by now and returns when every attempt has ended. Not to be called beside <see cref="SendDue"/>.</summary>
    public async Task DrainAsync(CancellationToken stopping)
    {
        do
        {
            SendDue(stopping);
            await FinishAsync();
        }
        while (NextDue() <= clock.Now && !stopping.IsCancellationRequested);
    }

    public Task FinishAsync() => Task.WhenAll(_sending.Values);

    public void Dispose() => _http.Dispose();

    /// <summary>[D] <c>sha256=</c> and the HMAC of the raw body under the secret; null without a secret.</summary>
    private static string? Signature(Message message, byte[] body)
    {
        var isBad = message.Effect == nameof(FaultEffect.BadSignature);
        return message.Secret is null && !isBad
            ? null
            : $"sha256={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes($"{(isBad ? "not " : "")}{message.Secret}"), body))}";
    }

    private async Task SendAllAsync(string webhookId, CancellationToken stopping)
    {
        try
        {
            while (NextDue(webhookId) is { } message)
                await SendAsync(message, stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The message is still stored as due: it is sent after the restart.
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // The message is still due, so that without a pause this would be tried again at once, for ever.
            logger.DeliveryFailed(exception, webhookId);
            await Task.Delay(_pause, real, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private Message? NextDue(string webhookId)
    {
        using var connection = database.Open();
        return DeliveryTable.FirstDue(connection, webhookId, clock.Now);
    }

    private async Task SendAsync(Message message, CancellationToken stopping)
    {
        var at = clock.Now;
        var begin = Stopwatch.GetTimestamp();
        int? status = null;
        string? error = null;
        try
        {
            status = await PostAsync(message, stopping);
            if (status is < 200 or >= 300)
                error = $"The receiver answered {status}.";
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            error = $"The receiver did not answer within {_timeout.TotalSeconds} s.";
        }
        catch (Exception exception) when (exception is not (OperationCanceledException or OutOfMemoryException))
        {
            // Whatever an address leads to, it is an attempt that failed. The innermost exception says why.
            error = exception.GetBaseException().Message;
        }

        // Where the clock stands still, nothing takes time: the log is the same each time.
        var latency = clock.StandsStill ? TimeSpan.Zero : Stopwatch.GetElapsedTime(begin);
        var attempt = message.Attempts + 1;
        database.Write(connection =>
        {
            DeliveryTable.InsertDelivery(connection, new Delivery
            {
                Id = seed.Id("dlv", message.Id, attempt.ToString(CultureInfo.InvariantCulture)),
                MessageId = message.Id,
                MessageNumber = message.Number,
                WebhookId = message.WebhookId,
                Event = message.Event,
                Attempt = attempt,
                RequestBody = message.Body,
                ResponseStatus = status,
                LatencyMs = Math.Round(latency.TotalMilliseconds, 3),
                Error = error,
                Fault = message.Fault,
                CreatedAt = at,
            });
            if (error is null || attempt > MaxRetries)
                DeliveryTable.Finish(connection, message.Id);
            else
                DeliveryTable.Retry(connection, message.Id, clock.Now + (options.WebhookBackoff * Math.Pow(2, attempt - 1)));
        });
    }

    private async Task<int> PostAsync(Message message, CancellationToken stopping)
    {
        var body = Encoding.UTF8.GetBytes(message.Body);
        var signature = Signature(message, body);
        if (message.Effect == nameof(FaultEffect.Corrupt))
            body[body.Length / 2] ^= 1;
        using var request = new HttpRequestMessage(HttpMethod.Post, message.Url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(MediaTypeNames.Application.Json);
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("Meshia-Sandbox", "1"));
        if (signature is not null)
            request.Headers.Add("X-Meshia-Signature", signature);
        if (message.Fault is not null)
            request.Headers.Add(FaultContext.Header, message.Fault);

        using var timeout = new CancellationTokenSource(_timeout, real);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stopping);
        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
        return (int)response.StatusCode;
    }
}
