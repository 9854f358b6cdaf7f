namespace Meshia;

/// <summary>
/// A named account: where its service is, which secret of which vault is its key, and what its sessions may be. It never
/// holds the key.
/// </summary>
public sealed class ConnectionProfile
{
    /// <summary>The name of the profile that is used where none is named.</summary>
    public const string DefaultName = "default";

    /// <summary>Its name; letters, digits, <c>.</c>, <c>_</c> and <c>-</c>, in any case.</summary>
    public required string Name { get; init; }

    /// <summary>The name.</summary>
    public override string ToString() => Name;

    /// <summary>Where the service is.</summary>
    public required Uri BaseUri { get; init; }

    /// <summary>The SecretManagement vault that keeps the key.</summary>
    public required string Vault { get; init; }

    /// <summary>The key's name in the vault.</summary>
    public required string SecretName { get; init; }

    /// <summary>How many sessions of the account may be live at a time, 1 or more; null for any number.</summary>
    public int? MaxRunning { get; init; }

    /// <summary>The GPUs that may be used; empty for any.</summary>
    public IReadOnlyList<string> AllowedGpu { get; init; } = [];

    /// <summary>Whether each session needs a longest time.</summary>
    public bool RequireMaxDuration { get; init; }

    /// <summary>The price of an hour of each GPU, in the user's own currency.</summary>
    public IReadOnlyDictionary<string, decimal> Price { get; init; } = new Dictionary<string, decimal>();

    /// <summary>How long a new session of <c>-Once</c> is watched before it is handed out, in seconds; null for the default.</summary>
    public double? SettleSeconds { get; init; }

    /// <summary>The file of the client certificate, for a service that asks for one; null for none. Its password is not saved.</summary>
    public string? CertificatePath { get; init; }

    /// <summary>What its sessions may be.</summary>
    internal SessionPolicy Policy => new() { MaxRunning = MaxRunning, AllowedGpus = AllowedGpu, RequireMaxDuration = RequireMaxDuration, Prices = Price };

    /// <summary>The settle time, or null for the default.</summary>
    internal TimeSpan? SettleTime => SettleSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null;

    /// <summary>A name that a profile can have.</summary>
    public const string NamePattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$";
}
