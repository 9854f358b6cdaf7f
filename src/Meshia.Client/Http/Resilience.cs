using System.ComponentModel;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text.RegularExpressions;

namespace Meshia;

/// <summary>Which attempts are repeated, and when.</summary>
internal static class Resilience
{
    /// <summary>The longest wait that the service did not ask for.</summary>
    internal static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(60);

    /// <summary>A 429 without a Retry-After means up to a minute (the limit is per minute), so its first wait is longer.</summary>
    private const int RateLimitDelayFactor = 8;
    private const double JitterShare = 0.1;

    // What Windows says of the alerts of a service.
    private const uint UntrustedRoot = 0x80090325;
    private const uint UnknownCertificate = 0x80090327;
    private const uint ExpiredCertificate = 0x80090328;

    /// <summary>The alerts of a service as OpenSSL says them, always in English.</summary>
    private static readonly Regex _alertAboutCertificate = new(" alert (certificate (required|expired|revoked|unknown)|bad certificate|unsupported certificate|unknown ca|access denied|decrypt error)", RegexOptions.CultureInvariant);

    private static readonly TimeSpan _longestJitter = TimeSpan.FromSeconds(3);
    private static readonly Random _random = new();

    /// <summary>Whether a call is sent again after an attempt.</summary>
    /// <param name="attempt">How the attempt ended.</param>
    /// <param name="number">How many attempts there were before it.</param>
    /// <param name="call">The call.</param>
    /// <param name="options">The settings of the client.</param>
    internal static bool AllowsAnother(Attempt attempt, int number, CallContext call, MeshiaClientOptions options) =>
        !call.IsStopped && number < call.MaxRetries && ShouldRetry(attempt, call.IsRepeatable) && FitsIn(options, attempt.Response, call);

    /// <summary>Whether an attempt is worth another, and cannot do twice what must be done once.</summary>
    /// <param name="attempt">How the attempt ended.</param>
    /// <param name="isRepeatable">Doing it twice does no more than doing it once.</param>
    private static bool ShouldRetry(Attempt attempt, bool isRepeatable) => attempt switch
    {
        { Response.StatusCode: (HttpStatusCode)429 } => true,
        { Response: { } response } => isRepeatable && IsPassing(response.StatusCode),
        { Failure: HttpRequestException failure } => !IsLasting(failure) && (isRepeatable || WasNeverSent(failure)),
        { Failure: TimeOverException } => isRepeatable,
        _ => false,
    };

    /// <summary>Whether a status may be gone at the next attempt: the one list of them. 520 to 530 are those of a proxy (Cloudflare) that lost the service.</summary>
    internal static bool IsPassing(HttpStatusCode status) => (int)status is 408 or 421 or 425 or 429 or (>= 500 and not (501 or 505));

    /// <summary>Whether a status leaves open what the service did.</summary>
    internal static bool LeavesOpen(HttpStatusCode status) => (int)status is 408 or >= 500;

    /// <summary>Whether a call that failed may have done what it asked for all the same.</summary>
    internal static bool MayHaveBeenDone(MeshiaException failure, CallContext call) => failure.Failure switch
    {
        MeshiaFailure.Refused => LeavesOpen(failure.StatusCode!.Value),
        MeshiaFailure.Unreachable => !WasNeverSent(failure.Cause!),
        // While it waited for its turn, or to try again after a 429, nothing was on its way.
        MeshiaFailure.TimedOut => call.IsOnItsWay,
        // A redirect is a refusal, though not in the service's own form; unless it leads to what was created.
        MeshiaFailure.InvalidAnswer => failure.Code != RedirectHandler.ErrorCode || (int)failure.StatusCode!.Value is 301 or 302 or 303,
        _ => false,
    };

    /// <summary>A wait, and up to a tenth or 3 seconds more, so that callers that were refused together do not come back together.</summary>
    internal static TimeSpan Jittered(TimeSpan wait)
    {
        lock (_random)
            return wait + TimeSpan.FromTicks((long)(Math.Min(wait.Ticks * JitterShare, _longestJitter.Ticks) * _random.NextDouble()));
    }

    /// <summary>Whether an attempt may have done what it asked for without saying so.</summary>
    internal static bool MayHaveBeenDone(Attempt attempt) =>
        attempt.Failure is { } failure ? !WasNeverSent(failure) : LeavesOpen(attempt.Response!.StatusCode);

    /// <summary>Whether the connection failed before a byte of the request left.</summary>
    /// <remarks>The same socket errors inside an IOException are those of a connection that was there.</remarks>
    internal static bool WasNeverSent(Exception failure) => Causes(failure).TakeWhile(cause => cause is not IOException).Any(cause => cause
        is SocketException { SocketErrorCode: SocketError.ConnectionRefused or SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData or SocketError.HostUnreachable or SocketError.NetworkUnreachable }
        or WebException { Status: WebExceptionStatus.NameResolutionFailure or WebExceptionStatus.ProxyNameResolutionFailure or WebExceptionStatus.ConnectFailure or WebExceptionStatus.TrustFailure or WebExceptionStatus.SecureChannelFailure }
        or AuthenticationException
        or NoConnectionException) || RefusalOfProxy(failure) is not null || RefusesClient(failure);

    /// <summary>
    /// Whether the service ended the TLS handshake because the client's certificate is missing or not accepted. With TLS 1.3 a client
    /// learns this only after it has sent its request, which the service does not read then.
    /// </summary>
    internal static bool RefusesClient(Exception failure) => Causes(failure).Any(cause => cause switch
    {
        Win32Exception windows => (uint)windows.NativeErrorCode is UntrustedRoot or UnknownCertificate or ExpiredCertificate,
        { Message: var message } => _alertAboutCertificate.IsMatch(message),
    });

    /// <summary>The status with which a proxy refused to open the way to the service, or null. Nothing was sent to the service then.</summary>
    internal static HttpStatusCode? RefusalOfProxy(Exception failure)
    {
#if NET
        return Causes(failure).OfType<HttpRequestException>().FirstOrDefault(cause => cause.HttpRequestError == HttpRequestError.ProxyTunnelError)?.StatusCode;
#else
        // Only a proxy answers with something that is not the answer to the request itself.
        return Causes(failure).OfType<WebException>().Select(cause => (cause.Response as HttpWebResponse)?.StatusCode).FirstOrDefault(status => status is not null);
#endif
    }

    /// <summary>How long the service asks to wait, by its own clock; null if it does not say.</summary>
    internal static TimeSpan? RetryAfter(HttpResponseMessage? response, DateTimeOffset now)
    {
        if (response?.Headers.RetryAfter is not { } header)
            return null;
        var wait = header.Delta ?? header.Date - (response.Headers.Date ?? now);
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }

    /// <summary>How long no process sends with the key after a 429.</summary>
    internal static TimeSpan PauseAfter(HttpResponseMessage response, MeshiaClientOptions options) =>
        RetryAfter(response, options.TimeProvider.GetUtcNow()) ?? TimeSpan.FromTicks(options.RetryDelay.Ticks * RateLimitDelayFactor);

    /// <summary>A retry does not help with a certificate that is not trusted, with an encoding that is not known, or with a proxy that refuses.</summary>
    internal static bool IsLasting(HttpRequestException failure) =>
        Causes(failure).Any(cause => cause is AuthenticationException or NotSupportedException or WebException { Status: WebExceptionStatus.TrustFailure }) || RefusesClient(failure) || RefusalOfProxy(failure) is { } status && !IsPassing(status);

    /// <summary>How long to wait before the next attempt; null if the usual wait will do.</summary>
    internal static TimeSpan? DelayFor(MeshiaClientOptions options, HttpResponseMessage? response, int attempt)
    {
        var wait = RetryAfter(response, options.TimeProvider.GetUtcNow());
        var isLimit = response?.StatusCode == (HttpStatusCode)429;
        if (wait is null && !isLimit)
            return null;
        // A service that says "at once" again and again means less than it says.
        var floor = options.RetryDelay.TotalMilliseconds * (wait is null ? RateLimitDelayFactor : 1) * Math.Pow(2, attempt);
        return Jittered(TimeSpan.FromMilliseconds(Math.Max(wait?.TotalMilliseconds ?? 0, Math.Min(floor, LongestDelay.TotalMilliseconds))));
    }

    /// <summary>A wait beyond the call's total time would only delay the error.</summary>
    private static bool FitsIn(MeshiaClientOptions options, HttpResponseMessage? response, CallContext call) =>
        RetryAfter(response, options.TimeProvider.GetUtcNow()) is not { } wait
        || options.TimeProvider.GetElapsedTime(call.Began) + wait < call.TotalTimeout;

    private static IEnumerable<Exception> Causes(Exception? failure)
    {
        for (; failure is not null; failure = failure.InnerException)
            yield return failure;
    }
}
