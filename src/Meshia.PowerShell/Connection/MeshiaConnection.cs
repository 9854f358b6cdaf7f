using Meshia.PowerShell;

namespace Meshia;

/// <summary>Which account of which service the cmdlets of this session talk to.</summary>
public sealed class MeshiaConnection
{
    /// <param name="key">The key.</param>
    /// <param name="keySource">Where it came from.</param>
    /// <param name="options">How to talk to the service.</param>
    /// <param name="profile">The profile in use.</param>
    /// <param name="isKept">Whether the profile's vault keeps this key; else only the address is the profile's.</param>
    internal MeshiaConnection(ApiKey key, KeySource keySource, MeshiaClientOptions options, ConnectionProfile? profile = null, bool isKept = true)
    {
        ModuleInitializer.LoadAll();
        Client = new MeshiaClient(key, options);
        Recent = new CompletionCache(Client);
        Options = options;
        KeptBy = isKept ? profile : null;
        (Key, KeySource, BaseUri) = (key.ToString(), keySource, options.BaseUri);
        (Profile, Vault) = (profile?.Name, KeptBy?.Vault);
        (TimeoutSeconds, RequestTimeoutSeconds, MaximumRetryCount) = ((int)options.TotalTimeout.TotalSeconds, (int)options.RequestTimeout.TotalSeconds, options.MaxRetries);
    }

    /// <summary>The profile in use, or null.</summary>
    public string? Profile { get; }

    /// <summary>The address and the end of the key.</summary>
    public override string ToString() => $"{BaseUri.AbsoluteUri} {Key}";

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

    /// <summary>How many sessions of the account may be live at a time; null for any number.</summary>
    public int? MaxRunning => Options.Policy.MaxRunning;

    /// <summary>The GPUs that may be used; empty for any.</summary>
    public IReadOnlyList<string> AllowedGpu => Options.Policy.AllowedGpus;

    /// <summary>Whether each session needs -MaxDuration.</summary>
    public bool RequireMaxDuration => Options.Policy.RequireMaxDuration;

    /// <summary>The price of an hour of each GPU, in the user's own currency.</summary>
    public IReadOnlyDictionary<string, decimal> Price => Options.Policy.Prices;

    /// <summary>How long a new session of -Once is watched before it is handed out, in seconds; null for the default.</summary>
    public double? SettleSeconds => Options.SettleTime?.TotalSeconds;

    /// <summary>The thumbprint of the client certificate for a service that asks for one, or null.</summary>
    public string? CertificateThumbprint => Options.ClientCertificate?.Thumbprint;

    internal MeshiaClient Client { get; }

    /// <summary>What completion at a prompt suggests.</summary>
    internal CompletionCache Recent { get; }

    /// <summary>Whether completion has waited for an answer over this connection before.</summary>
    internal bool HasSuggested { get; set; }

    internal MeshiaClientOptions Options { get; }

    /// <summary>The profile whose vault keeps the key, or null.</summary>
    internal ConnectionProfile? KeptBy { get; }

    /// <summary>Whether the service has refused the key.</summary>
    internal bool IsRefused { get; set; }

    /// <summary>Where the key came from, for a sentence about a key that is refused.</summary>
    internal string DescribeKey() => KeySource switch
    {
        KeySource.Profile or KeySource.DefaultProfile => $"of profile '{Profile}', from vault '{Vault}'",
        KeySource.Parameter => $"given to Connect-Meshia{DescribeKeeping()}",
        KeySource.Prompt => $"typed at Connect-Meshia{DescribeKeeping()}",
        KeySource.Environment => $"from the environment variable MESHIA_API_KEY{DescribeKeeping()}",
        _ => "of the sandbox",
    };

    private string DescribeKeeping() => KeptBy is null ? "" : $" and saved as profile '{Profile}' in vault '{Vault}'";
}
