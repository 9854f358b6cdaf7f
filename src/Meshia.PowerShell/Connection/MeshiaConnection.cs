namespace Meshia;

/// <summary>Which account of which service the cmdlets of this session talk to.</summary>
public sealed class MeshiaConnection
{
    internal MeshiaConnection(ApiKey key, string keySource, MeshiaClientOptions options)
    {
        Client = new MeshiaClient(key, options);
        (Key, KeySource, BaseUri) = (key.ToString(), keySource, options.BaseUri);
        (TimeoutSeconds, RequestTimeoutSeconds, MaximumRetryCount) = ((int)options.TotalTimeout.TotalSeconds, (int)options.RequestTimeout.TotalSeconds, options.MaxRetries);
    }

    /// <summary>Where the service is.</summary>
    public Uri BaseUri { get; }

    /// <summary>Where the key came from: <c>Parameter</c>, <c>Environment</c> or <c>Sandbox</c>.</summary>
    public string KeySource { get; }

    /// <summary>The end of the key, for telling keys apart; never the key.</summary>
    public string Key { get; }

    /// <summary>How long one call may take until its answer begins, with every retry and every wait, in seconds.</summary>
    public int TimeoutSeconds { get; }

    /// <summary>How long one attempt of a call may take, in seconds.</summary>
    public int RequestTimeoutSeconds { get; }

    /// <summary>How often a failed attempt is repeated.</summary>
    public int MaximumRetryCount { get; }

    internal MeshiaClient Client { get; }
}
