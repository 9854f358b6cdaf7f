namespace Meshia;

/// <summary>Which account of which service the cmdlets of this session talk to.</summary>
public sealed class MeshiaConnection
{
    internal MeshiaConnection(ApiKey key, KeySource keySource, MeshiaClientOptions options, ConnectionProfile? profile = null)
    {
        Client = new MeshiaClient(key, options);
        Suggestions = new MeshiaClient(key, new() { BaseUri = options.BaseUri, MaxRetries = 0, FirstPageOnly = true });
        (Key, KeySource, BaseUri) = (key.ToString(), keySource, options.BaseUri);
        (Profile, Vault) = (profile?.Name, profile?.Vault);
        (TimeoutSeconds, RequestTimeoutSeconds, MaximumRetryCount) = ((int)options.TotalTimeout.TotalSeconds, (int)options.RequestTimeout.TotalSeconds, options.MaxRetries);
    }

    /// <summary>The profile in use, or null.</summary>
    public string? Profile { get; }

    /// <summary>Where the service is.</summary>
    public Uri BaseUri { get; }

    /// <summary>Where the key came from.</summary>
    public KeySource KeySource { get; }

    /// <summary>The vault that keeps the key, or null.</summary>
    public string? Vault { get; }

    /// <summary>The end of the key, for telling keys apart; never the key.</summary>
    public string Key { get; }

    /// <summary>How long one call may take until its answer begins, with every retry and every wait, in seconds.</summary>
    public int TimeoutSeconds { get; }

    /// <summary>How long one attempt of a call may take, in seconds.</summary>
    public int RequestTimeoutSeconds { get; }

    /// <summary>How often a failed attempt is repeated.</summary>
    public int MaximumRetryCount { get; }

    internal MeshiaClient Client { get; }

    /// <summary>For a person at a prompt: it tries once, reads one page, and counts against the same limit.</summary>
    internal MeshiaClient Suggestions { get; }

    /// <summary>Where the key came from, for a sentence about a key that is refused.</summary>
    internal string DescribeKey() => KeySource switch
    {
        KeySource.Parameter => "given to Connect-Meshia",
        KeySource.Environment => "from the environment variable MESHIA_API_KEY",
        KeySource.Prompt => "typed at Connect-Meshia",
        KeySource.Sandbox => "of the sandbox",
        _ => $"of profile '{Profile}', from vault '{Vault}'",
    };
}
