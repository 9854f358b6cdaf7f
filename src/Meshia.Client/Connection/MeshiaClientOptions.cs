using System.Globalization;
using System.Security.Cryptography.X509Certificates;

namespace Meshia;

/// <summary>How a <see cref="MeshiaClient"/> talks to the service. The defaults suit an unattended runbook.</summary>
public sealed class MeshiaClientOptions
{
    private static readonly TimeSpan _shortestTime = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan _longestTime = TimeSpan.FromDays(1);

    /// <summary>The service's documented address.</summary>
    public static Uri DefaultBaseUri { get; } = new("https://run.meshia.io/api/v1");

    /// <summary>Where the service is: <c>https</c>, or <c>http</c> on loopback (a sandbox).</summary>
    public Uri BaseUri { get; init; } = DefaultBaseUri;

    /// <summary>How long one attempt may take until its answer begins, and how long a body may stall after that. Default 100 s.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(100);

    /// <summary>How long one call may take until its answer begins, with every retry and every wait. Default 5 min.</summary>
    public TimeSpan TotalTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How often a failed attempt is repeated. Default 5.</summary>
    public int MaxRetries { get; init; } = 5;

    /// <summary>The first wait before a retry; it doubles from retry to retry, with jitter. Default 0.5 s.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(0.5);

    /// <summary>
    /// Requests in any 60 seconds, for all processes of this user on this machine with one key. Default 60, the documented limit; the
    /// environment variable <c>MESHIA_REQUESTS_PER_MINUTE</c> may make it less. More than 60 switches the limit off.
    /// </summary>
    public int RequestsPerMinute { get; init; } = 60;

    /// <summary>
    /// How long a new session of a key is watched before it is handed out; null for the environment variable
    /// <c>MESHIA_SETTLE_SECONDS</c>, else 45 s, or 0 where the service is a sandbox that lists at once.
    /// </summary>
    public TimeSpan? SettleTime { get; init; }

    /// <summary>
    /// The certificate for a service that asks its clients for one (mutual TLS), with its private key; null for none. It needs
    /// <c>https</c>. It is sent to the host of <see cref="BaseUri"/> only: not to hosts of files, nor to a proxy.
    /// </summary>
    public X509Certificate2? ClientCertificate { get; init; }

    /// <summary>What sessions may be, and the prices of GPUs.</summary>
    internal SessionPolicy Policy { get; init; } = SessionPolicy.None;

    /// <summary>Is told what happens during every call that has no observer of its own, from any thread.</summary>
    public Action<ClientMessage>? Observer { get; init; }

    /// <summary>The clock for retries and time-outs.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <exception cref="ArgumentException">
    /// The address could carry the key in the clear, or is no address of a service; a number makes no sense; or the client certificate
    /// cannot be used.
    /// </exception>
    internal void Validate()
    {
        // First, and without the address: it may contain a key.
        if (BaseUri.IsAbsoluteUri && (BaseUri.UserInfo.Length > 0 || BaseUri.Query.Length > 0 || BaseUri.Fragment.Length > 0))
            throw new ArgumentException($"The address of the service must have no user, query or fragment. Example: {DefaultBaseUri}", nameof(BaseUri));
        RequireTime(RequestTimeout, nameof(RequestTimeout));
        RequireTime(TotalTimeout, nameof(TotalTimeout));
        if (RequestsPerMinute < 1)
            throw new ArgumentException($"{RequestsPerMinute} requests a minute is not valid. Valid values: 1 or more. The documented limit is 60.", nameof(RequestsPerMinute));
        if (SettleTime < TimeSpan.Zero || SettleTime > OnceTiming.LongestSettleTime)
            throw new ArgumentException($"The settle time must be between 0 and {OnceTiming.LongestSettleTime.TotalSeconds:0} seconds.", nameof(SettleTime));
        if (MaxRetries < 0)
            throw new ArgumentException($"{MaxRetries} is not a number of retries. Valid values: 0 (no retry) or more.", nameof(MaxRetries));
        if (!BaseUri.IsAbsoluteUri || (BaseUri.Scheme != Uri.UriSchemeHttps && BaseUri.Scheme != Uri.UriSchemeHttp))
            throw new ArgumentException($"The address '{BaseUri}' is not an http(s) address. Example: {DefaultBaseUri}", nameof(BaseUri));
        if (BaseUri.Scheme == Uri.UriSchemeHttp && !BaseUri.IsLoopback)
            throw new ArgumentException($"The address '{BaseUri}' is not allowed: without https the API key would be sent unencrypted. http is only for this machine (loopback).", nameof(BaseUri));
        if (ClientCertificate is null)
            return;
        if (BaseUri.Scheme != Uri.UriSchemeHttps)
            throw new ArgumentException($"A client certificate can only be used with https. The address is '{BaseUri}'.", nameof(ClientCertificate));
        ClientCertificateFile.Check(ClientCertificate, nameof(ClientCertificate), TimeProvider.GetUtcNow());
    }

    private static void RequireTime(TimeSpan time, string name)
    {
        if (time < _shortestTime || time > _longestTime)
            throw new ArgumentException($"{time.TotalSeconds.ToString(CultureInfo.InvariantCulture)} s is not valid for {name}. Valid values: {_shortestTime.TotalSeconds.ToString(CultureInfo.InvariantCulture)} s to a day.", name);
    }
}
