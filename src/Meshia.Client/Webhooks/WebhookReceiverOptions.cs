namespace Meshia;

/// <summary>How a <see cref="WebhookReceiver"/> listens, and what it puts up with.</summary>
public sealed class WebhookReceiverOptions
{
    /// <summary>Where it listens unless told otherwise: this machine only.</summary>
    public static Uri DefaultUri { get; } = new("http://127.0.0.1:8787/");

    /// <summary>
    /// Address, port and path: <c>http</c> only, since certificates are the business of the proxy in front. The host is
    /// an IP address or <c>localhost</c>, which is both 127.0.0.1 and ::1; <c>0.0.0.0</c> and <c>[::]</c> are all of this
    /// machine's addresses; port 0 is any free port; the path <c>/</c> takes any path.
    /// </summary>
    public Uri Uri { get; init; } = DefaultUri;

    /// <summary>The secret of the webhook; while it is being replaced, the old and the new one.</summary>
    public IReadOnlyList<string> Secrets { get; init; } = [];

    /// <summary>Takes deliveries without any signature being checked. Anybody can then make events up.</summary>
    public bool AllowUnverified { get; init; }

    /// <summary>The longest body, in bytes; a longer one is answered 413.</summary>
    public int MaxBodyBytes { get; init; } = 1024 * 1024;

    /// <summary>The longest request line with all headers, in bytes; a longer one is answered 431.</summary>
    public int MaxHeaderBytes { get; init; } = 16 * 1024;

    /// <summary>How long a sender may take to send a request; a slower one is answered 408.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How old the signed <c>timestamp</c> of an event may be, so that a recorded delivery cannot be sent again later; null
    /// for any age. The service sends a failed delivery again with the old time, and does not say how long it tries.
    /// </summary>
    public TimeSpan? MaximumAge { get; init; } = TimeSpan.FromHours(24);

    /// <summary>
    /// The folder in which deliveries are remembered between runs, a file for each address, so that one cannot be sent
    /// again after a restart; null for nothing. Port 0 is never the same port twice, so it has no file.
    /// </summary>
    public string? LogFolder { get; init; }

    /// <summary>The usual <see cref="LogFolder"/>, in the user's state folder.</summary>
    public static string DefaultLogFolder => System.IO.Path.Combine(StateFolder.FolderPath, "deliveries");

    /// <summary>The clock that events are compared with.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>How many connections are served at once; one more replaces the one that has been idle the longest.</summary>
    public int MaxConnections { get; init; } = 256;
}
