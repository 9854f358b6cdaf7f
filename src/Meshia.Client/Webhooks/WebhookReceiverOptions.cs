namespace Meshia;

/// <summary>How a <see cref="WebhookReceiver"/> listens, and what it puts up with.</summary>
public sealed class WebhookReceiverOptions
{
    /// <summary>Where it listens unless told otherwise: this machine only.</summary>
    public static Uri DefaultUri { get; } = new("http://127.0.0.1:8787/");

    /// <summary>
    /// Address, port and path: <c>http</c> only, since certificates are the business of the proxy in front. The host is
    /// an IP address or <c>localhost</c>; <c>0.0.0.0</c> and <c>[::]</c> are all of this machine's; port 0 is any free
    /// one; the path <c>/</c> takes any path.
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

    /// <summary>How many connections are served at once; more wait.</summary>
    public int MaxConnections { get; init; } = 256;
}
